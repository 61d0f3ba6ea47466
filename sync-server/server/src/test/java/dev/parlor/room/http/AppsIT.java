package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.identity.DeviceAuthority;
import dev.parlor.apps.identity.TestDevice;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.token.Issuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The apps API of the whole server: over HTTP and WebSocket, with every type of token. */
class AppsIT {
  private static final int PAGE_BYTES = 27;
  private static final Map<String, ?> PAGE =
      Map.of(
          "mode",
          "production",
          "appSlug",
          "demo",
          "fileSystem",
          List.of(
              Map.of(
                  "type", "str-asset-block",
                  "filename", "/index.html",
                  "content", "<!doctype html><p>hello</p>")));
  private static final Map<String, ?> SECTION =
      Map.of(
          "contextId",
          "notes",
          "origin",
          "user",
          "blocks",
          List.of(
              Map.of(
                  "type",
                  "prompt.txt",
                  "streamId",
                  "s1",
                  "request",
                  Map.of("model", "m", "messages", List.of()),
                  "timestamp",
                  "2026-11-29T12:00:00Z")));

  @TempDir private Path folder;

  private static String jwt(Issuer.Key key, String subject) throws Exception {
    return key.token(
        "{\"sub\":\""
            + subject
            + "\",\"exp\":"
            + Instant.now().plusSeconds(600).getEpochSecond()
            + "}");
  }

  /** Posts a bare payload; the answer has the same form over a socket. */
  private static JsonNode post(TestServer server, String payload) {
    return json(server.http().post("/api", payload));
  }

  private static void assertType(String type, JsonNode answer) {
    assertEquals("vibes.diy." + type, answer.path("type").asText(), answer.toString());
  }

  private static String code(JsonNode answer) {
    assertType("res-error", answer);
    return answer.path("code").asText();
  }

  @Test
  @DisplayName(
      "a user has the same apps over HTTP and WebSocket, with Parlor's and an issuer's token")
  void bothTransports() throws Exception {
    var key = Issuer.Key.make(Issuer.Kind.ES256, "one");
    var settings = Map.of("PARLOR_JWT_KEY", key.pem(folder).toString());
    try (var server = TestServer.start(folder, settings)) {
      var ada = server.person("Ada");
      var users = Map.of("parlor", ada.token(), "clerk", jwt(key, "u1"));
      for (var user : users.entrySet()) {
        var deploy = ApiClient.payload("req-ensure-app-slug", user.getKey(), user.getValue(), PAGE);
        var deployed = post(server, deploy);
        assertType("res-ensure-app-slug", deployed);
        assertEquals("demo", deployed.path("appSlug").asText());
        var base = "http://127.0.0.1:" + server.port() + "/";
        assertTrue(deployed.path("wrapperUrl").asText().startsWith(base), deployed.toString());

        try (var socket = new ApiClient(server.http().client, server.port(), "/v1/ws?shard=1")) {
          var again = socket.call(deploy);
          assertEquals(deployed.path("fsId"), again.path("fsId"));
          assertEquals(1, again.path("releaseSeq").asInt());
          var list =
              ApiClient.payload("req-list-recent-vibes", user.getKey(), user.getValue(), Map.of());
          assertEquals(1, socket.call(list).path("items").size());
        }
      }
      var bearer =
          server
              .http()
              .post(
                  "/v1/ws",
                  "{\"type\":\"vibes.diy.req-list-recent-vibes\"}",
                  "Authorization",
                  "Bearer " + ada.token());
      assertEquals(1, json(bearer).path("items").size(), bearer.body());
      assertEquals(
          401,
          server
              .http()
              .post("/api", "{\"type\":\"vibes.diy.req-list-recent-vibes\"}")
              .statusCode());
    }
  }

  @Test
  @DisplayName("a section of a context is there after a restart, and the next gets the next number")
  void contextSurvivesRestart() throws Exception {
    String token;
    try (var server = TestServer.start(folder)) {
      token = server.person("Ada").token();
      var ensured =
          post(
              server,
              ApiClient.payload(
                  "req-ensure-chat-context", "parlor", token, Map.of("contextId", "notes")));
      assertEquals("notes", ensured.path("contextId").asText());
      assertEquals(0, append(server, token));
      var drawn =
          post(server, ApiClient.payload("req-ensure-chat-context", "parlor", token, Map.of()));
      assertTrue(
          drawn.path("contextId").asText().matches("[1-9A-HJ-NP-Za-km-z]{12}"), drawn.toString());
    }
    try (var server = TestServer.start(folder)) {
      assertEquals(1, append(server, token));
      var other = server.person("Eve").token();
      var refused =
          post(server, ApiClient.payload("req-append-chat-section", "parlor", other, SECTION));
      assertEquals("access-denied", code(refused));
    }
  }

