package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.http.TestServer.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generation requests over HTTP, with the rehearsal model. */
class GenerationApiIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Member member() {
    return server.room("A room").join("host", server.person("Ada"));
  }

  private static final String QUERY = "{\"query\":\"Write a haiku\"}";

  @DisplayName("the prompt that is sent equals the preview, and the result contains it")
  @Test
  void sentPromptEqualsThePreview() {
    var ada = member();
    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"12 tokens\"}");
    var preview = json(ada.post("/generate?dryRun=1", QUERY));
    assertEquals(12, preview.path("tokensMax").asInt());
    assertEquals(3, preview.path("cards").size());
    assertEquals(0, preview.path("problems").size());
    assertEquals("Write a haiku", preview.path("messages").get(1).path("content").asText());
    assertTrue(
        preview
            .path("text")
            .asText()
            .endsWith("\n\nIMPORTANT: Keep your response under 12 tokens."));

    var response = ada.post("/generate", QUERY);
    assertEquals(202, response.statusCode(), response.body());
    var request = json(response).path("request").asText();
    assertEquals(
        "/api/rooms/" + ada.room().slug() + "/results/" + request,
        response.headers().firstValue("Location").orElse(""));
    var result = json(ada.get("/results/" + request + "?wait=30"));
    assertEquals("stopped", result.path("status").asText(), result.toString());
    assertEquals("length", result.path("ending").asText());
    assertEquals("stopped at the limit of 12 tokens", result.path("reason").asText());
    assertEquals(12, result.path("tokensMax").asInt());
    assertEquals("", result.path("after").asText("missing"));
    assertEquals(preview.path("text"), result.path("prompt"));
    assertEquals("Write a haiku", result.path("query").asText());
    assertFalse(result.path("text").asText().isEmpty());
    assertTrue(result.path("ttftMs").asLong() >= 0);
    assertTrue(result.path("totalMs").asLong() >= result.path("ttftMs").asLong());
    assertTrue(result.path("usage").path("promptTokens").asLong() > 0);
  }

  @DisplayName(
      "of two concurrent requests one runs, and the other is refused with the person who holds the lock")
  @Test
  void secondConcurrentRequestIsRefusedWithTheHolder() throws Exception {
    var ada = member();
    var answers = new ArrayList<java.net.http.HttpResponse<String>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<java.net.http.HttpResponse<String>> generate = () -> ada.post("/generate", QUERY);
      for (var answer : threads.invokeAll(List.of(generate, generate))) {
        answers.add(answer.get());
      }
    }
    answers.sort(java.util.Comparator.comparingInt(java.net.http.HttpResponse::statusCode));
    assertEquals(202, answers.get(0).statusCode());
    assertProblem(409, "generating", answers.get(1));
    var problem = json(answers.get(1));
    assertEquals(ada.person().identity(), problem.path("holder").asText());
    assertEquals("host", problem.path("holderName").asText());
    assertEquals(json(answers.get(0)).path("request"), problem.path("request"));

    var request = json(answers.get(0)).path("request").asText();
    var stopped = ada.post("/stop", "{}");
    assertEquals(202, stopped.statusCode(), stopped.body());
    assertEquals(request, json(stopped).path("request").asText());
    var result = json(ada.get("/results/" + request + "?wait=30"));
    assertEquals("stopped", result.path("status").asText());
    assertProblem(409, "nothing-runs", ada.post("/stop", "{}"));
  }

  @DisplayName("a generation request repeated with the same Idempotency-Key runs once")
  @Test
  void sameKeyMakesOneRequest() {
    var ada = member();
    var first = ada.post("/generate", QUERY, "Idempotency-Key", "g");
    var repeated = ada.post("/generate", QUERY, "Idempotency-Key", "g");
    assertEquals(202, repeated.statusCode());
    assertEquals(first.body(), repeated.body());
    ada.post("/stop", "{}");
  }

  @DisplayName(
      "an identity's eleventh request within a minute is refused with a Retry-After header")
  @Test
  void eleventhRequestInAMinuteIsRefused() {
    var ada = member();
    for (var i = 0; i < 10; i++) {
      var response = ada.post("/generate", QUERY);
      assertEquals(202, response.statusCode(), response.body());
      ada.post("/stop", "{}");
      ada.get("/results/" + json(response).path("request").asText() + "?wait=30");
    }
    var refused = ada.post("/generate", QUERY);
    assertProblem(429, "too-many-requests", refused);
    var retryAfterSeconds = refused.headers().firstValueAsLong("Retry-After").orElse(0);
    assertTrue(
        retryAfterSeconds >= 1 && retryAfterSeconds <= 60, "Retry-After " + retryAfterSeconds);
    assertEquals(retryAfterSeconds, json(refused).path("retryAfterSeconds").asLong());
    assertEquals(
        "at most 10 questions a minute; try again in " + retryAfterSeconds + " s",
        json(refused).path("detail").asText());
  }

  @DisplayName("an invalid generation request is refused with the name of the invalid field")
  @Test
  void invalidRequestIsRefusedWithItsField() {
    var ada = member();
    assertField(400, "query", ada.post("/generate", "{}"));
    assertField(400, "query", ada.post("/generate", "{\"query\":\"\"}"));
    assertField(400, "query", ada.post("/generate", "{\"query\":\"" + "x".repeat(16_001) + "\"}"));
    assertField(400, "model", ada.post("/generate", "{\"query\":\"x\",\"model\":\"y\"}"));
    assertField(400, "wait", ada.get("/results/x?wait=forever"));
    assertField(400, "wait", ada.get("/results/x?wait=-1"));
    assertProblem(404, "not-found", ada.get("/results/x"));
    assertProblem(404, "not-found", ada.get("/results/" + "x".repeat(1_000)));
  }
}
