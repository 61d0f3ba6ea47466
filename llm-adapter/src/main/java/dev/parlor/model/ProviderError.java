package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An error in the words of the provider, read from any of the formats that providers use.
 *
 * @param message the provider's words
 * @param isTemporary whether the provider is busy or failed, so that the same request may succeed
 *     later
 */
record ProviderError(String message, boolean isTemporary) {
  static final String WITHOUT_MESSAGE = "an error without a message";

  /** The fields that may have the words of an error, in the order of preference. */
  private static final List<String> MESSAGE_FIELDS =
      List.of("message", "msg", "error", "detail", "details", "error_message", "description");

  /** Values of {@code type}, {@code object} or {@code status} that mark an error object. */
  private static final Set<String> ERROR_MARKS = Set.of("error", "failed", "failure");

  private static final Set<String> TEMPORARY_TYPES =
      Set.of(
          "overloaded_error",
          "overloaded",
          "rate_limit_error",
          "rate_limit_exceeded",
          "too_many_requests",
          "api_error",
          "server_error",
          "internal_server_error",
          "internalservererror",
          "service_unavailable",
          "unavailable",
          "timeout_error",
          "unavailable_error");

  /** The nesting up to which words are looked for; providers wrap each other's errors. */
  private static final int DEPTH_MAX = 4;

  /** Reads the error of a frame of a stream; empty if the frame is no error. */
  static Optional<ProviderError> ofFrame(JsonNode frame) {
    JsonNode error = frame.path("error");
    boolean isFilled = error.isContainerNode() && (!error.isEmpty() || !frame.has("choices"));
    boolean hasError = isFilled || isWords(error) || isTrue(error);
    boolean isMarked =
        ERROR_MARKS.contains(lower(frame.path("type")))
            || ERROR_MARKS.contains(lower(frame.path("object")))
            || ERROR_MARKS.contains(lower(frame.path("status")))
            || (frame.path("errors").isArray() && !frame.path("errors").isEmpty());
    if (hasError || isMarked) {
      return Optional.of(of(frame));
    }
    boolean isAnswer = frame.has("choices") || frame.has("content") || frame.has("usage");
    boolean hasOnlyWords =
        isWords(frame.path("message"))
            || isWords(frame.path("detail"))
            || isWords(frame.path("msg"));
    boolean fails = frame.path("success").isBoolean() && !frame.path("success").booleanValue();
    return !isAnswer && (hasOnlyWords || fails) ? Optional.of(of(frame)) : Optional.empty();
  }

  private static boolean isTrue(JsonNode node) {
    return node.isBoolean() && node.booleanValue();
  }

  private static boolean isWords(JsonNode node) {
    return node.isTextual() && !node.textValue().isBlank();
  }

  private static String lower(JsonNode node) {
    return node.asText("").toLowerCase(Locale.ROOT);
  }

  /** Reads an object that is known to be an error. */
  static ProviderError of(JsonNode root) {
    String words = words(root, 0).orElse(WITHOUT_MESSAGE);
    String upstream = root.path("error").path("metadata").path("raw").asText("").strip();
    if (!upstream.isEmpty() && !words.contains(upstream)) {
      words += ": " + upstreamWords(upstream);
    }
    return new ProviderError(words, isTemporary(root, 0));
  }

  /** The words of the provider behind a router, which may be JSON in a string. */
  private static String upstreamWords(String raw) {
    return Frames.parse(raw).filter(JsonNode::isObject).flatMap(json -> words(json, 0)).orElse(raw);
  }

  /** The words of an error object or of the body of an error response. */
  static Optional<String> words(JsonNode node, int depth) {
    if (isWords(node)) {
      String text = node.textValue().strip();
      // Some routers put the JSON of another provider's error into the message.
      return text.startsWith("{") && depth < DEPTH_MAX
          ? Frames.parse(text).flatMap(json -> words(json, depth + 1)).or(() -> Optional.of(text))
          : Optional.of(text);
    }
    if (depth >= DEPTH_MAX) {
      return Optional.empty();
    }
    if (node.isArray()) {
      return node.isEmpty() ? Optional.empty() : words(node.path(0), depth + 1);
    }
    // The words of the inner error, before those beside it.
    JsonNode inner = node.path("error");
    Optional<String> innerWords =
        inner.isContainerNode() ? words(inner, depth + 1) : Optional.empty();
    if (innerWords.isPresent()) {
      return innerWords;
    }
    for (String field : MESSAGE_FIELDS) {
      Optional<String> words = words(node.path(field), depth + 1);
      if (words.isPresent()) {
        return words;
      }
    }
    return node.path("errors").isArray() ? words(node.path("errors"), depth + 1) : Optional.empty();
  }

  private static boolean isTemporary(JsonNode node, int depth) {
    for (String field : List.of("code", "status", "status_code", "statusCode")) {
      JsonNode code = node.path(field);
      if (code.canConvertToInt() && ErrorAnswer.isTemporary(code.intValue())) {
        return true;
      }
      if (code.isTextual()
          && (TEMPORARY_TYPES.contains(lower(code))
              || (code.textValue().matches("\\d{3}")
                  && ErrorAnswer.isTemporary(Integer.parseInt(code.textValue()))))) {
        return true;
      }
    }
    return TEMPORARY_TYPES.contains(lower(node.path("type")))
        || (depth < DEPTH_MAX
            && node.path("error").isObject()
            && isTemporary(node.path("error"), depth + 1));
  }
}