  private static int append(TestServer server, String token) {
    var answer =
        post(server, ApiClient.payload("req-append-chat-section", "parlor", token, SECTION));
    assertType("res-append-chat-section", answer);
    return answer.path("seq").asInt();
  }

  @Test
  @DisplayName("a device with a certificate of the configured CA proves its user")
  void device() throws Exception {
    var authority = DeviceAuthority.create(new SecureRandom());
    var caFile = Files.writeString(folder.resolve("ca.json"), authority.publicJwk());
    var settings = Map.of("PARLOR_DEVICE_CA", caFile.toString());
    try (var server = TestServer.start(folder, settings)) {
      var ada = server.person("Ada");
      var now = Instant.now();
      var device =
          TestDevice.of(authority.certify(ada.identity(), "laptop", Duration.ofDays(1), now));
      var deploy = ApiClient.payload("req-ensure-app-slug", "device-id", device.token(now), PAGE);
      assertType("res-ensure-app-slug", post(server, deploy));
      var list = ApiClient.payload("req-list-recent-vibes", "parlor", ada.token(), Map.of());
      assertEquals(1, post(server, list).path("items").size(), "the person and her device");

      var other = DeviceAuthority.create(new SecureRandom());
      var forged = TestDevice.of(other.certify(ada.identity(), "laptop", Duration.ofDays(1), now));
      var refused =
          post(
              server,
              ApiClient.payload("req-list-recent-vibes", "device-id", forged.token(now), Map.of()));
      assertEquals("bad-token", code(refused));
    }
  }

  @Test
  @DisplayName("a server without CA and issuer refuses their tokens and names the settings")
  void notConfigured() throws Exception {
    try (var server = TestServer.start(folder)) {
      for (var type : List.of("clerk", "device-id")) {
        var refused =
            post(server, ApiClient.payload("req-list-recent-vibes", type, "eyJ.x.y", Map.of()));
        assertEquals("bad-token", code(refused));
        assertTrue(refused.path("message").asText().contains("PARLOR_"), refused.toString());
      }
    }
  }

  @Test
  @DisplayName("a bad file of the device CA stops the start with one sentence and frees the data")
  void badDeviceCa() throws Exception {
    var file = Files.writeString(folder.resolve("ca.json"), "no key");
    var settings = Map.of("PARLOR_DEVICE_CA", file.toString());
    var error = assertThrows(IOException.class, () -> TestServer.start(folder, settings).close());
    assertEquals(file + " contains neither a JWK nor a PUBLIC KEY in PEM", error.getMessage());
    try (var server = TestServer.start(folder)) {
      assertEquals(200, server.http().get("/health/live").statusCode());
    }
  }

  @Test
  @DisplayName(
      "the answer of a deploy has two URLs that open the app, and no URL or page has the token")
  void bothUrls() throws Exception {
    try (var server = TestServer.start(folder, Map.of("PARLOR_APPS_HOST", "none"))) {
      var token = server.person("Ada").token();
      var deployed = post(server, ApiClient.payload("req-ensure-app-slug", "parlor", token, PAGE));
      for (var name : List.of("fsId", "userSlug", "appSlug", "ownerHandle")) {
        assertTrue(deployed.path(name).isTextual(), name);
      }
      assertTrue(deployed.path("fileSystem").size() > 0);
      var base = "http://127.0.0.1:" + server.port();
      var contents = Map.of("entryPointUrl", "<p>hello</p>", "wrapperUrl", "<iframe title=");
      for (var entry : contents.entrySet()) {
        var url = deployed.path(entry.getKey()).asText();
        assertTrue(url.startsWith(base + "/"), url);
        var page = server.http().get(url.substring(base.length()));
        assertEquals(200, page.statusCode(), url);
        assertTrue(page.body().contains(entry.getValue()), page.body());
        assertFalse((url + page.body() + page.headers().map()).contains(token), url);
      }
    }
  }

