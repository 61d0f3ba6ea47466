package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Piece.Counts;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * OpenAI's {@code /chat/completions} and its many variants. Also reads the frames of Ollama's own
 * interface, which has {@code message} and {@code done} in place of {@code choices}, and those of
 * Cloudflare's, which has {@code response}.
 */
final class ChatDialect implements Dialect {
  static final ChatDialect INSTANCE = new ChatDialect();

  private static final String STREAM = "stream";
  private static final String STREAM_OPTIONS = "stream_options";

  private ChatDialect() {}

  @Override
  public URI url(String baseUrl) {
    return Endpoint.requestUrl(baseUrl, "/chat/completions");
  }

  @Override
  public Map<String, String> headers(String key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key);
  }

  @Override
  public String body(ModelRequest request, ServedModel model, AcceptedParameters accepted) {
    ObjectNode body = Frames.object();
    body.put("model", model.id());
    var messages = body.putArray("messages");
    for (var message : request.messages()) {
      ObjectNode json = messages.addObject().put("role", message.role());
      if (message.images().isEmpty()) {
        json.put("content", message.content());
        continue;
      }
      var parts = json.putArray("content");
      parts.addObject().put("type", "text").put("text", message.content());
      for (var image : message.images()) {
        parts
            .addObject()
            .put("type", "image_url")
            .putObject("image_url")
            .put("url", "data:" + image.mediaType() + ";base64," + image.base64());
      }
    }
    if (accepted.has(STREAM)) {
      body.put(STREAM, true);
    }
    if (accepted.has(STREAM) && accepted.has(STREAM_OPTIONS)) {
      body.putObject(STREAM_OPTIONS).put("include_usage", true);
    }
    request.tokensMax().ifPresent(max -> body.put(accepted.limitName().jsonName(), max));
    return body.toString();
  }

  @Override
  public List<String> optionalParameters() {
    return List.of(STREAM_OPTIONS, STREAM);
  }

  @Override
  public Piece read(JsonNode frame) {
    if (MessagesDialect.hasFrame(frame)) {
      return MessagesDialect.INSTANCE.read(frame); // a proxy that answers in the other interface
    }
    JsonNode choice = frame.path("choices").path(0);
    if (choice.path("error").isObject() || choice.path("error").isTextual()) {
      return new Piece.Failure(ProviderError.of(choice));
    }
    boolean isOllama = frame.path("done").isBoolean() && !frame.has("choices");
    JsonNode status = frame.path("base_resp"); // MiniMax
    if (status.path("status_code").asInt(0) != 0) {
      return new Piece.Failure(
          new ProviderError(
              status.path("status_msg").asText(ProviderError.WITHOUT_MESSAGE), false));
    }
    boolean isResponse = !choice.isObject() && frame.path("response").isTextual(); // Cloudflare
    if (!choice.isObject() && !isOllama && !isResponse && !hasUsage(frame)) {
      return new Piece.Skipped();
    }
    JsonNode message = isOllama ? frame.path("message") : choice.path("message");
    JsonNode delta = choice.path("delta").isObject() ? choice.path("delta") : message;
    String text = text(delta.path("content"));
    if (text.isEmpty() && delta.path("content").isMissingNode()) {
      text = text(isOllama || isResponse ? frame.path("response") : choice.path("text"));
    }
    String thoughts = thoughts(delta);
    return new Piece.Part(
        text,
        thoughts,
        text(delta.path("refusal")),
        !thoughts.isEmpty(),
        !delta.path("tool_calls").isEmpty() || delta.hasNonNull("function_call"),
        isOllama ? ollamaFinishReason(frame) : finishReason(choice.path("finish_reason")),
        isOllama
            ? counts(frame, "prompt_eval_count", "eval_count")
            : counts(usage(frame), "prompt_tokens", "completion_tokens"),
        choice.path("index").asInt(0),
        !isOllama && choice.path("message").isObject());
  }

  private static boolean hasUsage(JsonNode frame) {
    return usage(frame).isObject();
  }

  private static JsonNode usage(JsonNode frame) {
    return frame.path("usage").isObject()
        ? frame.path("usage")
        : frame.path("x_groq").path("usage");
  }

  /** The thoughts of a part: in a separate field, or as typed parts of the content. */
  private static String thoughts(JsonNode delta) {
    for (String field : List.of("reasoning_content", "reasoning", "thinking")) {
      String text = text(delta.path(field));
      if (!text.isEmpty()) {
        return text;
      }
    }
    String details = text(delta.path("reasoning_details"));
    if (!details.isEmpty()) {
      return details;
    }
    StringBuilder thoughts = new StringBuilder();
    for (JsonNode part : delta.path("content")) {
      if (isThought(part)) {
        thoughts.append(text(part.path("thinking"))).append(text(part.path("reasoning")));
        thoughts.append(text(part.path("summary")));
        thoughts.append(part.path("text").asText(""));
      }
    }
    return thoughts.toString();
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

  private static Optional<String> ollamaFinishReason(JsonNode frame) {
    return frame.path("done").booleanValue()
        ? finishReason(frame.path("done_reason")).or(() -> Optional.of("stop"))
        : Optional.empty();
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

  private static Counts counts(JsonNode usage, String promptField, String completionField) {
    JsonNode prompt = usage.path(promptField);
    JsonNode completion = usage.path(completionField);
    return prompt.canConvertToInt() && completion.canConvertToInt()
        ? new Counts(Math.max(0, prompt.intValue()), Math.max(0, completion.intValue()))
        : Counts.NONE;
  }
}
