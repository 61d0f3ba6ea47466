package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.generation.GenerationInput.Timer;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The room's current run, from its grant until the document has its result. A part of {@link
 * GenerationState}: each method adds the effects of its step to the list.
 */
final class CurrentRun {
  private final BuiltPrompt prepared;
  private final Supplier<List<Edit>> fieldEdits;
  private final ServiceLimits.Generation limits;
  private final RequestRecords records;
  private final CallDetails details;
  private RunRecord record;
  private Phase phase = new StoringGrant(false);

  private sealed interface Phase {}

  /**
   * The grant is being stored; the model is not called yet.
   *
   * @param stopRequested whether the run ends as soon as the grant is on disk
   */
  private record StoringGrant(boolean stopRequested) implements Phase {}

  /** The model answers. */
  private static final class Answering implements Phase {
    AnswerText text = new AnswerText();
    boolean deltaTimerSet;
    boolean flushTimerSet;
    long broadcastAt = Long.MIN_VALUE / 2;
    long flushedAt = Long.MIN_VALUE / 2;
  }

  /** The final record is being stored. */
  private record StoringFinal() implements Phase {}

  /**
   * Starts a run in the phase in which the caller stores the grant.
   *
   * @param records receives the run's later records
   * @param fieldEdits the edits that show the run's grant, once the record is shown
   */
  CurrentRun(
      BuiltPrompt prepared,
      RunRecord granted,
      ServiceLimits.Generation limits,
      RequestRecords records,
      Supplier<List<Edit>> fieldEdits) {
    this.prepared = prepared;
    this.fieldEdits = fieldEdits;
    this.record = granted;
    this.details = new CallDetails(granted.model());
    this.limits = limits;
    this.records = records;
  }

  RunRecord record() {
    return record;
  }

  String request() {
    return record.request();
  }

  /** Whether the document has the run's grant. */
  boolean isShown() {
    return records.isShown(request());
  }

  /** Whether the run's final record is being stored. */
  boolean isEnding() {
    return phase instanceof StoringFinal;
  }

  /** Estimates the usage if the provider does not report it: four characters are one token. */
  static Usage estimate(int promptChars, int answerChars) {
    return new Usage((promptChars + 3) / 4, (answerChars + 3) / 4, true);
  }

  /** The grant is on disk, or storing it failed. */
  void stored(GenerationInput.GrantStored stored, long now, List<GenerationEffect> effects) {
    if (record.epoch() != stored.epoch() || !(phase instanceof StoringGrant(var stopRequested))) {
      return;
    }
    if (stored.problem() != null) {
      end(Outcome.error(stored.problem()), Optional.empty(), now, effects);
      return;
    }
    records.show(record);
    List<Edit> edits = new ArrayList<>(fieldEdits.get());
    edits.addAll(ServerFields.transition(null, record));
    effects.add(new GenerationEffect.Write(edits));
    effects.add(new GenerationEffect.Started(record));
    phase = new Answering();
    if (stopRequested) {
      end(Outcome.stopped(), Optional.empty(), now, effects);
      return;
    }
    prepared
        .imagesProblem()
        .ifPresent(
            problem -> {
              var note = new ModelEvent.Note(problem);
              details.add(note);
              effects.add(new GenerationEffect.CallNews(record, note));
            });
    effects.add(
        new GenerationEffect.SetTimer(record.epoch(), Timer.LEASE, limits.leaseSeconds() * 1000L));
    effects.add(new GenerationEffect.Call(record.epoch(), prepared));
  }

  /**
   * Ends the run because a participant requested it.
   *
   * @return false if the run was stopped before or has ended
   */
  boolean stop(long now, List<GenerationEffect> effects) {
    return switch (phase) {
      case StoringGrant(var stopRequested) -> {
        phase = new StoringGrant(true);
        yield !stopRequested;
      }
      case Answering _ -> {
        end(Outcome.stopped(), Optional.empty(), now, effects);
        yield true;
      }
      case StoringFinal() -> false;
    };
  }

