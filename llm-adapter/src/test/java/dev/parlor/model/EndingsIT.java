package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.model.ModelRequest.Message;
import java.util.List;
import java.util.OptionalInt;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the endings of answers and the name of the token limit, with an HTTP server whose answers
 * the tests define.
 */
class EndingsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final MockWebServer server = new MockWebServer();
  private final ModelTimer timer = ModelTimer.onThread("test-timer");
  private EndpointClient client;

  @BeforeEach
  void start() throws Exception {
    server.start();
    client = new EndpointClient(Endpoint.openAi(server.url("/v1").toString(), "", "small"), timer);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    timer.close();
  }

  private static ModelRequest requestWithLimit(String model, int tokensMax) {
    return new ModelRequest(model, List.of(new Message("user", "Hi")), OptionalInt.of(tokensMax));
  }

  private RecordedEvents call(ModelRequest request) {
    RecordedEvents events = new RecordedEvents();
    client.start(request, events);
    return events;
  }

  private RecordedEvents callWithAnswer(String... events) {
    StringBuilder body = new StringBuilder();
    for (String event : events) {
      body.append("data: ").append(event).append("\n\n");
    }
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/event-stream")
            .body(body.toString())
            .build());
    return call(requestWithLimit("", 50));
  }

  private static String delta(String field, String text) throws Exception {
    return "{\"choices\":[{\"delta\":{\"" + field + "\":" + JSON.writeValueAsString(text) + "}}]}";
  }

  private static String finishReason(String reason) throws Exception {
    return "{\"choices\":[{\"delta\":{},\"finish_reason\":"
        + JSON.writeValueAsString(reason)
        + "}]}";
  }

  @ParameterizedTest
  @DisplayName("every finish_reason of a provider maps to its ending, and the text is kept")
  @CsvSource({
    "stop, COMPLETE",
    "end_turn, COMPLETE",
    "eos_token, COMPLETE",
    "length, LENGTH",
    "MAX_TOKENS, LENGTH",
    "model_length, LENGTH",
    "content_filter, CONTENT_FILTER",
    "SAFETY, CONTENT_FILTER",
    "refusal, REFUSAL",
    "tool_calls, TOOL_CALLS",
    "function_call, TOOL_CALLS",
    "tool_use, TOOL_CALLS",
    "banana, OTHER"
  })
  void finishReasons(String reason, ModelEnding ending) throws Exception {
    RecordedEvents events =
        callWithAnswer(delta("content", "part"), finishReason(reason), "[DONE]");
    assertEquals(ending, events.done().ending());
    assertEquals(ending == ModelEnding.OTHER ? reason : "", events.done().detail());
    assertEquals("part", events.text());
  }

  @Test
  @DisplayName("finish_reason \"error\" fails the call, and the text is kept")
  void finishReasonErrorFailsTheCall() throws Exception {
    RecordedEvents events =
        callWithAnswer(delta("content", "part"), finishReason("error"), "[DONE]");
    assertEquals(ModelEnding.ERROR, events.failed().ending());
    assertEquals("part", events.text());
  }

  @Test
  @DisplayName(
      "an answer with text in delta.refusal ends as REFUSAL, although finish_reason is stop")
  void refusalText() throws Exception {
    RecordedEvents events =
        callWithAnswer(
            delta("refusal", "I can't "), delta("refusal", "do that."), finishReason("stop"));
    assertEquals(ModelEnding.REFUSAL, events.done().ending());
    assertEquals("I can't do that.", events.done().detail());
    assertEquals("", events.text());
  }

  @ParameterizedTest
  @DisplayName("an answer with only thoughts ends as THOUGHTS; with text it ends as COMPLETE")
  @ValueSource(strings = {"reasoning_content", "reasoning", "thinking"})
  void thoughtsWithoutText(String field) throws Exception {
    assertEquals(
        ModelEnding.THOUGHTS,
        callWithAnswer(delta(field, "hm, hm"), delta("content", "\n"), finishReason("stop"))
            .done()
            .ending());
    assertEquals(
        ModelEnding.COMPLETE,
        callWithAnswer(delta(field, "hm"), delta("content", "Yes"), finishReason("stop"))
            .done()
            .ending());
  }

  @Test
  @DisplayName("content parts of type thinking are thoughts; a part of type text is the answer")
  void typedThoughts() throws Exception {
    String thought = "{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]}";
    String text = "{\"type\":\"text\",\"text\":\"Yes\"}";
    assertEquals(
        ModelEnding.THOUGHTS, callWithAnswer(parts(thought), finishReason("stop")).done().ending());
    RecordedEvents both = callWithAnswer(parts(thought + "," + text), finishReason("stop"));
    assertEquals(ModelEnding.COMPLETE, both.done().ending());
    assertEquals("Yes", both.text());
  }

  private static String parts(String parts) {
    return "{\"choices\":[{\"delta\":{\"content\":[" + parts + "]}}]}";
  }

  @ParameterizedTest
  @DisplayName(
      "a tool or function call without text ends as TOOL_CALLS, even with finish_reason stop")
  @ValueSource(
      strings = {
        "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]",
        "\"function_call\":{\"name\":\"f\"}"
      })
  void toolCallWithFinishReasonStop(String field) throws Exception {
    String call = "{\"choices\":[{\"delta\":{" + field + "}}]}";
    assertEquals(
        ModelEnding.TOOL_CALLS, callWithAnswer(call, finishReason("stop")).done().ending());
    assertEquals(
        ModelEnding.COMPLETE,
        callWithAnswer(call, delta("content", "Yes"), finishReason("stop")).done().ending());
  }

  @ParameterizedTest
  @DisplayName(
      "text in thought tags is no answer, with closed or unclosed tags, and if the text arrives by characters")
  @CsvSource({
    "<think>hm > hm</think>, THOUGHTS",
    "<think>hm, THOUGHTS",
    "'\n<thinking>a</thinking>\n <think>b</think> ', THOUGHTS",
    "<think>hm</think>Yes, COMPLETE",
    "hm hm</think>, THOUGHTS",
    "'hm\n</thinking>\n', THOUGHTS",
    "hm</think>Yes, COMPLETE",
    "<thin air>, COMPLETE",
    "<thi, COMPLETE",
    "'  ', EMPTY",
    "'', EMPTY"
  })
  void thoughtsInTheText(String text, ModelEnding ending) throws Exception {
    assertEquals(
        ending, callWithAnswer(delta("content", text), finishReason("stop")).done().ending());
    String[] events = new String[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      events[i] = delta("content", text.substring(i, i + 1));
    }
    events[text.length()] = finishReason("stop");
    assertEquals(ending, callWithAnswer(events).done().ending());
  }

  @Test
  @DisplayName(
      "a stream without finish_reason and [DONE] ends as CUT; [DONE] alone is a normal end")
  void streamsWithoutAnEnd() throws Exception {
    assertEquals(ModelEnding.CUT, callWithAnswer(delta("content", "part")).failed().ending());
    assertEquals(ModelEnding.CUT, callWithAnswer(delta("reasoning", "hm")).failed().ending());
    assertEquals(ModelEnding.ERROR, callWithAnswer().failed().ending());
    assertEquals(
        ModelEnding.COMPLETE, callWithAnswer(delta("content", "x"), "[DONE]").done().ending());
    assertEquals(ModelEnding.EMPTY, callWithAnswer("[DONE]").done().ending());
  }

  @ParameterizedTest
  @DisplayName("a finish_reason without a value, such as \"\" or \"null\", does not end the answer")
  @ValueSource(strings = {"\"\"", "\"  \"", "\"null\"", "null", "0", "{}"})
  void emptyFinishReason(String emptyReason) throws Exception {
    String part =
        "{\"choices\":[{\"delta\":{\"content\":\"part\"},\"finish_reason\":" + emptyReason + "}]}";
    String last = "{\"choices\":[{\"delta\":{},\"finish_reason\":" + emptyReason + "}]}";
    assertEquals(ModelEnding.CUT, callWithAnswer(part).failed().ending());
    assertEquals(
        ModelEnding.LENGTH,
        callWithAnswer(part, finishReason("length"), last, "[DONE]").done().ending());
    assertEquals(
        ModelEnding.COMPLETE, callWithAnswer(part, finishReason("stop"), last).done().ending());
  }

  @Test
  @DisplayName(
      "a refusal that is not streamed and has no finish_reason ends as REFUSAL, not as CUT")
  void refusalInAnAnswerWithoutStreaming() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .body("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"No.\"}}]}")
            .build());
    ModelEvent.Done done = call(requestWithLimit("", 50)).done();
    assertEquals(ModelEnding.REFUSAL, done.ending());
    assertEquals("No.", done.detail());
  }

  // The name of the token limit.

  private void enqueueRefusal(int code, String body) {
    server.enqueue(new MockResponse.Builder().code(code).body(body).build());
  }

  private void enqueueAnswer() {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/event-stream")
            .body(
                "data: {\"choices\":[{\"delta\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}"
                    + "\n\n")
            .build());
  }

  private String sentBody() throws Exception {
    return server.takeRequest().getBody().utf8();
  }

  @ParameterizedTest
  @DisplayName(
      "[GE10] if an endpoint refuses max_tokens, the request and all later ones use max_completion_tokens")
  @CsvSource(
      delimiter = '|',
      value = {
        "400|{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this"
            + " model. Use 'max_completion_tokens' instead.\",\"param\":\"max_tokens\","
            + "\"code\":\"unsupported_parameter\"}}",
        "400|{\"error\":{\"message\":\"Bad request\",\"param\":\"max_tokens\","
            + "\"code\":\"unsupported_parameter\"}}",
        "400|{\"error\":\"Please use max_completion_tokens\"}",
        "400|max_completion_tokens is required",
        "422|{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"max_tokens\"],"
            + "\"msg\":\"Extra inputs are not permitted\"}]}",
        "400|{\"message\":\"Unrecognized request argument supplied: max_tokens\"}",
        "400|max_tokens isn't allowed for this model",
        "400|max_tokens cannot be used with reasoning models",
        "400|Invalid parameter: max_tokens",
        "400|max_tokens must not be set for this model",
        "400|'max_tokens' is incompatible with this model. Use 'max_completion_tokens', the maximum"
            + " number of tokens"
      })
  void refusedNameIsReplaced(int code, String refusal) throws Exception {
    ModelRequest request = requestWithLimit("", 50_000);
    enqueueRefusal(code, refusal);
    enqueueAnswer();
    String firstBody = client.body(request);
    assertEquals(ModelEnding.COMPLETE, call(request).done().ending());
    assertEquals(firstBody, sentBody());
    String secondBody = sentBody();
    assertEquals(50_000, JSON.readTree(secondBody).path("max_completion_tokens").asInt());
    assertFalse(JSON.readTree(secondBody).has("max_tokens"));
    assertEquals(secondBody, client.body(request));
    enqueueAnswer();
    call(request).done();
    assertEquals(secondBody, sentBody());
    assertTrue(client.body(requestWithLimit("another", 7)).contains("\"max_completion_tokens\":7"));
  }

  @ParameterizedTest
  @DisplayName(
      "if an endpoint refuses max_completion_tokens for a model, the request is repeated with max_tokens")
  @CsvSource(
      delimiter = '|',
      value = {
        "400|{\"error\":{\"message\":\"property 'max_completion_tokens' is unsupported\"}}",
        "422|{\"detail\":[{\"loc\":[\"body\",\"max_completion_tokens\"],"
            + "\"msg\":\"extra fields not permitted\",\"type\":\"value_error.extra\"}]}",
        "400|Invalid JSON payload. Unknown name \"max_completion_tokens\": Cannot find field."
      })
  void secondNameIsLearnedPerModel(int code, String refusal) throws Exception {
    enqueueRefusal(400, "use max_completion_tokens");
    enqueueAnswer();
    call(requestWithLimit("new", 5)).done();
    enqueueRefusal(code, refusal);
    enqueueAnswer();
    call(requestWithLimit("old", 5)).done();
    for (int i = 0; i < 3; i++) {
      sentBody();
    }
    assertTrue(sentBody().contains("\"max_tokens\":5"));
    assertTrue(client.body(requestWithLimit("old", 5)).contains("\"max_tokens\":5"));
    assertTrue(client.body(requestWithLimit("new", 5)).contains("\"max_completion_tokens\":5"));
  }

  @ParameterizedTest
  @DisplayName(
      "a refusal of the limit's value or of another parameter fails the call without a second request")
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"max_tokens is too large: 50000. This model supports at most 16384"
            + " completion tokens\"}}",
        "{\"error\":{\"message\":\"'max_tokens' or 'max_completion_tokens' is too large: 50000\"}}",
        "{\"error\":{\"message\":\"Unsupported value: 'max_tokens' must be at most 4096\"}}",
        "{\"error\":{\"message\":\"max_tokens cannot be set above 4096\"}}",
        "{\"error\":{\"message\":\"Invalid parameter value: max_tokens must be below 8193\"}}",
        "{\"error\":{\"message\":\"max_tokens 50000 is not allowed, the maximum is 8192\"}}",
        "{\"error\":{\"message\":\"The model does not support max_tokens greater than 8192\"}}",
        "{\"error\":{\"message\":\"Unsupported value: 'temperature'\"}}",
        "{\"error\":{\"message\":\"The model does not exist\"}}"
      })
  void otherRefusalsFailTheCall(String refusal) throws Exception {
    enqueueRefusal(400, refusal);
    String reason = call(requestWithLimit("", 50_000)).failed().reason();
    assertTrue(reason.startsWith("the model endpoint answered 400: "), reason);
    assertEquals(1, server.getRequestCount());
  }

  @Test
  @DisplayName(
      "if both names are refused, the call fails with the provider's message after two requests, one with each name")
  void bothNamesRefused() throws Exception {
    enqueueRefusal(400, "{\"error\":\"max_tokens is not supported\"}");
    enqueueRefusal(400, "{\"error\":\"max_completion_tokens is not supported\"}");
    assertEquals(
        "the model endpoint answered 400: max_completion_tokens is not supported",
        call(requestWithLimit("", 50_000)).failed().reason());
    assertTrue(sentBody().contains("\"max_tokens\":50000"));
    assertTrue(sentBody().contains("\"max_completion_tokens\":50000"));
    assertEquals(2, server.getRequestCount());
  }

  @Test
  @DisplayName(
      "an error message becomes one line: lone surrogates are replaced, control characters become spaces")
  void errorMessageIsSanitized() throws Exception {
    enqueueRefusal(400, "{\"error\":\"" + "x".repeat(298) + "\ud83e\udda6 and more\"}");
    String reason = call(requestWithLimit("", 5)).failed().reason();
    assertTrue(reason.endsWith("x…"), reason);
    enqueueRefusal(400, "{\"error\":\"a\\ud83d\\u0000b\\u2028c\"}");
    assertEquals(
        "the model endpoint answered 400: a\ufffd b c",
        call(requestWithLimit("", 5)).failed().reason());
  }
}
