package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.generation.GenerationInput.Alarm;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import dev.parlor.room.schema.RoomEdits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The room's current run, from its grant until the document has its result. A part of {@link
 * GenerationState}: each method adds the effects of its step to the list.
 */
final class CurrentRun {
  private final Lock lock;
  private final BuiltPrompt prepared;
  private final ServiceLimits.Generation limits;
  private final RequestRecords records;
  private RunRecord record;
  private Phase phase = new Storing(false);

  private sealed interface Phase {}

  /**
   * The grant is being stored; the model is not called yet.
   *
   * @param stopAsked whether the run ends as soon as the grant is on disk
   */
  private record Storing(boolean stopAsked) implements Phase {}

  /** The model answers. */
  private static final class Answering implements Phase {
    final Streaming text = new Streaming();
    boolean deltaAlarmSet;
    boolean flushAlarmSet;
    long toldAt = Long.MIN_VALUE / 2;
    long flushedAt = Long.MIN_VALUE / 2;
  }

  /** The final record is being stored. */
  private record Sealing() implements Phase {}

  /**
   * Starts with the grant. The caller stores its record now.
   *
   * @param records receives the run's later records
   */
  CurrentRun(
      Lock lock,
      BuiltPrompt prepared,
      RunRecord granted,
      ServiceLimits.Generation limits,
      RequestRecords records) {
    this.lock = lock;
    this.prepared = prepared;
    this.record = granted;
    this.limits = limits;
    this.records = records;
  }

  /** The request that the run answers. */
  Lock lock() {
    return lock;
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

  /** Estimates the usage if the provider does not report it: four characters are one token. */
  static Usage estimate(int promptChars, int answerChars) {
    return new Usage((promptChars + 3) / 4, (answerChars + 3) / 4, true);
  }

  /** The grant is on disk, or storing it failed. */
  void stored(GenerationInput.Stored stored, long now, List<GenerationEffect> effects) {
    if (record.epoch() != stored.epoch() || !(phase instanceof Storing(var stopAsked))) {
      return;
    }
    if (stored.problem() != null) {
      end(Outcome.error(stored.problem()), Optional.empty(), now, effects);
      return;
    }
    records.show(record);
    List<Edit> edits = new ArrayList<>(RoomEdits.grant(record.grant()));
    edits.addAll(ServerFields.transition(null, record));
    effects.add(new GenerationEffect.Write(edits));
    effects.add(new GenerationEffect.Started(record));
    phase = new Answering();
    if (stopAsked) {
      end(Outcome.stopped(), Optional.empty(), now, effects);
      return;
    }
    effects.add(
        new GenerationEffect.Wake(record.epoch(), Alarm.LEASE, limits.leaseSeconds() * 1000L));
    effects.add(new GenerationEffect.Call(record.epoch(), prepared.call()));
  }

  /** A participant asked for the end of the run. */
  void stop(long now, List<GenerationEffect> effects) {
    switch (phase) {
      case Storing _ -> phase = new Storing(true);
      case Answering _ -> end(Outcome.stopped(), Optional.empty(), now, effects);
      case Sealing() -> {}
    }
  }

  void interrupt(String reason, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering) {
      end(Outcome.interrupted(reason), Optional.empty(), now, effects);
    }
  }

  // The answer.

  void text(GenerationInput.Text said, long now, List<GenerationEffect> effects) {
    if (!(phase instanceof Answering answer)
        || said.epoch() != record.epoch()
        || said.text().isEmpty()) {
      return;
    }
    if (record.ttftMs() == RunRecord.NONE) {
      record = record.withFirstWord(Math.max(0, now - record.startedAt()));
    }
    answer.text.add(said.text());
    tell(answer, now, effects);
    flush(answer, now, false, effects);
    if (answer.text.length() > limits.answerBytesMax()) {
      String reason = "the answer is longer than " + limits.answerBytesMax() + " characters";
      end(Outcome.error(reason), Optional.empty(), now, effects);
    }
  }

  void answered(GenerationInput.Answered answered, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering answer && answered.epoch() == record.epoch()) {
      answer.text.finish();
      Outcome outcome =
          Outcome.of(
              answered.ending(), answered.said(), record.tokensMax(), answer.text.hasWords());
      end(outcome, answered.usage(), now, effects);
    }
  }

  void failed(GenerationInput.CallFailed failed, long now, List<GenerationEffect> effects) {
    if (phase instanceof Answering && failed.epoch() == record.epoch()) {
      var outcome = new Outcome(Status.ERROR, failed.ending(), failed.reason());
      end(outcome, Optional.empty(), now, effects);
    }
  }

  void woken(GenerationInput.Woken woken, long now, List<GenerationEffect> effects) {
    if (!(phase instanceof Answering answer) || woken.epoch() != record.epoch()) {
      return;
    }
    switch (woken.alarm()) {
      case DELTA -> {
        answer.deltaAlarmSet = false;
        answer.toldAt = now;
        tellAll(answer, effects);
      }
      case FLUSH -> {
        answer.flushAlarmSet = false;
        flush(answer, now, true, effects);
      }
      case LEASE -> end(Outcome.interrupted("the lease ran out"), Optional.empty(), now, effects);
    }
  }

  /** Broadcasts the text, at most once in {@code deltaMillis}. */
  private void tell(Answering answer, long now, List<GenerationEffect> effects) {
    long wait = answer.toldAt + limits.deltaMillis() - now;
    if (wait <= 0) {
      answer.toldAt = now;
      tellAll(answer, effects);
    } else if (!answer.deltaAlarmSet) {
      answer.deltaAlarmSet = true;
      effects.add(new GenerationEffect.Wake(record.epoch(), Alarm.DELTA, wait));
    }
  }

  private void tellAll(Answering answer, List<GenerationEffect> effects) {
    int index = answer.text.told();
    String text = answer.text.takeUntold();
    if (!text.isEmpty()) {
      effects.add(new GenerationEffect.Tell(record, index, text));
    }
  }

  /** Writes the text to the document, in chunks. */
  private void flush(Answering answer, long now, boolean due, List<GenerationEffect> effects) {
    boolean full =
        answer.text.unwritten() >= limits.chunkFlushBytes()
            && now - answer.flushedAt >= limits.deltaMillis();
    if (due || full) {
      answer.flushedAt = now;
      String chunk = answer.text.takeUnwritten();
      if (!chunk.isEmpty()) {
        RunRecord before = records.shown(request()).orElseThrow();
        record = record.withChunk(chunk);
        records.put(record);
        records.show(record);
        effects.add(new GenerationEffect.Keep(record));
        effects.add(new GenerationEffect.Write(ServerFields.transition(before, record)));
      }
    } else if (!answer.flushAlarmSet) {
      answer.flushAlarmSet = true;
      effects.add(
          new GenerationEffect.Wake(record.epoch(), Alarm.FLUSH, limits.chunkFlushMillis()));
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
      tellAll(answer, effects);
      String rest = answer.text.takeUnwritten();
      record = rest.isEmpty() ? record : record.withChunk(rest);
      answerChars = answer.text.length();
    }
    Usage estimate = estimate(prepared.promptChars(), answerChars);
    record = record.ended(outcome, usage.orElse(estimate), now);
    phase = new Sealing();
    records.put(record);
    effects.add(new GenerationEffect.Seal(List.of(record)));
  }
}
