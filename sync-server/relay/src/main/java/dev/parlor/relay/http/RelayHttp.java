package dev.parlor.relay.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.tls.ServerCertificate;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The web server of a relay without rooms. {@code /health/live} reports whether the process needs
 * no restart, {@code /health/ready} whether it can serve. {@code /metrics} has Prometheus' text
 * format. Sockets open at {@code /sync}, and the owner adds further routes; every other path gets
 * 404.
 */
public final class RelayHttp {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final WebPort web;

  /**
   * @param tls certificate and key; empty for plain TCP
   * @param routes adds further routes
   */
  public RelayHttp(
      RelayConfig config,
      Optional<ServerCertificate> tls,
      Origins origins,
      Health health,
      Metrics metrics,
      SyncSockets sockets,
      HttpRoutes routes) {
    var basePath = new BasePathRouting(config.basePath());
    this.web =
        new WebPort(
            config.host(),
            config.port(),
            basePath,
            tls,
            sockets.upgraders(config.clients()),
            builder ->
                builder
                    .enableProxyProtocol(config.clients().proxyProtocol())
                    .maxPayloadSize(-1) // each endpoint limits its own body
                    .routing(routing(basePath, origins, health, metrics, routes)));
  }

  private static HttpRouting.Builder routing(
      BasePathRouting basePath,
      Origins origins,
      Health health,
      Metrics metrics,
      HttpRoutes routes) {
    var routing = HttpRouting.builder();
    routing
        .addFilter(new ConnectionClose())
        .addFilter(basePath)
        .addFilter(
            (chain, request, response) -> {
              if (origins.isOurHost(request.headers().first(HeaderNames.HOST).orElse(""))) {
                chain.proceed();
              } else {
                response.status(421).send("this server does not accept that Host header\n");
              }
            })
        .get("/health/live", (_, response) -> live(health, response))
        .get("/health/ready", (_, response) -> ready(health, response))
        .get(
            "/metrics",
            (_, response) ->
                response
                    .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                    .header(HeaderNames.CACHE_CONTROL, "no-store")
                    .send(metrics.scrape()));
    routes.addTo(routing);
    return routing;
  }

  private static void live(Health health, ServerResponse response) {
    var reason = health.fatalReason();
    var body = new LinkedHashMap<String, Object>();
    body.put("live", reason.isEmpty());
    reason.ifPresent(text -> body.put("reason", text));
    send(response, reason.isEmpty() ? 200 : 503, body);
  }

  private static void ready(Health health, ServerResponse response) {
    var report = health.report();
    send(
        response,
        report.ready() ? 200 : 503,
        Map.of("ready", report.ready(), "parts", report.parts()));
  }

  private static void send(ServerResponse response, int status, Object body) {
    try {
      response
          .status(status)
          .header(HeaderNames.CONTENT_TYPE, "application/json")
          .header(HeaderNames.CACHE_CONTROL, "no-store")
          .send(JSON.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a health report is not JSON", e);
    }
  }

  /**
   * Starts to accept connections.
   *
   * @throws IOException if the port is in use or the address does not belong to this machine
   */
  public void start() throws IOException {
    web.start();
  }

  /** The port that the server listens on. */
  public int port() {
    return web.port();
  }

  /** Stops accepting connections, waits briefly for running requests, then closes. */
  public void stop() {
    web.stop();
  }
}
