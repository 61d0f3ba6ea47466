package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections of apps whose pages do not come from a web server, and of pages without a name. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AppOriginsIT {

  private static int upgrade(int port, String path, String origin, String... further)
      throws IOException {
    try (var http = new RawHttp(port)) {
      var headers =
          new ArrayList<>(
              List.of(
                  "Connection", "Upgrade",
                  "Upgrade", "websocket",
                  "Sec-WebSocket-Version", "13",
                  "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==",
                  "Origin", origin));
      headers.addAll(List.of(further));
      http.send("GET", path, headers.toArray(String[]::new));
      return http.head().status();
    }
  }

  @Test
  @DisplayName(
      "[WS5] pages from files may use a ticket or a key but not /sync; listed apps may use both")
  void pagesFromFilesNeedASecret(@TempDir Path folder) throws Exception {
    var settings = Map.of("PARLOR_ORIGINS", "file://, capacitor://localhost, tauri://localhost");
    try (var server = TestServer.start(folder, settings)) {
      var port = server.port();
      var room = server.room("A room");
      var keyPath = "/sync/k/" + room.slug() + "." + room.key("player");
      var key = new String[] {"Parlor-Key", room.key("player")};
      assertEquals(403, upgrade(port, "/sync", "null"));
      assertEquals(403, upgrade(port, "/api", "null"));
      assertEquals(101, upgrade(port, keyPath, "null"));
      assertEquals(101, upgrade(port, room.path("/json"), "null", key));
      var member = room.join("player", server.person("Ada"));
      var ticket = HttpClientForTests.json(member.post("/tickets", "{}")).path("url").asText();
      assertEquals(101, upgrade(port, ticket.substring(ticket.indexOf("/sync/t/")), "null"));
      for (var app : List.of("capacitor://localhost", "tauri://localhost")) {
        assertEquals(101, upgrade(port, "/sync", app), app);
        assertEquals(101, upgrade(port, "/api", app), app);
        assertEquals(101, upgrade(port, keyPath, app), app);
      }
      assertEquals(403, upgrade(port, keyPath, "ionic://localhost"));
    }
  }

  @Test
  @DisplayName("[WS5] with every origin allowed, pages of published apps and previews stay refused")
  void appsStayRefused(@TempDir Path folder) throws Exception {
    var settings = Map.of("PARLOR_ORIGINS", "*", "PARLOR_APPS_HOST", "apps.localhost");
    try (var server = TestServer.start(folder, settings)) {
      var port = server.port();
      var room = server.room("A room");
      var key = new String[] {"Parlor-Key", room.key("player")};
      for (var host : List.of("notes--ada.apps.localhost", "run-window7.apps.localhost")) {
        var origin = "http://" + host + ":" + port;
        assertEquals(403, upgrade(port, "/sync", origin), origin);
        assertEquals(403, upgrade(port, "/api", origin), origin);
        assertEquals(403, upgrade(port, room.path("/json"), origin, key), origin);
      }
      assertEquals(403, upgrade(port, "/sync", "null"), "a preview in a sandbox");
      assertEquals(101, upgrade(port, "/sync", "https://other.example"));
    }
  }
}
