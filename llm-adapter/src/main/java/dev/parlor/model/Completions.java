package dev.parlor.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.model.ModelEvent.Usage;
import java.util.List;
import java.util.Optional;

/** The JSON of {@code /chat/completions}: writes requests and reads answers as {@link Piece}s. */
final class Completions {
  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Completions() {}

  /** The content of one event of the stream, or of a whole answer. */
  sealed interface Piece {

    /**
     * A part of the answer.
     *
     * @param text text to show, may be empty
     * @param refusal a part of the text with which the model refuses to answer, may be empty
     * @param hasThoughts whether the part contains thoughts, which are not shown
     * @param hasToolCall whether the part calls a tool or function
     * @param finishReason the finish reason, if the part has one
     * @param usage the token counts, if the part has them
     */
    record Part(
        String text,
        String refusal,
        boolean hasThoughts,
        boolean hasToolCall,
        Optional<String> finishReason,
        Optional<Usage> usage)
        implements Piece {

      /** Whether the part shows that the model is working. */
      boolean showsProgress() {
        return hasThoughts || hasToolCall || !text.isEmpty() || !refusal.isEmpty();
      }
    }

    /** The provider reported an error; {@code message} is the provider's text. */
    record Failure(String message) implements Piece {}

    /** An event that OpenAI's interface does not allow; {@code content} describes it. */
    record Invalid(String content) implements Piece {}
  }

  /** The body of a request. People can read it before it is sent. */
  static String request(ModelRequest request, String model, LimitName limitName) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", request.model().isBlank() ? model : request.model());
    var messages = body.putArray("messages");
    for (var message : request.messages()) {
      messages.addObject().put("role", message.role()).put("content", message.content());
    }
    body.put("stream", true);
    body.putObject("stream_options").put("include_usage", true);
    request.tokensMax().ifPresent(max -> body.put(limitName.jsonName(), max));
    return body.toString();
  }

  /** Reads one event, or a whole answer of an endpoint that does not stream. */
  static Piece read(String json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException _) {
      return new Piece.Invalid("something that is not JSON");
    }
    if (!root.isObject()) {
      return new Piece.Invalid("JSON that is no object");
    }
    if (root.hasNonNull("error")) {
      return new Piece.Failure(errorMessage(root).orElse("an error without a message"));
    }
    JsonNode choices = root.path("choices");
    if (!choices.isArray() && !root.hasNonNull("usage")) {
      return new Piece.Invalid("JSON without choices");
    }
    JsonNode choice = choices.path(0);
    JsonNode delta = choice.has("delta") ? choice.path("delta") : choice.path("message");
    String text = text(delta.path("content"));
    return new Piece.Part(
        text,
        text(delta.path("refusal")),
        containsThoughts(delta),
        !delta.path("tool_calls").isEmpty() || delta.hasNonNull("function_call"),
        finishReason(choice.path("finish_reason")),
        usage(root.path("usage")));
  }

  /** Whether the part has thoughts: in a separate field, or as typed parts of the content. */
  private static boolean containsThoughts(JsonNode delta) {
    for (String field : List.of("reasoning_content", "reasoning", "thinking")) {
      if (!text(delta.path(field)).isEmpty()) {
        return true;
      }
    }
    for (JsonNode part : delta.path("content")) {
      if (isThought(part)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isThought(JsonNode part) {
    String type = part.path("type").asText("");
    return type.equals("thinking") || type.equals("reasoning");
  }

  /**
   * Reads a finish reason. Some endpoints send an empty text or "null" in all but the last part.
   */
  private static Optional<String> finishReason(JsonNode reason) {
    return Optional.ofNullable(reason.textValue())
        .map(String::strip)
        .filter(text -> !text.isEmpty() && !text.equalsIgnoreCase("null"));
  }

  /** The message of an error body in any of the common formats. */
  static Optional<String> errorMessage(String body) {
    try {
      return errorMessage(JSON.readTree(body));
    } catch (JsonProcessingException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> errorMessage(JsonNode root) {
    JsonNode error = root.path("error");
    for (JsonNode candidate :
        new JsonNode[] {error.path("message"), error, root.path("message"), root.path("detail")}) {
      if (candidate.isTextual() && !candidate.textValue().isBlank()) {
        return Optional.of(candidate.textValue());
      }
    }
    return Optional.empty();
  }

  /** Reads the content: a string or, from some providers, a list of parts. Thoughts are omitted. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!isThought(part)) {
        text.append(part.path("text").asText(""));
      }
    }
    return text.toString();
  }

  private static Optional<Usage> usage(JsonNode usage) {
    JsonNode prompt = usage.path("prompt_tokens");
    JsonNode completion = usage.path("completion_tokens");
    if (!prompt.canConvertToInt() || !completion.canConvertToInt()) {
      return Optional.empty();
    }
    return Optional.of(
        new Usage(Math.max(0, prompt.intValue()), Math.max(0, completion.intValue())));
  }
}
