package dev.parlor.server.http;

import dev.parlor.server.access.Identities;
import dev.parlor.server.access.LinkKeys;
import dev.parlor.server.access.Origins;
import dev.parlor.server.access.RoomRegistry;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Health;
import dev.parlor.server.health.Health.Condition;
import dev.parlor.server.health.Metrics;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The web server: every endpoint, the page, and the sockets' routing on one port. Wired by {@code
 * Main}; starts once and stops once.
 */
public final class HttpFace {

  /** Headers of one request; above: 400. */
  private static final int HEADERS_BYTES_MAX = 16 << 10;

  /**
   * What the endpoints work with.
   *
   * @param nanoTime a monotonic clock for rates
   * @param page the class loader that holds the built page under {@code web/}
   */
  public record Parts(
      About about,
      Limits limits,
      Origins origins,
      Identities identities,
      RoomRegistry registry,
      LinkKeys keys,
      Health health,
      Metrics metrics,
      InstantSource clock,
      LongSupplier nanoTime,
      ClassLoader page) {}

  private final WebServer server;

  public HttpFace(Parts parts, String host, int port, WsRouting.Builder sockets) {
    this.server =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            .maxPayloadSize(-1)
            .writeQueueLength(0)
            .addProtocol(
                io.helidon.webserver.http1.Http1Config.builder()
                    .maxHeadersSize(HEADERS_BYTES_MAX)
                    .build())
            .directHandlers(HttpFace.directHandlers())
            .routing(routing(parts))
            .addRouting(sockets)
            .build();
  }

  /** Listens from here on; throws when the port is taken. */
  public void start() {
    server.start();
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Stops accepting, lets running requests end for a moment, closes. */
  public void stop() {
    server.stop();
  }

  private static HttpRouting.Builder routing(Parts parts) {
    var limits = new RequestLimits(parts.limits(), parts.nanoTime());
    var door = new Door(parts.identities(), parts.registry(), parts.keys());
    var idempotency = new Idempotency(parts.limits().http(), parts.clock());
    var endpoints =
        new Endpoints(
            door, idempotency, limits, parts.metrics(), parts.limits().http().bodyBytesMax());
    var routing = HttpRouting.builder().addFilter(new Guards(parts.origins()));

    var status = new StatusApi(parts.about(), parts.limits(), parts.health(), parts.metrics());
    routing.get("/health/live", endpoints.unlimited("/health/live", status::live));
    routing.get("/health/ready", endpoints.unlimited("/health/ready", status::ready));
    routing.get("/metrics", endpoints.unlimited("/metrics", status::metrics));
    endpoints.get("/api/health", status::parts);
    endpoints.get("/api/config", status::config);

    var identities = new IdentityApi(parts.identities(), limits);
    endpoints.post("/api/identities", identities::create);

    endpoints.addTo(routing);
    addPage(parts, endpoints, routing);
    return routing;
  }

  /** The page, and 404 as a problem for whatever is left. */
  private static void addPage(Parts parts, Endpoints endpoints, HttpRouting.Builder routing) {
    var site = new StaticSite(parts.page(), "web");
    var built = site.isBuilt();
    parts
        .health()
        .register(
            Health.Part.PAGE, () -> built ? Condition.ok("built") : Condition.failing("not built"));
    var index = endpoints.unlimited("/", site::index);
    var file = endpoints.unlimited("/{file}", site::file);
    routing.get("/", index).head("/", index).get("/r/*", index).head("/r/*", index);
    routing.get("/*", file).head("/*", file);
    routing.any(
        endpoints.unlimited(
            "other",
            _ -> {
              throw Problem.notFound("there is nothing at this address").thrown();
            }));
  }

  /** What Helidon refuses before any route is asked: bad request lines, headers, lengths. */
  private static DirectHandlers directHandlers() {
    var handlers = DirectHandlers.builder();
    for (var event : io.helidon.http.DirectHandler.EventType.values()) {
      handlers.addHandler(event, Refusals::answer);
    }
    return handlers.build();
  }
}
