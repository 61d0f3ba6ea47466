package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * A response with an error status.
 *
 * @param code the HTTP status
 * @param body the beginning of the response body, at most {@code errorBytesMax} bytes
 * @param retryAfter the delay that the endpoint requests before the next attempt, if it sent one
 */
record ErrorAnswer(int code, String body, Optional<Duration> retryAfter) {

  /**
   * @param now the time of this machine, for a {@code Retry-After} that is a date
   */
  static ErrorAnswer read(Response response, long bytesMax, Instant now) throws IOException {
    BufferedSource source = AnswerBody.of(response);
    source.request(bytesMax);
    String body = source.readUtf8(Math.min(source.getBuffer().size(), bytesMax));
    return new ErrorAnswer(response.code(), body, RetryAfter.read(response, now));
  }

  /** Whether the endpoint read the request and did not accept its content. */
  boolean refusesContent() {
    return code == 400 || code == 422;
  }

  boolean mayRetry() {
    return isTemporary(code);
  }

  /** Whether a status means that the provider is busy or failed; 520 to 524 are Cloudflare's. */
  static boolean isTemporary(int code) {
    return code == 429
        || code == 500
        || (code >= 502 && code <= 504)
        || (code >= 520 && code <= 524)
        || code == 529;
  }

  /** The provider's words; empty if the body has none in a known format. */
  String words(UnaryOperator<String> sanitizer) {
    return Frames.parse(body)
        .filter(JsonNode::isContainerNode)
        .flatMap(json -> ProviderError.words(json, 0))
        .map(sanitizer)
        .orElse("");
  }

  /** The failure as a sentence for people. */
  String reason(UnaryOperator<String> sanitizer) {
    String message = words(sanitizer);
    String reason =
        "the model endpoint answered " + code + (message.isEmpty() ? "" : ": " + message);
    return mayRetry() && retryAfter.isPresent()
        ? reason + "; it asks to try again in " + Math.max(1, retryAfter.get().toSeconds()) + " s"
        : reason;
  }
}
