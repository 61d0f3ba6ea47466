package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.room.access.BrowserKey;
import dev.parlor.room.access.Sessions;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Identities with a key pair, over HTTP. */
class IdentitiesIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String jsonBody(Map<String, ?> members) throws Exception {
    return new ObjectMapper().writeValueAsString(members);
  }

  private static String create(BrowserKey key) throws Exception {
    var response = server.http().post("/api/identities", jsonBody(Map.of("publicKey", key.jwk())));
    assertEquals(201, response.statusCode(), response.body());
    assertTrue(json(response).path("token").isMissingNode(), "an identity with a key has no token");
    return json(response).path("identity").asText();
  }

  private static String ownOrigin() {
    return "http://127.0.0.1:" + server.port();
  }

  private static String nonce(String identity) {
    var answer = server.http().post("/api/identities/" + identity + "/nonce", "{}");
    assertEquals(201, answer.statusCode(), answer.body());
    return json(answer).path("nonce").asText();
  }

  private static HttpResponse<String> openSession(
      String identity, BrowserKey key, String nonce, String origin, String... headers)
      throws Exception {
    var signature = key.signed(Sessions.textToSign(origin, identity, nonce));
    return server
        .http()
        .post(
            "/api/identities/" + identity + "/sessions",
            jsonBody(Map.of("nonce", nonce, "signature", signature)),
            headers);
  }

  private static void assertRefused(
      int status, String code, String rule, HttpResponse<String> answer) {
    assertProblem(status, code, answer);
    assertEquals(rule, json(answer).path("rule").asText());
  }

  @DisplayName("an identity with a key pair signs a nonce for a session and takes part in a room")
  @Test
  void identityWithAKeyPairJoinsARoom() throws Exception {
    for (var key : new BrowserKey[] {BrowserKey.p256(), BrowserKey.ed25519()}) {
      var identity = create(key);
      var session = openSession(identity, key, nonce(identity), ownOrigin(), "Origin", ownOrigin());
      assertEquals(201, session.statusCode(), session.body());
      var token = json(session).path("token").asText();
      var joined = server.room("A room").join("player", new TestServer.Person(identity, token));
      assertEquals(201, joined.post("/chat", "{\"text\":\"hello\"}").statusCode());
      JsonNode message = json(joined.get("")).path("chat").path(0);
      assertEquals(identity, message.path("by").asText());
    }
  }

  @Test
  @DisplayName("[AC1] [AC2] [AC3] [AC4] a nonce proves only its own identity, once, on this server")
  void invalidProofsAreRefused() throws Exception {
    var key = BrowserKey.p256();
    var identity = create(key);
    var nonce = nonce(identity);
    assertRefused(
        401, "bad-signature", "AC4", openSession(identity, BrowserKey.p256(), nonce, ownOrigin()));
    assertRefused(
        401, "bad-signature", "AC4", openSession(identity, key, nonce, "http://evil.example"));
    assertRefused(
        403,
        "wrong-origin",
        "WS5",
        openSession(identity, key, nonce, "http://evil.example", "Origin", "http://evil.example"));
    var idempotencyKey = new String[] {"Idempotency-Key", "the-same-key-again"};
    assertEquals(201, openSession(identity, key, nonce, ownOrigin(), idempotencyKey).statusCode());
    assertRefused(401, "nonce-used", "AC3", openSession(identity, key, nonce, ownOrigin()));
    assertRefused(
        401, "nonce-used", "AC3", openSession(identity, key, nonce, ownOrigin(), idempotencyKey));
    assertRefused(
        401, "nonce-unknown", "AC1", openSession(identity, key, nonce(create(key)), ownOrigin()));
    assertProblem(404, "no-key", server.http().post("/api/identities/id_nobody/nonce", "{}"));
  }

  @Test
  @DisplayName("A POST that a renewed session repeats with its Idempotency-Key runs once")
  void retryWithARenewedSessionRunsOnce() throws Exception {
    var key = BrowserKey.p256();
    var identity = create(key);
    var room = server.room("A room");
    var answers = new java.util.ArrayList<String>();
    for (var i = 0; i < 2; i++) {
      var token =
          json(openSession(identity, key, nonce(identity), ownOrigin())).path("token").asText();
      var member = room.join("player", new TestServer.Person(identity, token));
      var message = member.post("/chat", "{\"text\":\"once\"}", "Idempotency-Key", "renewed");
      assertEquals(201, message.statusCode(), message.body());
      answers.add(message.body());
    }
    assertEquals(answers.getFirst(), answers.getLast());
  }

  @DisplayName("an identity can replace its token by a key pair, once")
  @Test
  void tokenIdentityMigratesToAKey() throws Exception {
    var ada = server.person("Ada");
    var bearer = new String[] {"Authorization", "Bearer " + ada.token()};
    var path = "/api/identities/" + ada.identity();
    assertProblem(404, "no-key", server.http().post(path + "/nonce", "{}"));
    var key = BrowserKey.p256();
    var publicKey = jsonBody(Map.of("publicKey", key.jwk()));
    assertProblem(401, "unauthorized", server.http().post(path + "/key", publicKey));
    var bo = server.person("Bo");
    assertProblem(
        403,
        "not-allowed",
        server.http().post(path + "/key", publicKey, "Authorization", "Bearer " + bo.token()));
    assertEquals(200, server.http().post(path + "/key", publicKey, bearer).statusCode());

    var room = server.room("A room");
    assertProblem(401, "unauthorized", room.withLink("player", ada).post("/join", "{}"));
    var session = json(openSession(ada.identity(), key, nonce(ada.identity()), ownOrigin()));
    var token = session.path("token").asText();
    room.join("player", new TestServer.Person(ada.identity(), token));
    var other = jsonBody(Map.of("publicKey", BrowserKey.p256().jwk()));
    assertProblem(
        409,
        "has-key",
        server.http().post(path + "/key", other, "Authorization", "Bearer " + token));
  }

  @Test
  @DisplayName("[AC4] a private key is refused before an identity is created")
  void privateKeyIsRefused() throws Exception {
    var answer =
        server
            .http()
            .post(
                "/api/identities",
                "{\"publicKey\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"s3cr3t\"}}");
    assertRefused(400, "invalid-field", "AC4", answer);
    assertFalse(answer.body().contains("s3cr3t"));
  }
}
