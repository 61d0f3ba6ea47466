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

  private static String body(Map<String, ?> members) throws Exception {
    return new ObjectMapper().writeValueAsString(members);
  }

  private static String create(BrowserKey key) throws Exception {
    var made = server.http().post("/api/identities", body(Map.of("publicKey", key.jwk())));
    assertEquals(201, made.statusCode(), made.body());
    assertTrue(json(made).path("token").isMissingNode(), "nothing that could be stolen");
    return json(made).path("identity").asText();
  }

  private static String here() {
    return "http://127.0.0.1:" + server.port();
  }

  private static String nonce(String identity) {
    var answer = server.http().post("/api/identities/" + identity + "/nonce", "{}");
    assertEquals(201, answer.statusCode(), answer.body());
    return json(answer).path("nonce").asText();
  }

  private static HttpResponse<String> prove(
      String identity, BrowserKey key, String nonce, String origin, String... headers)
      throws Exception {
    var signature = key.signed(Sessions.textToSign(origin, identity, nonce));
    return server
        .http()
        .post(
            "/api/identities/" + identity + "/sessions",
            body(Map.of("nonce", nonce, "signature", signature)),
            headers);
  }

  private static void refused(int status, String code, String rule, HttpResponse<String> answer) {
    assertProblem(status, code, answer);
    assertEquals(rule, json(answer).path("rule").asText());
  }

  @DisplayName("an identity with a key pair takes part in a room")
  @Test
  void identityWithAKeyPairJoinsARoom() throws Exception {
    for (var key : new BrowserKey[] {BrowserKey.p256(), BrowserKey.ed25519()}) {
      var identity = create(key);
      var session = prove(identity, key, nonce(identity), here(), "Origin", here());
      assertEquals(201, session.statusCode(), session.body());
      var token = json(session).path("token").asText();
      var joined = server.room("A room").join("player", new TestServer.Person(identity, token));
      assertEquals(201, joined.post("/chat", "{\"text\":\"hello\"}").statusCode());
      JsonNode said = json(joined.get("")).path("chat").path(0);
      assertEquals(identity, said.path("by").asText());
    }
  }

  @Test
  @DisplayName("[AC1] [AC2] [AC3] [AC4] a nonce proves only its own identity, once, on this server")
  void badProofsAreRefused() throws Exception {
    var key = BrowserKey.p256();
    var identity = create(key);
    var nonce = nonce(identity);
    refused(401, "bad-signature", "AC4", prove(identity, BrowserKey.p256(), nonce, here()));
    refused(401, "bad-signature", "AC4", prove(identity, key, nonce, "http://evil.example"));
    refused(
        403,
        "wrong-origin",
        "WS5",
        prove(identity, key, nonce, "http://evil.example", "Origin", "http://evil.example"));
    var same = new String[] {"Idempotency-Key", "the-same-key-again"};
    assertEquals(201, prove(identity, key, nonce, here(), same).statusCode());
    refused(401, "nonce-used", "AC3", prove(identity, key, nonce, here()));
    refused(401, "nonce-used", "AC3", prove(identity, key, nonce, here(), same));
    refused(401, "nonce-unknown", "AC1", prove(identity, key, nonce(create(key)), here()));
    assertProblem(404, "no-key", server.http().post("/api/identities/id_nobody/nonce", "{}"));
  }

  @Test
  @DisplayName("A POST that a renewed session repeats with its Idempotency-Key runs once")
  void renewedSessionsRepeatNothing() throws Exception {
    var key = BrowserKey.p256();
    var identity = create(key);
    var room = server.room("A room");
    var answers = new java.util.ArrayList<String>();
    for (var i = 0; i < 2; i++) {
      var token = json(prove(identity, key, nonce(identity), here())).path("token").asText();
      var member = room.join("player", new TestServer.Person(identity, token));
      var said = member.post("/chat", "{\"text\":\"once\"}", "Idempotency-Key", "renewed");
      assertEquals(201, said.statusCode(), said.body());
      answers.add(said.body());
    }
    assertEquals(answers.getFirst(), answers.getLast());
  }

  @DisplayName("an identity with a token can change to a key pair")
  @Test
  void tokenIdentityMigratesToAKey() throws Exception {
    var ada = server.person("Ada");
    var bearer = new String[] {"Authorization", "Bearer " + ada.token()};
    var path = "/api/identities/" + ada.identity();
    assertProblem(404, "no-key", server.http().post(path + "/nonce", "{}"));
    var key = BrowserKey.p256();
    var publicKey = body(Map.of("publicKey", key.jwk()));
    assertProblem(401, "unauthorized", server.http().post(path + "/key", publicKey));
    var bo = server.person("Bo");
    assertProblem(
        403,
        "not-allowed",
        server.http().post(path + "/key", publicKey, "Authorization", "Bearer " + bo.token()));
    assertEquals(200, server.http().post(path + "/key", publicKey, bearer).statusCode());

    var room = server.room("A room");
    assertProblem(401, "unauthorized", room.with("player", ada).post("/join", "{}"));
    var session = json(prove(ada.identity(), key, nonce(ada.identity()), here()));
    var token = session.path("token").asText();
    room.join("player", new TestServer.Person(ada.identity(), token));
    var other = body(Map.of("publicKey", BrowserKey.p256().jwk()));
    assertProblem(
        409,
        "has-key",
        server.http().post(path + "/key", other, "Authorization", "Bearer " + token));
  }

  @Test
  @DisplayName("[AC4] a private key is refused before an identity is created")
  void aPrivateKeyIsRefused() throws Exception {
    var answer =
        server
            .http()
            .post(
                "/api/identities",
                "{\"publicKey\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"s3cr3t\"}}");
    refused(400, "invalid-field", "AC4", answer);
    assertFalse(answer.body().contains("s3cr3t"));
  }
}
