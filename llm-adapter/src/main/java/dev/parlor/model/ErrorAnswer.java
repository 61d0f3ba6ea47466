package dev.parlor.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * A response with an error status.
 *
 * @param code the HTTP status
 * @param body the beginning of the response body, at most {@code errorBytesMax} bytes
 * @param location the address to which the endpoint redirects, without its query; empty without one
 * @param retryAfter the delay that the endpoint requests before the next attempt, if it sent one
 */
record ErrorAnswer(int code, String body, String location, Optional<Duration> retryAfter) {

  private static final Pattern TITLE = Pattern.compile("(?is)<title[^>]*>([^<]*)</title>");

  /** Errors that stay until a person acts, although their status says otherwise. */
  private static final Pattern LASTING =
      Pattern.compile("\"(insufficient_quota|billing_hard_limit_reached|billing_not_active)\"");

  /**
   * @param now the time of this machine, for a {@code Retry-After} that is a date
   */
  static ErrorAnswer read(Response response, long bytesMax, Instant now) throws IOException {
    BufferedSource source = AnswerBody.of(response);
    source.request(bytesMax);
    String body = source.readUtf8(Math.min(source.getBuffer().size(), bytesMax));
    return new ErrorAnswer(
        response.code(),
        body,
        String.valueOf(response.header("Location", "")).replaceFirst("[?#].*", ""),
        RetryAfter.read(response, now).or(() -> RetryAfter.inBody(body)));
  }

  /** Whether the endpoint read the request and did not accept its content. */
  boolean refusesContent() {
    return code == 400 || code == 422;
  }

  /**
   * Whether the endpoint may have refused a parameter. Some proxies answer 500 or 501 if the
   * program behind them does not know it.
   */
  boolean mayRefuseParameter() {
    return refusesContent() || code == 500 || code == 501;
  }

  boolean mayRetry() {
    return isTemporary(code) && !LASTING.matcher(body).find();
  }

  /**
   * Whether a status means that the provider is busy or failed; 520 to 524 are Cloudflare's. The
   * client libraries of providers repeat 408, 409 and 425 too.
   */
  static boolean isTemporary(int code) {
    return code == 408
        || code == 409
        || code == 425
        || code == 429
        || code == 500
        || (code >= 502 && code <= 504)
        || (code >= 520 && code <= 524)
        || code == 529;
  }

  /** The provider's words: of an error object, the title of a web page, or a plain text. */
  String words(UnaryOperator<String> sanitizer) {
    Optional<JsonNode> json = Frames.parse(body).filter(JsonNode::isContainerNode);
    return json.isPresent()
        ? json.flatMap(error -> ProviderError.words(error, 0)).map(sanitizer).orElse("")
        : sanitizer.apply(plainWords());
  }

  private String plainWords() {
    String text = body.strip();
    if (!text.startsWith("<")) {
      return text.startsWith("{") || text.startsWith("[") ? "" : text;
    }
    var title = TITLE.matcher(text);
    return title.find() ? title.group(1).strip().replaceFirst("^" + code + "[: ]*", "") : "";
  }

  /** The failure as a sentence for people. */
  String reason(UnaryOperator<String> sanitizer) {
    String message =
        code >= 300 && code < 400 && !location.isEmpty()
            ? "it has moved to " + sanitizer.apply(location) + "; change its URL"
            : words(sanitizer);
    String reason =
        "the model endpoint answered " + code + (message.isEmpty() ? "" : ": " + message);
    return mayRetry() && retryAfter.isPresent()
        ? reason + "; it asks to try again in " + Math.max(1, retryAfter.get().toSeconds()) + " s"
        : reason;
  }
}
