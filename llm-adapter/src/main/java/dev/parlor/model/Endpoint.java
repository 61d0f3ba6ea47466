package dev.parlor.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One endpoint of language models: its address, key, models and limits. {@code toString} omits the
 * key.
 *
 * @param name the name that people see, for example {@code anthropic}
 * @param baseUrl http or https, with or without {@code /v1} and a trailing slash
 * @param key the key; empty for endpoints without a key
 * @param models the models, the default model first; never empty
 */
public record Endpoint(
    String name,
    Kind kind,
    String baseUrl,
    String key,
    List<ServedModel> models,
    Timeouts timeouts,
    Limits limits) {

  /** The interface of an endpoint. */
  public enum Kind {
    /** {@code /chat/completions}, as OpenAI and most other providers have it. */
    OPENAI,
    /** {@code /messages}, as Anthropic has it. It requires a token limit in every request. */
    ANTHROPIC
  }

  public Endpoint {
    models = List.copyOf(models);
    Dialect.of(kind).url(baseUrl);
    if (!key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new IllegalArgumentException("the model key holds a blank or a non-ASCII character");
    }
    if (models.isEmpty() || models.stream().anyMatch(model -> model.id().isBlank())) {
      throw new IllegalArgumentException("the model endpoint needs a model name");
    }
    boolean lacksLimit = models.stream().anyMatch(model -> model.tokensMax().isEmpty());
    if (kind == Kind.ANTHROPIC && lacksLimit) {
      throw new IllegalArgumentException("this endpoint needs a maximum of tokens for each model");
    }
  }

  /** An OpenAI-compatible endpoint with one model. */
  public static Endpoint openAi(
      String baseUrl, String key, String model, Timeouts timeouts, Limits limits) {
    return new Endpoint(
        "default", Kind.OPENAI, baseUrl, key, List.of(ServedModel.named(model)), timeouts, limits);
  }

  public static Endpoint openAi(String baseUrl, String key, String model) {
    return openAi(baseUrl, key, model, Timeouts.DEFAULT, Limits.DEFAULT);
  }

  /** The model of this name; the default model for an empty name. */
  ServedModel model(String modelName) {
    if (modelName.isBlank()) {
      return models.getFirst();
    }
    return models.stream()
        .filter(model -> model.name().equals(modelName))
        .findFirst()
        .orElseGet(() -> ServedModel.named(modelName));
  }

  /**
   * A model at an endpoint.
   *
   * @param name the name that rooms use
   * @param id the provider's name of the model
   * @param price the price of its tokens, if known
   * @param contextTokens the most tokens of a prompt and its answer together, if known
   * @param tokensMax the most tokens of an answer, if known. An Anthropic endpoint gets this number
   *     in each request that has no other limit
   * @param takesImages whether a request may have images
   */
  public record ServedModel(
      String name,
      String id,
      Optional<Price> price,
      OptionalInt contextTokens,
      OptionalInt tokensMax,
      boolean takesImages) {

    /** A model of which only the name is known. */
    public static ServedModel named(String name) {
      return new ServedModel(
          name, name, Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), true);
    }
  }

  /**
   * A price in US dollars per million tokens.
   *
   * @param input for the tokens of the prompt
   * @param output for the tokens of the answer, thoughts included
   */
  public record Price(double input, double output) {

    /** The cost of a call in millionths of a US dollar, rounded. */
    public long micros(long promptTokens, long completionTokens) {
      return Math.round(promptTokens * input + completionTokens * output);
    }
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

  /** The URL of the list of the models of an endpoint with this base URL. */
  public static URI modelsUrl(String baseUrl) {
    return requestUrl(baseUrl.strip().replaceAll("/(chat/completions|messages)/*$", ""), "/models");
  }

  /** The headers of each request to an endpoint of this kind. */
  public static Map<String, String> headers(Kind kind, String key) {
    return Dialect.of(kind).headers(key);
  }

  /**
   * The URL for requests: {@code <base>/v1<path>}. {@code /v1} is omitted if the base already
   * contains a version. A base that already ends with the path stays unchanged.
   *
   * @throws IllegalArgumentException with the reason but without the URL, which may contain a
   *     secret
   */
  static URI requestUrl(String baseUrl, String requestPath) {
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
    if (!path.endsWith(requestPath)) {
      boolean versioned = path.matches("(.*/)?v\\d\\w*(/.*)?");
      path += versioned ? requestPath : "/v1" + requestPath;
    }
    String query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
    return URI.create(scheme + "://" + base.getRawAuthority() + path + query);
  }

  @Override
  public String toString() {
    String modelNames = models.getFirst().name() + (models.size() > 1 ? ", .." : "");
    return "Endpoint["
        + name
        + ", "
        + modelNames
        + ", key="
        + (key.isEmpty() ? "none" : "***")
        + "]";
  }
}
