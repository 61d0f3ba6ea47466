package dev.parlor.apps.site;

import static dev.parlor.apps.site.SiteServer.ADA;
import static dev.parlor.apps.site.SiteServer.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.release.Mode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostRoutingTest {
  private static final String UPGRADE =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

  private final SiteServer server = new SiteServer(Optional.of("localhost"));
  private final RawHttp http = server.http();

  HostRoutingTest() throws Exception {}

  @BeforeEach
  void deploy() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", "the app"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/health", "/api/", "/vibe/ada/my-app.x", "/~run/", "/a/ada/my-app/"})
  @DisplayName("the host of an app has no routes of the server")
  void appRoutesOnly(String path) throws Exception {
    for (var host : new String[] {"my-app--ada.localhost", "unknown--ada.localhost"}) {
      var answer = http.get(host, path);
      assertEquals(404, answer.status(), path);
      assertFalse(answer.body().contains("the api"));
    }
  }

  @Test
  @DisplayName(
      "a WebSocket upgrade on the host of an app or a preview is refused, elsewhere it goes on")
  void noSockets() throws Exception {
    for (var host :
        new String[] {"my-app--ada.localhost", "run-abc.localhost", "MY-APP--ADA.localhost:1"}) {
      assertEquals(403, http.get(host, "/sync", UPGRADE).status(), host);
    }
    var passed = http.get("localhost", "/sync", UPGRADE + "\r\nConnection: close");
    assertEquals("the sync path", passed.body());
  }

  @ParameterizedTest
  @CsvSource({
    "my-app--ada.localhost, 200",
    "my-app--ada.localhost:8787, 200",
    "MY-App--ADA.LocalHost, 200",
    "my-app--ada.localhost:0, 200",
    "my-app--ada.localhost:123456, 421",
    "my-app--ada.localhost:, 400",
    "my-app--ada.localhost., 421",
    ".my-app--ada.localhost, 421",
    "x.my-app--ada.localhost, 421",
    "my-app--ada.localhost.evil.com, 421",
    "my-app--ada.evil.com, 421",
    "a--u.evil.com, 421",
    "my-app--adalocalhost, 421",
    "my-app--ada, 421",
    "my-app-ada.localhost, 421",
    "my-app---ada.localhost, 421",
    "my--app--ada.localhost, 421",
    "my-app--.localhost, 421",
    "--ada.localhost, 421",
    "a--ada.localhost, 421",
    "xn--ada.localhost, 421",
    "my_app--ada.localhost, 421",
    "run-a_b.localhost, 421",
    "localhost.localhost, 421",
    "[::1], 200",
    "[::1]:8787, 200",
    "127.0.0.1, 200",
    "localhost, 200",
    "LOCALHOST:1, 200"
  })
  @DisplayName(
      "a Host header names an app only in the exact form; an unknown host is refused with 421")
  void hosts(String host, int status) throws Exception {
    var answer = http.get(host, "/");
    assertEquals(status, answer.status(), answer.body());
    if (status == 200) {
      assertEquals(host.contains("--") ? "the app" : "room page", answer.body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[::1]--ada.localhost",
        "my-app--ada.localhost@evil.com",
        "my-app--ada.localhost/x",
        "my-app--ada.localhost\u00e9",
        "ｍy-app--ada.localhost",
        "my-app--ada.localhost,localhost",
        "my-app--ada.localhost localhost",
        ""
      })
  @DisplayName("a malformed Host header is refused and shows no app and no page")
  void malformed(String host) throws Exception {
    var answer = http.get(host, "/");
    assertTrue(answer.status() == 400 || answer.status() == 421, host + " " + answer.status());
    assertFalse(answer.body().contains("the app") || answer.body().contains("room page"), host);
  }

  @Test
  @DisplayName("a very long Host header and two Host headers are refused")
  void longHost() throws Exception {
    for (var host :
        new String[] {
          "a".repeat(4_000) + ".localhost",
          "a-".repeat(2_000) + "a--ada.localhost",
          "my-app--" + "a".repeat(31) + ".localhost",
          "localhost\r\nHost: my-app--ada.localhost",
          "my-app--ada.localhost\r\nHost: localhost"
        }) {
      var answer = http.get(host, "/");
      assertTrue(answer.status() == 400 || answer.status() == 421, "" + answer.status());
      assertFalse(answer.body().contains("the app"));
    }
  }

  @Test
  @DisplayName("requests for the server itself go on, from a usual client too")
  void others() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var root = URI.create("http://127.0.0.1:" + server.port());
      assertEquals("room page", body(client, root.resolve("/")));
      assertEquals("the api", body(client, root.resolve("/api/health")));
      assertEquals("the app", body(client, root.resolve("/a/ada/my-app/")));
    }
  }

  private static String body(HttpClient client, URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }

  @Test
  @DisplayName(
      "without a base for hosts every host reaches the server, and apps are served by path")
  void byPathOnly() throws Exception {
    try (var plain = new SiteServer(Optional.empty())) {
      plain.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", "the app"));
      assertEquals(421, plain.http().get("my-app--ada.localhost", "/").status());
      assertEquals("the app", plain.http().get("localhost", "/a/ada/my-app/").body());
    }
  }
}
