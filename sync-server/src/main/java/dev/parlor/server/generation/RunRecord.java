package dev.parlor.server.generation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.parlor.crdt.room.Grant;
import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.Result;
import dev.parlor.crdt.room.Result.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * What the server knows of one request: a row of the ledger, and the source of the result in the
 * document. Immutable. Times are milliseconds, {@value #NONE} where there is none.
 *
 * @param by the identity that asked
 * @param prompt the folded stack as it was sent, empty for refused requests
 * @param cards the ids of the cards that shaped the prompt; those named, for refused requests
 * @param chunks the answer so far; they join to its text
 * @param reason why it ended so, empty while it runs and when all went well
 * @param epoch the epoch of the grant; for refused requests the epoch at the refusal
 * @param leaseUntil after this the grant is void
 * @param ttftMs from the grant to the first piece of text
 * @param totalMs from the grant to the end
 */
public record RunRecord(
    String request,
    String by,
    String query,
    String prompt,
    String model,
    List<String> cards,
    List<String> chunks,
    Status status,
    String reason,
    Result.Usage usage,
    long epoch,
    long startedAt,
    long leaseUntil,
    long endedAt,
    long ttftMs,
    long totalMs) {

  public static final long NONE = -1;

  private static final Result.Usage NO_USAGE = new Result.Usage(0, 0, true);

  public RunRecord {
    cards = List.copyOf(cards);
    chunks = List.copyOf(chunks);
  }

  static RunRecord refused(Lock lock, String model, String reason, long epoch, long now) {
    return new RunRecord(
        lock.request(),
        lock.by(),
        lock.query(),
        "",
        model,
        lock.cards(),
        List.of(),
        Status.REFUSED,
        reason,
        NO_USAGE,
        epoch,
        now,
        NONE,
        now,
        NONE,
        0);
  }

  static RunRecord granted(Lock lock, Prepared prepared, long epoch, long now, long leaseUntil) {
    return new RunRecord(
        lock.request(),
        lock.by(),
        lock.query(),
        prepared.text(),
        prepared.model(),
        prepared.cards(),
        List.of(),
        Status.RUNNING,
        "",
        NO_USAGE,
        epoch,
        now,
        leaseUntil,
        NONE,
        NONE,
        NONE);
  }

  /** A result that somebody brought from elsewhere; it is over. */
  static RunRecord adopted(Result result) {
    return new RunRecord(
        result.request(),
        result.by(),
        result.query(),
        result.prompt(),
        result.model(),
        result.cards(),
        result.chunks(),
        result.status(),
        result.reason() == null ? "" : result.reason(),
        result.usage() == null ? NO_USAGE : result.usage(),
        result.epoch(),
        result.startedAt(),
        NONE,
        result.endedAt() == null ? result.startedAt() : result.endedAt(),
        result.ttftMs() == null ? NONE : result.ttftMs(),
        result.totalMs() == null ? 0 : result.totalMs());
  }

  @JsonIgnore
  public boolean isFinal() {
    return status != Status.RUNNING;
  }

  public String text() {
    return String.join("", chunks);
  }

  Grant grant() {
    return new Grant(request, epoch, startedAt, leaseUntil);
  }

  RunRecord withFirstWord(long afterMillis) {
    return with(chunks, status, reason, usage, endedAt, afterMillis, totalMs);
  }

  RunRecord withChunk(String chunk) {
    List<String> longer = new ArrayList<>(chunks);
    longer.add(chunk);
    return with(longer, status, reason, usage, endedAt, ttftMs, totalMs);
  }

  RunRecord ended(Status end, String why, Result.Usage tokens, long now) {
    return with(chunks, end, why, tokens, now, ttftMs, Math.max(0, now - startedAt));
  }

  private RunRecord with(
      List<String> chunks,
      Status status,
      String reason,
      Result.Usage usage,
      long endedAt,
      long ttftMs,
      long totalMs) {
    return new RunRecord(
        request,
        by,
        query,
        prompt,
        model,
        cards,
        chunks,
        status,
        reason,
        usage,
        epoch,
        startedAt,
        leaseUntil,
        endedAt,
        ttftMs,
        totalMs);
  }

  /** As the document says it; the times come with the end. */
  Result toResult() {
    return new Result(
        request,
        by,
        query,
        prompt,
        model,
        cards,
        chunks,
        status,
        reason.isEmpty() ? null : reason,
        isFinal() ? usage : null,
        epoch,
        startedAt,
        isFinal() ? endedAt : null,
        isFinal() && ttftMs != NONE ? ttftMs : null,
        isFinal() ? totalMs : null);
  }
}
