package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server below a path of its host, as behind a proxy that serves other programs too. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BasePathIT {

  private static TestServer server(Path folder, String... settings) throws Exception {
    var page = PageFiles.in(folder);
    var web = folder.resolve("web");
    Files.copy(
        Path.of("../../web-ui/index.html"),
        web.resolve("index.html"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(web.resolve("index.html.br"), "has the URLs of a server at the root");
    return TestServer.start(
        folder,
        page,
        ServiceLimits.defaults(),
        settings.length == 0
            ? Map.of("PARLOR_BASE_PATH", "/tools/parlor/")
            : Map.of(settings[0], settings[1]));
  }

  private static RawHttp.Head headOf(int port, String method, String path, String... headers)
      throws IOException {
    try (var http = new RawHttp(port)) {
      http.send(method, path, headers);
      return http.head();
    }
  }

  @Test
  @DisplayName(
      "With a base path the server answers below it, and without it for proxies that remove it")
  void answersBelowTheBasePath(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      for (var path : List.of("/api/health", "/health/live", "/r/some-room", "/", "/sw.js")) {
        assertEquals(200, server.http().get("/tools/parlor" + path).statusCode(), path);
        assertEquals(200, server.http().get(path).statusCode(), path);
      }
      assertEquals(200, server.http().get("/tools/parlor").statusCode());
      assertEquals(404, server.http().get("/tools/parlors/api/health").statusCode());
      assertEquals(404, server.http().get("/tools/api/health").statusCode());
    }
  }

  @Test
  @DisplayName("The links and socket URLs of a room, and its Location header, have the base path")
  void linksHaveTheBasePath(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      var created = server.http().post("/tools/parlor/api/rooms", "{\"title\":\"below\"}");
      var json = HttpClientForTests.json(created);
      var slug = json.path("slug").asText();
      assertEquals(
          "/tools/parlor/api/rooms/" + slug, created.headers().firstValue("Location").orElse(""));
      var root = "://127.0.0.1:" + server.port() + "/tools/parlor/";
      var page = json.path("links").path("player").asText();
      assertTrue(page.startsWith("http" + root + "r/" + slug + "#k="), page);
      var socket = json.path("sync").path("player").asText();
      assertTrue(socket.startsWith("ws" + root + "sync/k/" + slug + "."), socket);
      var room = new TestServer.RoomUnderTest(server.http(), json);
      var host = room.join("host", server.person("Ada"));
      var invitation = host.post("/invitations", "{\"role\":\"player\"}");
      assertEquals(201, invitation.statusCode(), invitation.body());
      assertTrue(invitation.body().contains("http" + root + "r/" + slug), invitation.body());
      var ticket = HttpClientForTests.json(host.post("/tickets", "{}")).path("url").asText();
      assertTrue(ticket.startsWith("ws" + root + "sync/t/"), ticket);
    }
  }

  @Test
  @DisplayName("The page's HTML has the base path in all its URLs and tells it to the page")
  void htmlHasTheBasePath(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      var html = server.http().get("/tools/parlor/r/some-room").body();
      assertTrue(html.contains("=\"/tools/parlor/"), html);
      assertTrue(html.contains("<meta name=\"parlor-base\" content=\"/tools/parlor/\""), html);
      assertFalse(html.replace("=\"/tools/parlor/", "").contains("=\"/"), html);
      var compressed = headOf(server.port(), "GET", "/tools/parlor/", "Accept-Encoding", "br");
      assertEquals("", compressed.header("Content-Encoding"));
    }
  }

  @Test
  @DisplayName("WebSockets open below the base path, and the other paths there are no sockets")
  void socketsOpenBelowTheBasePath(@TempDir Path folder) throws Exception {
    try (var server = server(folder)) {
      var upgrade =
          new String[] {
            "Connection",
            "Upgrade",
            "Upgrade",
            "websocket",
            "Sec-WebSocket-Version",
            "13",
            "Sec-WebSocket-Key",
            "AAAAAAAAAAAAAAAAAAAAAA=="
          };
      for (var path : List.of("/tools/parlor/sync", "/tools/parlor/api", "/sync")) {
        assertEquals(101, headOf(server.port(), "GET", path, upgrade).status(), path);
      }
      assertEquals(404, headOf(server.port(), "GET", "/tools/parlors/sync", upgrade).status());
    }
  }

  @Test
  @DisplayName("The path of the public URL is the base path if no other setting gives one")
  void pathOfThePublicUrlIsTheBasePath(@TempDir Path folder) throws Exception {
    try (var server = server(folder, "PARLOR_PUBLIC_URL", "https://tools.example/parlor")) {
      var html = server.http().get("/parlor/").body();
      assertTrue(html.contains("=\"/parlor/"), html);
      var created = server.http().post("/parlor/api/rooms", "{\"title\":\"below\"}");
      var link = HttpClientForTests.json(created).path("links").path("player").asText();
      assertTrue(link.startsWith("https://tools.example/parlor/r/"), link);
    }
  }
}