  void interrupt(String reason, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering) {
      end(Outcome.interrupted(reason), Optional.empty(), now, effects);
    }
  }

  // The answer.

  void text(GenerationInput.Text delta, long now, List<GenerationEffect> effects) {
    if (!(phase instanceof Answering answer) || delta.epoch() != record.epoch()) {
      return;
    }
    delta.news().forEach(event -> news(answer, event, effects));
    if (delta.text().isEmpty()) {
      return;
    }
    if (record.ttftMs() == RunRecord.NONE) {
      record = record.withFirstTokenAfter(Math.max(0, now - record.startedAt()));
    }
    answer.text.add(delta.text());
    broadcastOrSetTimer(answer, now, effects);
    flushOrSetTimer(answer, now, effects);
    if (answer.text.length() > limits.answerBytesMax()) {
      String reason = "the answer is longer than " + limits.answerBytesMax() + " characters";
      end(Outcome.error(reason), Optional.empty(), now, effects);
    }
  }

  private void news(Answering answer, ModelEvent event, List<GenerationEffect> effects) {
    if (event instanceof ModelEvent.TextWasThoughts) {
      takeBack(answer, effects);
    }
    if (details.add(event)) {
      effects.add(new GenerationEffect.CallNews(record, event));
    }
  }

  /** The text so far was thoughts: takes it out of the answer. */
  private void takeBack(Answering answer, List<GenerationEffect> effects) {
    details.addThoughts(record.text() + answer.text.takeNotWritten());
    answer.text = new AnswerText();
    if (!record.chunks().isEmpty()) {
      RunRecord before = records.shown(request()).orElseThrow();
      record = record.withoutChunks();
      records.put(record);
      records.show(record);
      effects.add(new GenerationEffect.StoreProgress(record));
      effects.add(new GenerationEffect.Write(ServerFields.transition(before, record)));
    }
  }

  void answered(GenerationInput.Answered answered, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering answer && answered.epoch() == record.epoch()) {
      answer.text.finish();
      Outcome outcome =
          Outcome.of(
              answered.ending(), answered.detail(), record.tokensMax(), answer.text.hasWords());
      end(outcome, answered.usage(), now, effects);
    }
  }

  void failed(GenerationInput.CallFailed failed, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering && failed.epoch() == record.epoch()) {
      var outcome = new Outcome(Status.ERROR, failed.ending(), failed.reason());
      end(outcome, Optional.empty(), now, effects);
    }
  }

  void timerFired(GenerationInput.TimerFired fired, long now, List<GenerationEffect> effects) {
    if (!(phase instanceof Answering answer) || fired.epoch() != record.epoch()) {
      return;
    }
    switch (fired.timer()) {
      case DELTA -> {
        answer.deltaTimerSet = false;
        answer.broadcastAt = now;
        broadcast(answer, effects);
      }
      case FLUSH -> {
        answer.flushTimerSet = false;
        flush(answer, now, effects);
      }
      case LEASE -> end(Outcome.interrupted("the lease ran out"), Optional.empty(), now, effects);
    }
  }

  /** Broadcasts the new text, at most once in {@code deltaMillis}; otherwise sets a timer. */
  private void broadcastOrSetTimer(Answering answer, long now, List<GenerationEffect> effects) {
    long waitMillis = answer.broadcastAt + limits.deltaMillis() - now;
    if (waitMillis <= 0) {
      answer.broadcastAt = now;
      broadcast(answer, effects);
    } else if (!answer.deltaTimerSet) {
      answer.deltaTimerSet = true;
      effects.add(new GenerationEffect.SetTimer(record.epoch(), Timer.DELTA, waitMillis));
    }
  }

  private void broadcast(Answering answer, List<GenerationEffect> effects) {
    int index = answer.text.broadcastLength();
    String text = answer.text.takeNotBroadcast();
    if (!text.isEmpty()) {
      effects.add(new GenerationEffect.Broadcast(record, index, text));
    }
  }

  /** Writes the new text to the document if it fills a chunk; otherwise sets a timer. */
  private void flushOrSetTimer(Answering answer, long now, List<GenerationEffect> effects) {
    boolean isFull =
        answer.text.notWrittenLength() >= limits.chunkFlushBytes()
            && now - answer.flushedAt >= limits.deltaMillis();
    if (isFull) {
      flush(answer, now, effects);
    } else if (!answer.flushTimerSet) {
      answer.flushTimerSet = true;
      effects.add(
          new GenerationEffect.SetTimer(record.epoch(), Timer.FLUSH, limits.chunkFlushMillis()));
    }
  }

  /** Writes the new text to the document as one chunk. */
  private void flush(Answering answer, long now, List<GenerationEffect> effects) {
    answer.flushedAt = now;
    String chunk = answer.text.takeNotWritten();
    if (!chunk.isEmpty()) {
      RunRecord before = records.shown(request()).orElseThrow();
      record = record.withChunk(chunk);
      records.put(record);
      records.show(record);
      effects.add(new GenerationEffect.StoreProgress(record));
      effects.add(new GenerationEffect.Write(ServerFields.transition(before, record)));
    }
  }

  private void end(
      Outcome outcome, Optional<Usage> usage, long now, List<GenerationEffect> effects) {
    int answerChars = 0;
    if (phase instanceof Answering answer) {
      if (outcome.status() != Status.DONE) {
        effects.add(new GenerationEffect.Cancel(record.epoch()));
      }
      answer.text.finish();
      broadcast(answer, effects);
      String lastChunk = answer.text.takeNotWritten();
      record = lastChunk.isEmpty() ? record : record.withChunk(lastChunk);
      answerChars = answer.text.length();
    }
    Usage estimate = estimate(prepared.promptChars(), answerChars + details.thoughtsLength());
    record = record.ended(outcome, details.of(usage.orElse(estimate)), now);
    phase = new StoringFinal();
    records.put(record);
    effects.add(new GenerationEffect.StoreFinal(List.of(record)));
  }
}
