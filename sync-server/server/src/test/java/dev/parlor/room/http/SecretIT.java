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

/** A room that requires its secret. */
class SecretIT {
  private static final ScramClient WORD =
      new ScramClient(
          "correct horse", "0123456789abcdef".getBytes(StandardCharsets.UTF_8), 100_000);

  private static HttpResponse<String> answer(Member member, ScramClient word) throws Exception {
    var asked = json(member.post("/secret/nonce", "{}"));
    assertEquals(100_000, asked.path("iterations").asInt(), asked.toString());
    var nonce = asked.path("nonce").asText();
    return send(member, word, nonce);
  }

  private static HttpResponse<String> send(Member member, ScramClient word, String nonce)
      throws Exception {
    var text = RoomSecret.text(member.room().slug(), member.person().identity(), nonce);
    return member.post("/secret", Json.string(Map.of("nonce", nonce, "proof", word.proof(text))));
  }

  @Test
  @DisplayName("[AC12] a link alone does not open the room; the right answer opens it for good")
  void opensToThoseWhoKnow(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var made = server.http().post("/api/rooms", "{\"secret\":" + WORD.json() + "}");
      assertEquals(201, made.statusCode(), made.body());
      var room = new RoomUnderTest(server.http(), json(made));
      var ada = room.withLink("player", server.person("Ada"));
      for (var closed :
          new HttpResponse<?>[] {
            ada.post("/join", "{}"), ada.post("/tickets", "{}"), ada.get("")
          }) {
        assertEquals(403, closed.statusCode());
        assertTrue(String.valueOf(closed.body()).contains("secret-needed"));
      }
      assertFalse(opens(server, room.created().path("sync").path("player").asText()));

      assertProblem(
          403, "wrong-secret", answer(ada, new ScramClient("wrong", new byte[16], 100_000)));
      assertProblem(403, "secret-needed", ada.post("/join", "{}"));

      var nonce = json(ada.post("/secret/nonce", "{}")).path("nonce").asText();
      assertEquals(200, send(ada, WORD, nonce).statusCode());
      assertProblem(401, "nonce-used", send(ada, WORD, nonce));
      assertEquals(200, ada.post("/join", "{}").statusCode());
      assertEquals(201, ada.post("/tickets", "{}").statusCode());
      var bo = room.withLink("player", server.person("Bo"));
      assertProblem(403, "secret-needed", bo.post("/join", "{}"));
      var borrowed = json(ada.post("/secret/nonce", "{}")).path("nonce").asText();
      assertProblem(401, "nonce-unknown", send(bo, WORD, borrowed));

      for (var i = 0; i < 20; i++) {
        var tried = answer(bo, new ScramClient("guess" + i, new byte[16], 1));
        if (tried.statusCode() == 429) {
          assertTrue(i >= 5, "some tries are allowed");
          assertTrue(tried.headers().firstValue("Retry-After").isPresent());
          return;
        }
        assertProblem(403, "wrong-secret", tried);
      }
      throw new AssertionError("twenty wrong answers were taken");
    }
  }

  private static boolean opens(TestServer server, String url) {
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

  @DisplayName("the owner needs no answer to the room's secret, and no secret is stored in clear")
  @Test
  void ownerNeedsNoAnswerAndNoSecretIsStoredInClear(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.person("Ada");
      var made =
          server
              .http()
              .post(
                  "/api/rooms",
                  "{\"secret\":" + WORD.json() + "}",
                  "Authorization",
                  "Bearer " + ada.token());
      var room = new RoomUnderTest(server.http(), json(made));
      assertEquals(200, room.withLink("host", ada).post("/join", "{}").statusCode());
      assertField(
          400,
          "secret",
          server
              .http()
              .post("/api/rooms", "{\"secret\":" + WORD.json().replace("100000", "10") + "}"));
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
