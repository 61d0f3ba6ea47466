package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.access.RoomSecret;
import dev.parlor.room.access.ScramClient;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A room with a secret, which people have to prove by a SCRAM exchange before they join. */
class SecretIT {
  private static final ScramClient CORRECT_SECRET =
      new ScramClient(
          "correct horse", "0123456789abcdef".getBytes(StandardCharsets.UTF_8), 100_000);

  private static HttpResponse<String> proveSecret(Member member, ScramClient secret)
      throws Exception {
    var challenge = json(member.post("/secret/nonce", "{}"));
    assertEquals(100_000, challenge.path("iterations").asInt(), challenge.toString());
    var nonce = challenge.path("nonce").asText();
    return sendProof(member, secret, nonce);
  }

  private static HttpResponse<String> sendProof(Member member, ScramClient secret, String nonce)
      throws Exception {
    var text = RoomSecret.textToProve(member.room().slug(), member.person().identity(), nonce);
    return member.post("/secret", Json.string(Map.of("nonce", nonce, "proof", secret.proof(text))));
  }

  @Test
  @DisplayName("[AC12] a link opens a room with a secret only after a proof of the secret, once")
  void linkAndProofOfTheSecretOpenTheRoom(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var response = server.http().post("/api/rooms", "{\"secret\":" + CORRECT_SECRET.json() + "}");
      assertEquals(201, response.statusCode(), response.body());
      var room = new RoomUnderTest(server.http(), json(response));
      var ada = room.withLink("player", server.person("Ada"));
      for (var refusal :
          new HttpResponse<?>[] {
            ada.post("/join", "{}"), ada.post("/tickets", "{}"), ada.get("")
          }) {
        assertEquals(403, refusal.statusCode());
        assertTrue(String.valueOf(refusal.body()).contains("secret-needed"));
      }
      assertFalse(socketOpens(server, room.created().path("sync").path("player").asText()));

      assertProblem(
          403, "wrong-secret", proveSecret(ada, new ScramClient("wrong", new byte[16], 100_000)));
      assertProblem(403, "secret-needed", ada.post("/join", "{}"));

      var nonce = json(ada.post("/secret/nonce", "{}")).path("nonce").asText();
      assertEquals(200, sendProof(ada, CORRECT_SECRET, nonce).statusCode());
      assertProblem(401, "nonce-used", sendProof(ada, CORRECT_SECRET, nonce));
      assertEquals(200, ada.post("/join", "{}").statusCode());
      assertEquals(201, ada.post("/tickets", "{}").statusCode());
      var bo = room.withLink("player", server.person("Bo"));
      assertProblem(403, "secret-needed", bo.post("/join", "{}"));
      var nonceOfAda = json(ada.post("/secret/nonce", "{}")).path("nonce").asText();
      assertProblem(401, "nonce-unknown", sendProof(bo, CORRECT_SECRET, nonceOfAda));

      for (var i = 0; i < 20; i++) {
        var attempt = proveSecret(bo, new ScramClient("guess" + i, new byte[16], 1));
        if (attempt.statusCode() == 429) {
          assertTrue(i >= 5, "fewer than five attempts were allowed");
          assertTrue(attempt.headers().firstValue("Retry-After").isPresent());
          return;
        }
        assertProblem(403, "wrong-secret", attempt);
      }
      throw new AssertionError("twenty wrong attempts were not limited");
    }
  }

  private static boolean socketOpens(TestServer server, String url) {
    try {
      server
          .http()
          .client
          .newWebSocketBuilder()
          .buildAsync(URI.create(url), new WebSocket.Listener() {})
          .join()
          .abort();
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  @DisplayName("the owner needs no proof of the room's secret, and no secret is stored in clear")
  @Test
  void ownerNeedsNoProofAndNoSecretIsStoredInClear(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.person("Ada");
      var response =
          server
              .http()
              .post(
                  "/api/rooms",
                  "{\"secret\":" + CORRECT_SECRET.json() + "}",
                  "Authorization",
                  "Bearer " + ada.token());
      var room = new RoomUnderTest(server.http(), json(response));
      assertEquals(200, room.withLink("host", ada).post("/join", "{}").statusCode());
      assertField(
          400,
          "secret",
          server
              .http()
              .post(
                  "/api/rooms",
                  "{\"secret\":" + CORRECT_SECRET.json().replace("100000", "10") + "}"));
      assertProblem(
          404, "not-found", server.room("Open").withLink("host", ada).post("/secret/nonce", "{}"));
    }
    try (var files = Files.walk(folder.resolve("data"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertFalse(text.contains("correct horse"), file.toString());
      }
    }
  }
}
