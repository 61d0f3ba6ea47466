package dev.parlor.model;

import java.io.IOException;
import java.time.Duration;
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

  static ErrorAnswer read(Response response, long bytesMax) throws IOException {
    BufferedSource source = response.body().source();
    source.request(bytesMax);
    String body = source.readUtf8(Math.min(source.getBuffer().size(), bytesMax));
    return new ErrorAnswer(response.code(), body, RetryAfter.read(response.header("Retry-After")));
  }

  /** Whether the endpoint read the request and did not accept its content. */
  boolean refusesContent() {
    return code == 400 || code == 422;
  }

  boolean mayRetry() {
    return code == 429 || code == 500 || (code >= 502 && code <= 504);
  }

  /** The failure as a sentence for people. */
  String reason(UnaryOperator<String> sanitizer) {
    String message = Completions.errorMessage(body).map(sanitizer).orElse("");
    String reason =
        "the model endpoint answered " + code + (message.isEmpty() ? "" : ": " + message);
    return mayRetry() && retryAfter.isPresent()
        ? reason + "; it asks to try again in " + Math.max(1, retryAfter.get().toSeconds()) + " s"
        : reason;
  }
}
