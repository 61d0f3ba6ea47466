package dev.parlor.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;

/**
 * The address, key and limits of an OpenAI-compatible endpoint. {@code toString} omits the key.
 *
 * @param baseUrl http or https, with or without {@code /v1} and a trailing slash
 * @param key the bearer token; empty for endpoints without a key
 * @param model the model for requests that name no model
 */
public record OpenAiSettings(
    String baseUrl, String key, String model, Timeouts timeouts, Limits limits) {

  public OpenAiSettings {
    completionsUrl(baseUrl);
    if (!key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new IllegalArgumentException("the model key holds a blank or a non-ASCII character");
    }
    if (model.isBlank()) {
      throw new IllegalArgumentException("the model endpoint needs a model name");
    }
  }

  public OpenAiSettings(String baseUrl, String key, String model) {
    this(baseUrl, key, model, Timeouts.DEFAULT, Limits.DEFAULT);
  }

  /**
   * Timeouts of a call. When one expires, the connection is closed and the call fails.
   *
   * @param connect until the connection is open; only this timeout is retried
   * @param firstToken from the sent request to the first piece of text
   * @param betweenTokens from one piece to the next piece; comments that keep the connection open
   *     are no pieces
   * @param total from the start of the call to its end, retries included
   */
  public record Timeouts(
      Duration connect, Duration firstToken, Duration betweenTokens, Duration total) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofMinutes(4));
  }

  /**
   * Limits of a call.
   *
   * @param attemptsMax attempts including the first; after the last attempt its failure is reported
   * @param retryDelay the delay before the second attempt, doubled for each further attempt
   * @param retryAfterMax a longer {@code Retry-After} ends the call at once
   * @param lineBytesMax bytes of one event; a longer event fails the call
   * @param answerCharsMax characters of one answer; a longer answer fails the call
   * @param errorBytesMax bytes that are read of the body of an error response
   */
  public record Limits(
      int attemptsMax,
      Duration retryDelay,
      Duration retryAfterMax,
      int lineBytesMax,
      int answerCharsMax,
      int errorBytesMax) {
    public static final Limits DEFAULT =
        new Limits(
            3, Duration.ofMillis(500), Duration.ofSeconds(10), 256 * 1024, 1024 * 1024, 16 * 1024);
  }

  /**
   * The URL for requests: {@code <base>/v1/chat/completions}. {@code /v1} is omitted if the base
   * already contains a version. A base that already ends with {@code /chat/completions} stays
   * unchanged.
   *
   * @throws IllegalArgumentException with the reason but without the URL, which may contain a
   *     secret
   */
  static URI completionsUrl(String baseUrl) {
    URI base;
    try {
      base = new URI(baseUrl.strip());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the model URL is not a URL: " + e.getReason());
    }
    String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException("the model URL must begin with http:// or https://");
    }
    if (base.getHost() == null || base.getRawUserInfo() != null) {
      throw new IllegalArgumentException("the model URL needs a host, and no user before it");
    }
    String path = base.getRawPath().replaceAll("/+$", "");
    if (!path.endsWith("/chat/completions")) {
      boolean versioned = path.matches("(.*/)?v\\d\\w*(/.*)?");
      path += versioned ? "/chat/completions" : "/v1/chat/completions";
    }
    String query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
    return URI.create(scheme + "://" + base.getRawAuthority() + path + query);
  }

  @Override
  public String toString() {
    return "OpenAiSettings[model=" + model + ", key=" + (key.isEmpty() ? "none" : "***") + "]";
  }
}
