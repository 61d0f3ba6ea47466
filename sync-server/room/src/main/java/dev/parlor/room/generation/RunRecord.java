package dev.parlor.room.generation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's record of one request: a row of the ledger, and the source of the result in the
 * document. Immutable. Points in time are milliseconds since the epoch; {@value #NONE} stands for
 * no time.
 *
 * @param by identity of the requester
 * @param prompt the folded stack as it was sent, empty for refused requests
 * @param cards ids of the cards in the prompt; for refused requests, of the cards that the request
 *     named
 * @param chunks the answer so far; its text is the chunks joined
 * @param reason reason of the ending; empty while the run is active, and after success
 * @param epoch the epoch of the grant; for refused requests, the epoch at the refusal
 * @param leaseUntil time at which the grant expires
 * @param ttftMs milliseconds from the grant to the first piece of text
 * @param totalMs milliseconds from the grant to the end
 * @param after request whose answer this one follows; empty for a fresh start, null in records from
 *     before this field
 * @param ending the ending; null during the run, after a refusal, and in records from before this
 *     field
 * @param tokensMax the token limit sent to the model; null without one
 * @param omitted number of earlier pairs of question and answer that were left out for length
 * @param attach the attachments, with the words that were sent; null in records from before this
 *     field
 * @param chat the id of the chat entry that asked, or null
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
    long totalMs,
    @Nullable String after,
    @Nullable Ending ending,
    @Nullable Long tokensMax,
    int omitted,
    @Nullable List<Attachment> attach,
    @Nullable String chat) {

  public static final long NONE = -1;

  private static final Result.Usage NO_USAGE = new Result.Usage(0, 0, true);

  /** Every text is made well-formed here, so that ledger, document, HTTP and events agree. */
  public RunRecord {
    by = Texts.wellFormed(by);
    query = Texts.wellFormed(query);
    prompt = Texts.wellFormed(prompt);
    model = Texts.wellFormed(model);
    cards = cards.stream().map(Texts::wellFormed).toList();
    chunks = chunks.stream().map(Texts::wellFormed).toList();
    reason = Texts.wellFormed(reason);
    after = after == null ? null : Texts.wellFormed(after);
    attach = attach == null || attach.isEmpty() ? null : List.copyOf(attach);
    chat = chat == null ? null : Texts.wellFormed(chat);
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
        0,
        lock.after(),
        null,
        null,
        0,
        lock.attach(),
        lock.chat());
  }

  /** A request that waits: it has no start and no epoch yet. */
  static RunRecord waiting(QueuedRequest queued) {
    return granted(queued.lock(), queued.prompt(), 0, NONE, NONE);
  }

  /** Whether the request waits in the queue. */
  @JsonIgnore
  public boolean isWaiting() {
    return status == Status.RUNNING && startedAt == NONE;
  }

  static RunRecord granted(Lock lock, BuiltPrompt prepared, long epoch, long now, long leaseUntil) {
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
        NONE,
        lock.after(),
        null,
        prepared.tokensMaxLong(),
        prepared.omitted(),
        lock.attach(),
        lock.chat());
  }

  /** An imported result; it is final. */
  static RunRecord imported(Result result) {
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
        result.totalMs() == null ? 0 : result.totalMs(),
        result.after(),
        result.ending(),
        result.tokensMax(),
        result.omitted(),
        result.attach(),
        result.chat());
  }

  /** The record of a result that the document shows. */
  static RunRecord shown(Result result) {
    RunRecord record = imported(result);
    return record.isFinal()
        ? record
        : record.with(
            record.chunks,
            record.status,
            record.ending,
            record.reason,
            record.usage,
            NONE,
            record.ttftMs,
            NONE);
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

  RunRecord withFirstTokenAfter(long millis) {
    return with(chunks, status, ending, reason, usage, endedAt, millis, totalMs);
  }

  RunRecord withChunk(String chunk) {
    List<String> longer = new ArrayList<>(chunks);
    longer.add(chunk);
    return with(longer, status, ending, reason, usage, endedAt, ttftMs, totalMs);
  }

  RunRecord withoutChunks() {
    return with(List.of(), status, ending, reason, usage, endedAt, ttftMs, totalMs);
  }

  RunRecord ended(Outcome outcome, Result.Usage finalUsage, long now) {
    long total = Math.max(0, now - startedAt);
    return with(
        chunks,
        outcome.status(),
        outcome.ending(),
        outcome.reason(),
        finalUsage,
        now,
        ttftMs,
        total);
  }

  private RunRecord with(
      List<String> chunks,
      Status status,
      @Nullable Ending ending,
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
        totalMs,
        after,
        ending,
        tokensMax,
        omitted,
        attach,
        chat);
  }

  /** The result for the document. While it runs, it has no usage, end or durations. */
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
        isFinal() ? totalMs : null,
        after,
        ending,
        tokensMax,
        omitted,
        attach == null ? List.of() : attach,
        chat);
  }
}
