package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules for WebSocket upgrades: origin, host, tickets and keys. */
class SocketAccessIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** The status of an upgrade with these additional headers, each ended by CR LF. */
  private static int upgradeStatus(String path, String host, String headers) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      var request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
              + headers
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      var line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
      return Integer.parseInt(line.substring(9));
    }
  }

  private static int upgradeStatus(String path) throws IOException {
    return upgradeStatus(path, "127.0.0.1:" + server.port(), "");
  }

  @Test
  @DisplayName(
      "[WS5] a page of another origin is refused with 403, by the sync protocol and by JSON sockets")
  void otherOriginsAreRefused() throws IOException {
    var host = "127.0.0.1:" + server.port();
    assertEquals(403, upgradeStatus("/sync", host, "Origin: http://evil.example\r\n"));
    assertEquals(403, upgradeStatus("/sync", host, "Origin: null\r\n"));
    assertEquals(101, upgradeStatus("/sync", host, "Origin: http://" + host + "\r\n"));
    assertEquals(101, upgradeStatus("/sync", host, ""));
    var room = server.room("A room");
    var key = "Parlor-Key: " + room.key("player") + "\r\n";
    assertEquals(
        403, upgradeStatus(room.path("/json"), host, key + "Origin: http://evil.example\r\n"));
    assertEquals(403, upgradeStatus(room.path("/json"), host, key + "Origin: null\r\n"));
    assertEquals(
        101, upgradeStatus(room.path("/json"), host, key + "Origin: http://" + host + "\r\n"));
  }

  @Test
  @DisplayName("[WS5] an upgrade with an unknown Host header (DNS rebinding) is refused")
  void reboundHostIsRefused() throws IOException {
    var status = upgradeStatus("/sync", "evil.example", "Origin: http://evil.example\r\n");
    assertTrue(status == 403 || status == 421, "status " + status);
    assertEquals(421, upgradeStatus("/sync", "evil.example", ""));
  }

  @DisplayName("a ticket opens one WebSocket")
  @Test
  void ticketOpensOneSocket() throws IOException {
    var ada = server.room("A room").join("player", server.person("Ada"));
    var issued = json(ada.post("/tickets", "{}"));
    var path = URI.create(issued.path("url").asText()).getPath();
    assertEquals("player", issued.path("role").asText());
    assertEquals(101, upgradeStatus(path));
    assertEquals(401, upgradeStatus(path), "the ticket is used");
    assertEquals(401, upgradeStatus("/sync/t/unknown"));
  }

  @DisplayName("a key opens a WebSocket to its own room only")
  @Test
  void keyOpensItsRoomOnly() throws IOException {
    var room = server.room("A room");
    var other = server.room("Another");
    for (var role : java.util.List.of("host", "player", "spectator")) {
      assertEquals(101, upgradeStatus("/sync/k/" + room.slug() + "." + room.key(role)));
      assertEquals(403, upgradeStatus("/sync/k/" + other.slug() + "." + room.key(role)));
    }
    assertEquals(403, upgradeStatus("/sync/k/" + room.slug()));
    assertEquals(403, upgradeStatus("/sync/k/" + room.slug() + "."));
    assertEquals(403, upgradeStatus("/sync/k/nothing.at-all"));
    assertEquals(404, upgradeStatus("/sync/other"));
  }
}
