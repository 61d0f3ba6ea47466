package dev.parlor.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.interop.NodeProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a relay without rooms, with a data directory and real clients. */
class RelayIT {

  @TempDir private Path folder = Path.of("");

  private Relay start(int port) throws Exception {
    var data = folder.resolve("data").toAbsolutePath();
    return Relay.start(RelayConfig.onLoopback(data).listeningOn("127.0.0.1", port));
  }

  private static HttpResponse<String> get(Relay relay, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var url = URI.create("http://127.0.0.1:" + relay.port() + path);
      return client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  @DisplayName(
      "two unmodified automerge-repo clients exchange changes through a relay without rooms, also after its restart")
  void clientsAcrossARestart() throws Exception {
    var first = start(0);
    var port = first.port();
    try (var node = NodeProcess.scenario("both-ways", first.url(), first.storageId().value())) {
      node.expect("restart");
      first.close();
      node.expect("offline");
      try (var _ = start(port)) {
        node.go();
        node.expect("passed");
        node.succeeds();
      }
    } finally {
      first.close();
    }
  }

  @Test
  @DisplayName("a relay without rooms answers health and metrics, and 404 for every other path")
  void healthAndMetrics() throws Exception {
    try (var relay = start(0)) {
      assertEquals(200, get(relay, "/health/live").statusCode());
      var ready = get(relay, "/health/ready");
      assertEquals(200, ready.statusCode());
      var report = new ObjectMapper().readTree(ready.body());
      assertTrue(report.path("ready").asBoolean(), ready.body());
      assertTrue(report.path("parts").path("store").path("well").asBoolean(), ready.body());
      assertTrue(report.path("parts").path("relay").path("well").asBoolean(), ready.body());
      assertTrue(get(relay, "/metrics").body().contains("parlor_heap_full 0"));
      assertEquals(404, get(relay, "/").statusCode());
      assertEquals(404, get(relay, "/api/rooms").statusCode());
    }
  }

  @Test
  @DisplayName("[WS5] a relay on loopback refuses a request whose Host header names another server")
  void requestForAnotherHostIsRefused() throws Exception {
    try (var relay = start(0);
        var socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
      var request = "GET /health/ready HTTP/1.1\r\nHost: evil.example\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var response =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertEquals("HTTP/1.1 421 Misdirected Request", response.readLine());
    }
  }
}
