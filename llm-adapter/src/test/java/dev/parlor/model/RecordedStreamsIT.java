package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.Endpoint.Kind;
import dev.parlor.model.Endpoint.Limits;
import dev.parlor.model.Endpoint.ServedModel;
import dev.parlor.model.Endpoint.Timeouts;
import dev.parlor.model.ModelRequest.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Serves the recorded answers of endpoints, byte for byte, over real connections. Each file in
 * {@code src/test/resources/recorded} is one answer, from its status line on. A case serves one
 * file for each request that it expects. {@code docs/models.md} lists all files.
 */
class RecordedStreamsIT {
  private static final Path FOLDER = Path.of("src/test/resources/recorded");
  private static final Path LIST = Path.of("../docs/models.md");
  private static final ModelRequest REQUEST =
      new ModelRequest(
          "m",
          List.of(new Message("system", "Be brief"), new Message("user", "Hi")),
          OptionalInt.of(50));

  /** The answer that follows a refusal or a busy endpoint. */
  static final String OK = "openai-usage";

  static final String OK_ANTHROPIC = "anthropic-text";

  private final ModelTimer timer = ModelTimer.onThread("test-timer");
  private final List<String> bodies = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    timer.close();
  }

  /**
   * One case.
   *
   * @param files the answers, one for each request
   * @param ending the ending of the answer, or {@code Failed}
   * @param detail the reason of a failure, or the detail of the ending
   */
  record Case(List<String> files, String ending, String text, String thoughts, String detail) {
    @Override
    public String toString() {
      return String.join(" then ", files);
    }
  }

  static Case answer(String text, String... files) {
    return new Case(List.of(files), "COMPLETE", text, "", "");
  }

  static Case thoughtful(String thoughts, String file) {
    return new Case(List.of(file), "COMPLETE", "Hello", thoughts, "");
  }

  static Case ends(ModelEnding ending, String text, String file) {
    return new Case(List.of(file), ending.name(), text, "", "");
  }

  static Case fails(String reason, String text, String... files) {
    return new Case(List.of(files), "Failed", text, "", reason);
  }

  static Case said(String words, String text, String... files) {
    return fails("the model said: " + words, text, files);
  }

  static Stream<Case> openAi() {
    return Stream.of(
        answer("Hello", "openai-usage"),
        ends(ModelEnding.LENGTH, "Hel", "openai-length"),
        ends(ModelEnding.CONTENT_FILTER, "Hel", "openai-content-filter"),
        new Case(List.of("openai-refusal"), "REFUSAL", "", "", "I can't help."),
        ends(ModelEnding.TOOL_CALLS, "", "openai-tool-calls"),
        answer("Otter \ud83e\udda6!", "openai-split-emoji"),
        fails(
            "the connection to the model broke in the middle of the answer", "Hello", "openai-cut"),
        said(
            "The server had an error while processing your request. Sorry about that!",
            "",
            "openai-error-in-stream",
            "openai-error-in-stream",
            "openai-error-in-stream"),
        answer("Hello", "openai-error-in-stream", OK),
        answer("Hello", "openai-stream-refused", "openai-whole"),
        answer("Hello", "openai-limit-name-refused", OK),
        fails(
            "the model endpoint answered 401: Incorrect API key provided: ***. You can find your"
                + " API key at https://platform.openai.com/account/api-keys.",
            "",
            "openai-key-refused"),
        answer("Hello", "openai-retry-after-date", OK),
        fails(
            "the model endpoint answered 429: Rate limit reached; it asks to try again in 3600 s",
            "",
            "openai-retry-after-late-date"),
        answer("Hello", "azure-filter-results"),
        answer("Hello", "azure-stream-options-refused", OK));
  }

  static Stream<Case> others() {
    return Stream.of(
        answer("Hello", "groq-usage"),
        answer("Hello", "groq-over-capacity", OK),
        thoughtful("Hm.", "mistral-typed-thinking"),
        answer("Hello", "mistral-parameter-refused", OK),
        ends(ModelEnding.LENGTH, "Hello", "mistral-model-length"),
        thoughtful("Hm.", "deepseek-keep-alive"),
        new Case(
            List.of("deepseek-no-resources"), "OTHER", "Hel", "", "insufficient_system_resource"),
        fails(
            "the model endpoint answered 400: API key not valid. Please pass a valid API key.",
            "",
            "gemini-error-array"),
        answer("Hello", "gemini-error-array-200", OK),
        said("Internal server error: worker died", "", "fastapi-detail"),
        fails(
            "the model endpoint answered 524: A timeout occurred",
            "",
            "cloudflare-524",
            "cloudflare-524",
            "cloudflare-524"),
        said("Upstream service unavailable", "", "cloudflare-errors"));
  }

  static Stream<Case> anthropic() {
    return Stream.of(
        answer("Hello", "anthropic-text"),
        thoughtful("Let me think.", "anthropic-thinking"),
        ends(ModelEnding.THOUGHTS, "", "anthropic-redacted-thinking"),
        ends(ModelEnding.LENGTH, "Hello", "anthropic-max-tokens"),
        ends(ModelEnding.LENGTH, "Hello", "anthropic-context-window"),
        ends(ModelEnding.REFUSAL, "", "anthropic-refusal"),
        ends(ModelEnding.TOOL_CALLS, "", "anthropic-tool-use"),
        new Case(List.of("anthropic-pause-turn"), "OTHER", "Hello", "", "pause_turn"),
        answer("Hello", "anthropic-overloaded-in-stream", OK_ANTHROPIC),
        said(
            "Overloaded",
            "",
            "anthropic-overloaded-in-stream",
            "anthropic-overloaded-in-stream",
            "anthropic-overloaded-in-stream"),
        said("Overloaded", "Hello", "anthropic-overloaded-after-text"),
        answer("Hello", "anthropic-529", OK_ANTHROPIC),
        fails(
            "the model endpoint answered 529: Overloaded",
            "",
            "anthropic-529",
            "anthropic-529",
            "anthropic-529"),
        fails(
            "the model endpoint answered 400: max_tokens: 50000 > 8192, which is the maximum"
                + " allowed number of output tokens for claude",
            "",
            "anthropic-limit-too-high"),
        thoughtful("Hm.", "anthropic-whole"),
        answer("Hello", "anthropic-unknown-events"));
  }

  private static byte[] recorded(String file) throws IOException {
    try (InputStream in =
        RecordedStreamsIT.class.getResourceAsStream("/recorded/" + file + ".http")) {
      return Optional.ofNullable(in).orElseThrow().readAllBytes();
    }
  }

  private RawServer serve(List<String> files) throws IOException {
    Iterator<String> next = files.iterator();
    return new RawServer(
        exchange -> {
          bodies.add(exchange.body());
          String file;
          synchronized (next) {
            file = next.hasNext() ? next.next() : "proxy-empty";
          }
          exchange.write(recorded(file));
        });
  }

  private EndpointClient client(Kind kind, String url, String key) {
    var limits =
        new Limits(3, Duration.ofMillis(1), Duration.ofSeconds(2), 64 * 1024, 100_000, 16 * 1024);
    var model =
        new ServedModel(
            "m", "m", Optional.empty(), OptionalInt.empty(), OptionalInt.of(8_192), true);
    var endpoint = new Endpoint("e", kind, url, key, List.of(model), Timeouts.DEFAULT, limits);
    // The clock is far from the dates of the files, which have dates of their own.
    return new EndpointClient(endpoint, timer, () -> Instant.EPOCH);
  }

  private void check(Case each, Kind kind, String key) throws Exception {
    try (RawServer server = serve(each.files());
        EndpointClient client = client(kind, server.url(), key)) {
      RecordedEvents events = new RecordedEvents();
      client.start(REQUEST, events);
      if (each.ending().equals("Failed")) {
        assertEquals(each.detail(), events.failed().reason());
      } else {
        assertEquals(each.ending(), events.done().ending().name());
        assertEquals(each.detail(), events.done().detail());
      }
      assertEquals(each.text(), events.text());
      assertEquals(each.thoughts(), events.thoughts());
      assertEquals(each.files().size(), bodies.size(), "requests");
    }
  }

  @ParameterizedTest
  @DisplayName(
      "a recorded answer of an OpenAI-compatible endpoint gives its text, thoughts and end")
  @MethodSource({
    "openAi",
    "dev.parlor.model.FurtherAnswers#openRouter",
    "others",
    "dev.parlor.model.FurtherAnswers#proxies",
    "dev.parlor.model.FurtherAnswers#framing",
    "dev.parlor.model.FurtherAnswers#choices",
    "dev.parlor.model.FurtherAnswers#errors",
    "dev.parlor.model.FurtherAnswers#more",
    "dev.parlor.model.FurtherAnswers#moreErrors",
    "dev.parlor.model.FurtherAnswers#refusals"
  })
  void recordedAnswer(Case each) throws Exception {
    check(each, Kind.OPENAI, "sk-recorded-key-1");
  }

  @ParameterizedTest
  @DisplayName("a recorded answer of a local endpoint gives its text, thoughts and end")
  @MethodSource("dev.parlor.model.FurtherAnswers#local")
  void recordedAnswerOfLocalEndpoint(Case each) throws Exception {
    check(each, Kind.OPENAI, "ollama");
  }

  @ParameterizedTest
  @DisplayName("a recorded answer of Anthropic's interface gives its text, thoughts and end")
  @MethodSource({
    "anthropic",
    "dev.parlor.model.FurtherAnswers#messages",
    "dev.parlor.model.FurtherAnswers#moreMessages"
  })
  void recordedAnswerOfAnthropic(Case each) throws Exception {
    check(each, Kind.ANTHROPIC, "sk-ant-recorded");
  }

  @Test
  @DisplayName("token counts are read from each place in which endpoints send them")
  void tokenCounts() throws Exception {
    for (String file : List.of(OK, "llama.cpp-timings", "groq-usage", "ollama-ndjson")) {
      assertEquals(new ModelEvent.Usage(12, 2), usage(Kind.OPENAI, file), file);
    }
    // The prompt's tokens include those of the cache.
    assertEquals(new ModelEvent.Usage(32, 15), usage(Kind.ANTHROPIC, OK_ANTHROPIC));
  }

  private ModelEvent.Usage usage(Kind kind, String file) throws Exception {
    try (RawServer server = serve(List.of(file));
        EndpointClient client = client(kind, server.url(), "")) {
      RecordedEvents events = new RecordedEvents();
      client.start(REQUEST, events);
      return events.done().usage().orElseThrow();
    }
  }

  @ParameterizedTest
  @DisplayName(
      "a refused parameter is left out of the repeated request and of all later ones, and a note quotes the refusal")
  @MethodSource
  void refusedParameterIsRemembered(String refusal, String parameter, String words)
      throws Exception {
    String answer = parameter.equals("stream") ? "openai-whole" : OK;
    try (RawServer server = serve(List.of(refusal, answer, answer));
        EndpointClient client = client(Kind.OPENAI, server.url(), "")) {
      RecordedEvents first = new RecordedEvents();
      client.start(REQUEST, first);
      first.done();
      String next = client.body(REQUEST);
      RecordedEvents second = new RecordedEvents();
      client.start(REQUEST, second);
      second.done();
      assertTrue(bodies.getFirst().contains("\"" + parameter + "\":"), bodies.getFirst());
      assertTrue(!bodies.get(1).contains("\"" + parameter + "\":"), bodies.get(1));
      assertEquals(List.of(next, next), bodies.subList(1, 3));
      assertEquals(
          List.of("The endpoint e refused a parameter and was asked without it. It said: " + words),
          first.notes());
      assertEquals(List.of(), second.notes());
    }
  }

  static Stream<Arguments> refusedParameterIsRemembered() {
    return Stream.of(
        Arguments.of(
            "azure-stream-options-refused",
            "stream_options",
            "Unrecognized request argument supplied: stream_options"),
        Arguments.of(
            "mistral-parameter-refused", "stream_options", "Extra inputs are not permitted"),
        Arguments.of(
            "openai-stream-refused",
            "stream",
            "Unsupported value: 'stream' does not support true with this model. Only the default"
                + " (false) value is supported."));
  }

  @Test
  @DisplayName(
      "each recorded file has a case in this test and a row in docs/models.md, and no other")
  void everyFileHasItsCaseAndItsRow() throws Exception {
    Set<String> files;
    try (Stream<Path> list = Files.list(FOLDER)) {
      files =
          list.map(path -> path.getFileName().toString().replaceFirst("\\.http$", ""))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> tested =
        Stream.of(
                openAi(),
                FurtherAnswers.openRouter(),
                FurtherAnswers.local(),
                others(),
                FurtherAnswers.proxies(),
                anthropic(),
                FurtherAnswers.framing(),
                FurtherAnswers.choices(),
                FurtherAnswers.errors(),
                FurtherAnswers.messages(),
                FurtherAnswers.more(),
                FurtherAnswers.moreErrors(),
                FurtherAnswers.refusals(),
                FurtherAnswers.moreMessages())
            .flatMap(cases -> cases)
            .flatMap(each -> each.files().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(files, tested);
    Set<String> listed =
        Pattern.compile("(?m)^\\| `([a-z0-9.-]+)` \\|")
            .matcher(Files.readString(LIST).split("## Answers that are tested", -1)[1])
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(files, listed);
  }
}
