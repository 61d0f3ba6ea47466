package dev.parlor.crdt.room;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request.
 *
 * @param request the key in {@code results}
 * @param prompt the folded stack as it was sent
 * @param chunks the answer in pieces, in order
 * @param reason why it was refused or failed, or null
 * @param usage tokens, or null before the end
 * @param endedAt milliseconds since the epoch, or null while it runs
 * @param ttftMs milliseconds to the first token, or null
 * @param totalMs milliseconds in all, or null while it runs
 * @param after the request whose answer this one follows, empty for a fresh start; null in a result
 *     from before this field, which follows the result that ended before it
 * @param ending how it ended; null while it runs, when it was refused, and in results from before
 * @param tokensMax the limit that was sent to the model, or null for none
 * @param omitted earlier pairs of question and answer that did not fit and were left out
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
    int omitted) {

  public Result {
    cards = List.copyOf(cards);
    chunks = List.copyOf(chunks);
  }

  /** As results were before they said what they follow and how they ended. */
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
        endedAt, ttftMs, totalMs, null, null, null, 0);
  }

  /** Oldest first. */
  public static final Comparator<Result> BY_START =
      Comparator.comparingLong(Result::startedAt).thenComparing(Result::request);

  /** How far a request got. */
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

  /** Tokens; {@code estimated} when the provider did not say. */
  public record Usage(long promptTokens, long completionTokens, boolean estimated) {}

  /** The whole answer so far. */
  public String text() {
    return String.join("", chunks);
  }
}
