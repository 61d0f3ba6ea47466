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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
      "of two concurrent requests one runs and the other waits; a stop pauses the queue, and commands"
          + " cancel, move and resume")
  @Test
  void secondConcurrentRequestWaits(@TempDir Path own) throws Exception {
    var mayAnswer = new CountDownLatch(1);
    try (var stub = new StubProvider();
        var stubbed = TestServer.start(own, withoutTimeLimit(stub.settings()))) {
      stub.answer =
          _ -> {
            awaitUninterrupted(mayAnswer);
            return StubProvider.text("An answer.", "stop");
          };
      var ada = stubbed.room("A room").join("host", stubbed.person("Ada"));
      var ben = ada.room().join("player", stubbed.person("Ben"));
      var answers = new ArrayList<java.net.http.HttpResponse<String>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<java.net.http.HttpResponse<String>> generate = () -> ada.post("/generate", QUERY);
        for (var answer : threads.invokeAll(List.of(generate, generate))) {
          assertEquals(202, answer.get().statusCode());
          answers.add(answer.get());
        }
      }
      answers.sort(java.util.Comparator.comparingInt(each -> json(each).path("place").asInt()));
      assertEquals("running", json(answers.get(0)).path("state").asText());
      assertEquals("waiting", json(answers.get(1)).path("state").asText());
      assertEquals(1, json(answers.get(1)).path("place").asInt());
      var running = json(answers.get(0)).path("request").asText();
      var second = json(answers.get(1)).path("request").asText();
      var third = json(ben.post("/generate", QUERY)).path("request").asText();

      var waiting = json(ben.get("/results/" + third));
      assertEquals("waiting", waiting.path("status").asText());
      assertEquals(2, waiting.path("place").asInt());
      assertProblem(403, "not-allowed", ben.post(queue(third) + "/move", before(second)));
      assertProblem(403, "not-allowed", ben.delete(queue(second)));
      assertProblem(404, "not-waiting", ada.delete(queue(running)));
      assertProblem(404, "not-waiting", ada.post(queue(second) + "/confirm", "{}"));
      assertEquals(1, json(ada.post(queue(third) + "/move", before(second))).path("place").asInt());

      var stopped = ada.post("/stop", "{\"request\":\"" + running + "\"}");
      assertEquals(202, stopped.statusCode(), stopped.body());
      assertEquals(running, json(stopped).path("request").asText());
      var result = json(ada.get("/results/" + running + "?wait=30"));
      assertEquals("stopped", result.path("status").asText());
      var state = json(ben.get("/queue"));
      assertEquals(1, state.path("slots").asInt());
      assertEquals(ada.person().identity(), state.path("paused").path("by").asText());
      assertEquals(0, state.path("running").size());
      assertEquals(third, state.path("queue").path(0).path("request").asText());
      assertEquals(second, state.path("queue").path(1).path("request").asText());
      assertProblem(409, "nothing-runs", ada.post("/stop", "{}"));

      assertEquals(200, ada.delete(queue(second)).statusCode());
      var cancelled = json(ada.get("/results/" + second));
      assertEquals("refused", cancelled.path("status").asText());
      assertEquals("cancelled " + ada.person().identity(), cancelled.path("reason").asText());
      mayAnswer.countDown();
      assertTrue(json(ben.post("/queue/resume", "{}")).path("resumed").asBoolean());
      assertFalse(json(ben.post("/queue/resume", "{}")).path("resumed").asBoolean());
      var last = json(ben.get("/results/" + third + "?wait=30"));
      assertEquals("done", last.path("status").asText(), last.toString());
    }
  }

  /** Lets an answer begin as late as the test wants. */
  private static Map<String, String> withoutTimeLimit(Map<String, String> settings) {
    var all = new HashMap<>(settings);
    all.put("PARLOR_LLM_FIRST_WORD_SECONDS", "600");
    return all;
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String queue(String request) {
    return "/queue/" + request;
  }

  private static String before(String request) {
    return "{\"before\":\"" + request + "\"}";
  }

  @DisplayName(
      "[GE16] a chat message that begins with @model asks the model once, and the answer stands in the chat"
          + " as a reply")
  @Test
  void modelIsAskedInChat() {
    var ada = member();
    ada.post("/play", "{\"type\":\"token-limit\",\"text\":\"8\"}"); // a short answer
    var plain = json(ada.post("/chat", "{\"text\":\"Hello @model\"}"));
    assertTrue(plain.path("request").isMissingNode());
    var asked = json(ada.post("/chat", "{\"text\":\"@Model, name a colour\"}"));
    var request = asked.path("request").asText();
    var result = json(ada.get("/results/" + request + "?wait=30"));
    assertEquals("name a colour", result.path("query").asText());
    assertEquals(asked.path("id"), result.path("chat"));
    assertEquals("", result.path("after").asText("missing"));
    var chat = json(ada.get("")).path("chat");
    var answer = chat.path(chat.size() - 1);
    assertEquals("model", answer.path("kind").asText());
    assertEquals(asked.path("id"), answer.path("replyTo"));
    assertEquals(request, answer.path("request").asText());
    assertEquals(result.path("text"), answer.path("text"));
    assertEquals("answer-" + request, answer.path("id").asText());
    var next = json(ada.post("/chat", "{\"text\":\"@model and why?\"}"));
    var second = json(ada.get("/results/" + next.path("request").asText() + "?wait=30"));
    assertEquals(request, second.path("after").asText());
    assertEquals(201, ada.post("/chat", "{\"text\":\"@model\"}").statusCode());
  }

  @DisplayName(
      "[GE17, PF10] attachments go with a question as the preview shows, and the result has their words")
  @Test
  void attachmentsGoWithAQuestion() {
    var ada = member();
    var body =
        "{\"query\":\"Shorten it\",\"attach\":[{\"kind\":\"text\",\"text\":\"two words\","
            + "\"from\":\"result:r\"}]}";
    var preview = json(ada.post("/generate?dryRun=1", body));
    var last = preview.path("messages").path(preview.path("messages").size() - 1);
    assertEquals(
        "<quote from=\"an earlier answer\">\ntwo words\n</quote>\n\nShorten it",
        last.path("content").asText());
    var request = json(ada.post("/generate", body)).path("request").asText();
    var result = json(ada.get("/results/" + request + "?wait=30"));
    assertEquals("two words", result.path("attach").path(0).path("text").asText());
    assertEquals("Shorten it", result.path("query").asText());
    assertField(
        400, "attach", ada.post("/generate", "{\"query\":\"x\",\"attach\":[{\"kind\":\"film\"}]}"));
    assertProblem(
        422,
        "not-generated",
        ada.post(
            "/generate", "{\"query\":\"x\",\"attach\":[{\"kind\":\"note\",\"id\":\"none\"}]}"));
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
