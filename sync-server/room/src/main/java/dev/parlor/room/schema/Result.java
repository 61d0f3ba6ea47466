package dev.parlor.room.schema;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one request, as in the document.
 *
 * @param request the key in {@code results}
 * @param prompt the folded stack that was sent
 * @param chunks the answer in pieces, in order
 * @param reason reason of the refusal or failure, or null
 * @param usage tokens of prompt and answer; null during the run
 * @param endedAt milliseconds since the epoch, or null during the run
 * @param ttftMs milliseconds from the grant to the first token; null without a token
 * @param totalMs milliseconds from the grant to the end; null during the run
 * @param after the request whose answer this one follows; empty for a fresh start. Null in results
 *     from before this field, which follow the result that ended before them
 * @param ending the ending; null during the run, after a refusal, and in results from before this
 *     field
 * @param tokensMax the token limit sent to the model, or null
 * @param omitted number of earlier pairs of question and answer that were left out for length
 * @param attach the attachments, with the words that were sent
 * @param chat the id of the chat entry that asked, or null
 */
public record Result(
    String request,
    String by,
    String query,
    String prompt,
    String model,
    List<String> cards,
    List<String> chunks,
    Status status,
    @Nullable String reason,
    @Nullable Usage usage,
    long epoch,
    long startedAt,
    @Nullable Long endedAt,
    @Nullable Long ttftMs,
    @Nullable Long totalMs,
    @Nullable String after,
    @Nullable Ending ending,
    @Nullable Long tokensMax,
    int omitted,
    List<Attachment> attach,
    @Nullable String chat) {

  public Result {
    attach = List.copyOf(attach);
    cards = List.copyOf(cards);
    chunks = List.copyOf(chunks);
  }

  /** A result without the fields that were added later. */
  public Result(
      String request,
      String by,
      String query,
      String prompt,
      String model,
      List<String> cards,
      List<String> chunks,
      Status status,
      @Nullable String reason,
      @Nullable Usage usage,
      long epoch,
      long startedAt,
      @Nullable Long endedAt,
      @Nullable Long ttftMs,
      @Nullable Long totalMs) {
    this(
        request, by, query, prompt, model, cards, chunks, status, reason, usage, epoch, startedAt,
        endedAt, ttftMs, totalMs, null, null, null, 0, List.of(), null);
  }

  /** Oldest first. */
  public static final Comparator<Result> BY_START =
      Comparator.comparingLong(Result::startedAt).thenComparing(Result::request);

  /** The state of a request. */
  public enum Status implements Named {
    RUNNING("running"),
    DONE("done"),
    STOPPED("stopped"),
    ERROR("error"),
    REFUSED("refused"),
    INTERRUPTED("interrupted");

    private final String wire;

    Status(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /**
   * Numbers of tokens.
   *
   * @param estimated whether the server estimated them, since the provider did not report them
   * @param call the call that used them; null without an endpoint, and in results from before this
   *     field
   */
  public record Usage(
      long promptTokens, long completionTokens, boolean estimated, @Nullable CallInfo call) {
    /** Without the call. */
    public Usage(long promptTokens, long completionTokens, boolean estimated) {
      this(promptTokens, completionTokens, estimated, null);
    }

    public Usage withCall(@Nullable CallInfo info) {
      return new Usage(promptTokens, completionTokens, estimated, info);
    }
  }

  /** The user message with the question, as it was sent [PF10]. */
  public String question() {
    return PromptFold.question(attach, query);
  }

  /** The whole answer so far. */
  public String text() {
    return String.join("", chunks);
  }
}
