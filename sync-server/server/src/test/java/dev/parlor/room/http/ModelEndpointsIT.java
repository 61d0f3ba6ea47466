package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.http.StubProvider.Answer;
import dev.parlor.room.http.TestServer.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests rooms whose models are at several endpoints of two dialects. */
class ModelEndpointsIT {
  @TempDir private Path folder;

  private static final String THOUGHT =
      """
      event: message_start
      data: {"type":"message_start","message":{"usage":{"input_tokens":40,"output_tokens":1}}}

      event: content_block_delta
      data: {"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm."}}

      event: content_block_delta
      data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":10}}

      event: message_stop
      data: {"type":"message_stop"}

      """;

  private Map<String, String> settings(String defaultModel, StubProvider first, StubProvider second)
      throws IOException {
    String file =
        """
        {"endpoints": [
          {"name": "here", "url": "%s", "models": ["small"]},
          {"name": "there", "preset": "anthropic", "key": "sk-ant", "url": "%s", "models": [
            {"name": "big", "model": "claude-big", "maxTokens": 2000, "contextTokens": 9000,
             "price": {"input": 3, "output": 15}}]}
        ],
        "default": "%s",
        "fallback": ["big"]}
        """
            .formatted(
                first.settings().get("PARLOR_LLM_URL"),
                second.settings().get("PARLOR_LLM_URL"),
                defaultModel);
    return Map.of("PARLOR_MODELS", Files.writeString(folder.resolve("m.json"), file).toString());
  }

  private static JsonNode generate(Member member, String body) {
    var response = member.post("/generate", body);
    assertEquals(202, response.statusCode(), response.body());
    return json(member.get("/results/" + json(response).path("request").asText() + "?wait=30"));
  }

  @Test
  @DisplayName(
      "with Anthropic's interface the preview equals the body, shows the model's own limit and an estimate of cost")
  void previewOfAnthropicEqualsTheBody() throws Exception {
    try (var first = new StubProvider();
        var second = new StubProvider();
        var server = TestServer.start(folder, settings("big", first, second))) {
      second.answer = _ -> new Answer(200, "text/event-stream", THOUGHT);
      var ada = server.room("Big").join("host", server.person("Ada"));
      var query = "{\"query\":\"Why \\ud83e\\udda6?\"}";
      var preview = json(ada.post("/generate?dryRun=1", query));
      var result = generate(ada, query);
      assertEquals(preview.path("body").asText(), second.bodies.getLast());
      assertEquals(2_000, preview.path("tokensMax").asInt());
      assertEquals("model", preview.path("limitedBy").asText());
      var estimate = preview.path("estimate");
      assertEquals("there", estimate.path("endpoint").asText());
      assertEquals(9_000, estimate.path("contextTokens").asInt());
      var promptTokens = estimate.path("promptTokens").asInt();
      assertTrue(promptTokens > 0, preview.toString());
      assertEquals(3 * promptTokens, estimate.path("costMicros").asInt());
      assertEquals(3 * promptTokens + 15 * 2_000, estimate.path("costMicrosMax").asInt());
      assertEquals("Hello", result.path("text").asText());
      assertEquals(2_000, result.path("tokensMax").asInt());
      var usage = result.path("usage");
      assertEquals(40, usage.path("promptTokens").asInt());
      assertEquals(10, usage.path("completionTokens").asInt());
      assertEquals(3 * 40 + 15 * 10, usage.path("call").path("costMicros").asInt());
      assertEquals("Hm.", usage.path("call").path("thoughts").asText());
      var inDocument =
          json(ada.get("")).path("results").path(result.path("request").asText()).path("usage");
      if (!inDocument.isMissingNode()) {
        assertEquals("there", inDocument.path("call").path("endpoint").asText());
      }
    }
  }

  @Test
  @DisplayName(
      "if an endpoint fails before the first word, the next model answers and the result names both")
  void resultNamesTheFallback() throws Exception {
    try (var first = new StubProvider();
        var second = new StubProvider();
        var server = TestServer.start(folder, settings("small", first, second))) {
      first.answer = _ -> StubProvider.error(401, "No such key");
      second.answer = _ -> new Answer(200, "text/event-stream", THOUGHT);
      var ada = server.room("Fallback").join("host", server.person("Ada"));
      var result = generate(ada, "{\"query\":\"Hi\"}");
      assertEquals("done", result.path("status").asText(), result.toString());
      assertEquals("small", result.path("model").asText());
      var call = result.path("usage").path("call");
      assertEquals("there", call.path("endpoint").asText());
      assertEquals("big", call.path("model").asText());
      assertEquals(
          "small gave no answer: the model endpoint answered 401: No such key. big was asked"
              + " instead, for at most 2000 tokens.",
          call.path("notes").path(0).asText());
    }
  }

  @Test
  @DisplayName("text before a closing tag of thoughts is taken out of the answer")
  void thoughtsWithoutOpeningTag() throws Exception {
    try (var first = new StubProvider();
        var second = new StubProvider();
        var server = TestServer.start(folder, settings("small", first, second))) {
      first.answer =
          _ -> StubProvider.stream(List.of("Let me think", ".</think>\\n\\nHel", "lo"), "stop");
      var ada = server.room("Tags").join("host", server.person("Ada"));
      var result = generate(ada, "{\"query\":\"Hi\"}");
      assertEquals("Hello", result.path("text").asText());
      assertEquals("Let me think.", result.path("usage").path("call").path("thoughts").asText());
    }
  }

  @Test
  @DisplayName("the page learns each model with its endpoint, price, limits and times")
  void modelsForThePage() throws Exception {
    try (var first = new StubProvider();
        var second = new StubProvider();
        var server = TestServer.start(folder, settings("small", first, second))) {
      var model = json(server.http().get("/api/config")).path("model");
      assertEquals("small", model.path("name").asText());
      assertEquals("big", model.path("further").path(0).asText());
      var big = model.path("models").path(1);
      assertEquals("there", big.path("endpoint").asText());
      assertEquals(15, big.path("price").path("output").asInt());
      assertEquals(2_000, big.path("tokensMax").asInt());
      assertEquals(30_000, big.path("waits").path("firstWordMs").asInt());
    }
  }
}