  @Test
  @DisplayName(
      "a device is refused on both transports once the operator adds its certificate to the list")
  void revokedDevice() throws Exception {
    var authority = DeviceAuthority.create(new SecureRandom());
    var ca = Files.writeString(folder.resolve("ca.json"), authority.publicJwk());
    var list = Files.writeString(folder.resolve("revoked.txt"), "");
    var settings =
        Map.of("PARLOR_DEVICE_CA", ca.toString(), "PARLOR_DEVICE_REVOKED", list.toString());
    var now = Instant.now();
    var certified = authority.certify("jwt:u1", "laptop", Duration.ofDays(1), now);
    var payload =
        ApiClient.payload(
            "req-list-recent-vibes", "device-id", TestDevice.of(certified).token(now), Map.of());
    try (var server = TestServer.start(folder, settings);
        var socket = new ApiClient(server.http().client, server.port(), "/api")) {
      assertType("res-list-recent-vibes", socket.call(payload));
      Files.writeString(list, DeviceAuthority.marks(certified).serialNumber() + " # lost\n");
      assertEquals("bad-token", code(socket.call(payload)));
      assertEquals("bad-token", code(post(server, payload)));
    }
  }

  @Test
  @DisplayName("the quota of apps comes from the settings")
  void quota() throws Exception {
    try (var server = TestServer.start(folder, Map.of("PARLOR_APPS_MAX", "1"))) {
      var token = server.person("Ada").token();
      assertType(
          "res-ensure-app-slug",
          post(server, ApiClient.payload("req-ensure-app-slug", "parlor", token, PAGE)));
      var more = new java.util.HashMap<String, Object>(PAGE);
      more.put("appSlug", "second");
      var refused = post(server, ApiClient.payload("req-ensure-app-slug", "parlor", token, more));
      assertEquals("max-app-slugs-reached", code(refused));
    }
  }

  @Test
  @DisplayName(
      "the operator sees requests, sockets and bytes in metrics, and the apps of each user")
  void operator() throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.person("Ada");
      post(server, ApiClient.payload("req-ensure-app-slug", "parlor", ada.token(), PAGE));
      post(server, ApiClient.payload("req-open-chat", "parlor", ada.token(), Map.of()));
      try (var socket = new ApiClient(server.http().client, server.port(), "/api")) {
        socket.call(ApiClient.payload("req-list-recent-vibes", "parlor", "x.y", Map.of()));
        var metrics = server.http().get("/metrics").body();
        for (var line :
            List.of(
                "parlor_apps_requests_seconds_count{outcome=\"ok\",type=\"vibes.diy.req-ensure-app-slug\"} 1",
                "parlor_apps_requests_seconds_count{outcome=\"unknown-type\",type=\"unknown\"} 1",
                "parlor_apps_requests_seconds_count{outcome=\"bad-token\",type=\"vibes.diy.req-list-recent-vibes\"} 1",
                "parlor_apps_sockets 1.0",
                "parlor_apps_bytes ")) {
          assertTrue(metrics.contains("\n" + line), line + " is missing in\n" + metrics);
        }
      }
      var usage = json(server.http().get("/api/admin/apps"));
      var user = usage.path("users").path(0);
      assertEquals(ada.identity(), user.path("user").asText(), usage.toString());
      assertEquals(1, user.path("apps").asInt());
      assertEquals(1, user.path("releases").asInt());
      assertTrue(user.path("bytes").asLong() >= PAGE_BYTES, usage.toString());
      assertFalse(usage.has("next"));
      var none = json(server.http().get("/api/admin/apps?after=" + ada.identity()));
      assertEquals(0, none.path("users").size());
    }
  }

  @Test
  @DisplayName("when the server stops, it closes the sockets of the API with 1012")
  void stop() throws Exception {
    var server = TestServer.start(folder);
    try (var socket = new ApiClient(server.http().newClient(), server.port(), "/api")) {
      socket.call(ApiClient.payload("req-list-recent-vibes", "parlor", "x.y", Map.of()));
      server.close();
      assertEquals(CloseCodes.RESTART, socket.closeCode());
    }
  }
}
