package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Piece.Counts;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Anthropic's {@code /v1/messages}. System messages are one field beside the messages, and every
 * request needs a limit on tokens.
 */
final class MessagesDialect implements Dialect {
  static final MessagesDialect INSTANCE = new MessagesDialect();

  /** The version of the interface that this class writes and reads. */
  private static final String VERSION = "2023-06-01";

  private MessagesDialect() {}

  @Override
  public URI url(String baseUrl) {
    return Endpoint.requestUrl(baseUrl, "/messages");
  }

  @Override
  public Map<String, String> headers(String key) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("anthropic-version", VERSION);
    if (!key.isEmpty()) {
      headers.put("x-api-key", key);
    }
    return headers;
  }

  @Override
  public String body(ModelRequest request, ServedModel model, AcceptedParameters accepted) {
    ObjectNode body = Frames.object();
    body.put("model", model.id());
    body.put("max_tokens", request.tokensMax().orElseGet(() -> model.tokensMax().orElseThrow()));
    List<String> system = new ArrayList<>();
    ArrayNode messages = Frames.object().arrayNode();
    for (var message : request.messages()) {
      if (message.role().equals("system")) {
        system.add(message.content());
      } else {
        messages.add(message(message));
      }
    }
    if (!system.isEmpty()) {
      body.put("system", String.join("\n\n", system));
    }
    body.set("messages", messages);
    if (accepted.has("stream")) {
      body.put("stream", true);
    }
    return body.toString();
  }

  private static ObjectNode message(ModelRequest.Message message) {
    ObjectNode json = Frames.object().put("role", message.role());
    if (message.images().isEmpty()) {
      return json.put("content", message.content());
    }
    var parts = json.putArray("content");
    for (var image : message.images()) {
      parts
          .addObject()
          .put("type", "image")
          .putObject("source")
          .put("type", "base64")
          .put("media_type", image.mediaType())
          .put("data", image.base64());
    }
    parts.addObject().put("type", "text").put("text", message.content());
    return json;
  }

  @Override
  public List<String> optionalParameters() {
    return List.of("stream");
  }

  /** Whether a frame belongs to this interface. */
  static boolean hasFrame(JsonNode frame) {
    String type = frame.path("type").asText("");
    return !frame.has("choices")
        && (type.startsWith("content_block_") || type.startsWith("message_"));
  }

  @Override
  public Piece read(JsonNode frame) {
    if (frame.path("choices").isArray()) {
      return ChatDialect.INSTANCE.read(frame); // a proxy that answers in the other interface
    }
    return switch (frame.path("type").asText("")) {
      case "message" -> whole(frame);
      case "message_start" -> part("", "", false, false, frame.path("message"));
      case "content_block_start" -> block(frame.path("content_block"));
      case "content_block_delta" -> delta(frame.path("delta"));
      case "message_delta" -> messageDelta(frame);
      case "message_stop" -> new Piece.End();
      default -> new Piece.Skipped(); // ping, the end of a block, or a type of a later version
    };
  }

  private static Piece block(JsonNode block) {
    return switch (block.path("type").asText("")) {
      case "text" -> part(block.path("text").asText(""), "", false, false, block);
      case "thinking" -> part("", block.path("thinking").asText(""), true, false, block);
      case "redacted_thinking" -> part("", "", true, false, block);
      case "tool_use", "server_tool_use" -> part("", "", false, true, block);
      default -> new Piece.Skipped();
    };
  }

  private static Piece delta(JsonNode delta) {
    return switch (delta.path("type").asText("")) {
      case "text_delta" -> part(delta.path("text").asText(""), "", false, false, delta);
      case "thinking_delta" -> part("", delta.path("thinking").asText(""), true, false, delta);
      case "signature_delta" -> part("", "", true, false, delta);
      case "input_json_delta" -> part("", "", false, true, delta);
      default -> new Piece.Skipped();
    };
  }

  private static Piece.Part part(
      String text, String thoughts, boolean hasThoughts, boolean hasToolCall, JsonNode holder) {
    return new Piece.Part(
        text,
        thoughts,
        "",
        hasThoughts,
        hasToolCall,
        Optional.empty(),
        counts(holder.path("usage")),
        0,
        false);
  }

  private static Piece messageDelta(JsonNode frame) {
    JsonNode delta = frame.path("delta");
    return new Piece.Part(
        "",
        "",
        refusal(delta),
        false,
        false,
        Optional.ofNullable(delta.path("stop_reason").textValue()).filter(text -> !text.isBlank()),
        counts(frame.path("usage")),
        0,
        false);
  }

  private static String refusal(JsonNode holder) {
    return holder.path("stop_details").path("explanation").asText("");
  }

  private static Piece whole(JsonNode message) {
    StringBuilder text = new StringBuilder();
    StringBuilder thoughts = new StringBuilder();
    boolean hasThoughts = false;
    boolean hasToolCall = false;
    for (JsonNode block : message.path("content")) {
      if (block(block) instanceof Piece.Part part) {
        text.append(part.text());
        thoughts.append(part.thoughts());
        hasThoughts |= part.hasThoughts();
        hasToolCall |= part.hasToolCall();
      }
    }
    return new Piece.Part(
        text.toString(),
        thoughts.toString(),
        refusal(message),
        hasThoughts,
        hasToolCall,
        Optional.ofNullable(message.path("stop_reason").textValue()),
        counts(message.path("usage")),
        0,
        true);
  }

  /** The prompt's tokens include those that were read from or written to the cache. */
  private static Counts counts(JsonNode usage) {
    JsonNode input = usage.path("input_tokens");
    JsonNode output = usage.path("output_tokens");
    int prompt =
        input.canConvertToInt()
            ? input.intValue()
                + usage.path("cache_creation_input_tokens").asInt(0)
                + usage.path("cache_read_input_tokens").asInt(0)
            : Counts.UNKNOWN;
    return new Counts(
        Math.max(Counts.UNKNOWN, prompt),
        output.canConvertToInt() ? Math.max(0, output.intValue()) : Counts.UNKNOWN);
  }
}
