package dev.parlor.server.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.LockRules;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.Result.Status;
import dev.parlor.crdt.room.Result.Usage;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.crdt.room.Stop;
import dev.parlor.server.config.Limits;
import dev.parlor.server.generation.GenerationInput.Alarm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests of one room get a model call, and with which result. A pure step function
 * without threads, clock, disk or network; used by one thread at a time.
 *
 * <h2>Three states</h2>
 *
 * <p>The <em>ledger</em> is authoritative: it has a record of every request that was judged here. A
 * record is on disk before any peer sees it. A grant is stored before the call, so that a restarted
 * process cannot grant the same epoch again. A final record is stored before it enters the
 * document, so that a visible result does not change after a crash. <em>Shown</em> is the state
 * that the server has written to the document. A {@link GenerationSnapshot} is the document's
 * present state. If a snapshot differs from the shown state, a peer has written values that only
 * the server may write, and the server restores them. From a snapshot, the server takes only lock
 * and stop, as requests.
 *
 * <h2>Laws</h2>
 *
 * <p>At most one call per epoch; epochs only grow; at most one run at a time; every request that
 * was seen ends in exactly one final record.
 */
final class GenerationState {
  private static final String INVALID = "invalid: ";

  private final Limits.Generation limits;
  private final String modelName;
  private final BuiltPrompt.Preparation preparation;

  private long epoch;
  private final Map<String, RunRecord> ledger = new HashMap<>();
  private final Map<String, RunRecord> shown = new TreeMap<>();
  private final SortedMap<String, Value> expected = new TreeMap<>();
  private final GrantRate rate;
  private List<Lock> locksSeen = List.of();
  private final Reassertion reassertion = new Reassertion();
  private @Nullable Run run;

  /** The room's current run, from its grant until the document has its result. */
  private static final class Run {
    final Lock lock;
    final BuiltPrompt prepared;
    final Streaming text = new Streaming();
    RunRecord record;
    boolean calling;
    boolean sealing;
    boolean stopAsked;
    boolean deltaAlarm;
    boolean flushAlarm;
    long toldAt = Long.MIN_VALUE / 2;
    long flushedAt = Long.MIN_VALUE / 2;

    Run(Lock lock, BuiltPrompt prepared, RunRecord record) {
      this.lock = lock;
      this.prepared = prepared;
      this.record = record;
    }
  }

  /**
   * @param epoch the last epoch on disk
   * @param records the ledger of this room as the previous process left it
   */
  GenerationState(
      Limits.Generation limits,
      String modelName,
      BuiltPrompt.Preparation preparation,
      long epoch,
      Collection<RunRecord> records) {
    this.limits = limits;
    this.rate = new GrantRate(limits.perMinuteMax());
    this.preparation = preparation;
    this.modelName = modelName;
    this.epoch = epoch;
    records.forEach(record -> ledger.put(record.request(), record));
    records.stream().filter(r -> r.isFinal()).forEach(this::show);
  }

  /** Adds records that are final and on disk. Returns the edits that show them. */
  List<Edit> adopt(List<RunRecord> records) {
    List<Edit> edits = new ArrayList<>();
    for (RunRecord record : records) {
      if (ledger.putIfAbsent(record.request(), record) == null) {
        show(record);
        edits.addAll(ServerFields.transition(null, record));
      }
    }
    return edits;
  }

  /** Ends the runs of a process that died; call it once, before any step. */
  List<GenerationEffect> recover(long now) {
    List<RunRecord> interrupted = new ArrayList<>();
    for (RunRecord record : List.copyOf(ledger.values())) {
      if (!record.isFinal()) {
        RunRecord ended =
            record.ended(
                Outcome.interrupted("the server stopped in the middle of the answer"),
                estimate(record.prompt().length(), record.text().length()),
                Math.max(now, record.startedAt()));
        ledger.put(ended.request(), ended);
        interrupted.add(ended);
      }
    }
    return interrupted.isEmpty() ? List.of() : List.of(new GenerationEffect.Seal(interrupted));
  }

  long epoch() {
    return epoch;
  }

  Optional<RunRecord> record(String request) {
    return Optional.ofNullable(ledger.get(request));
  }

  /** The record as shown in the document. */
  Optional<RunRecord> shownRecord(String request) {
    return Optional.ofNullable(shown.get(request));
  }

  /** The record of the current run. */
  Optional<RunRecord> running() {
    return run == null ? Optional.empty() : Optional.of(run.record);
  }

  /** The reason why this request would not be granted now; empty if it would be. */
  Optional<String> objection(Lock lock, RoomView room, long now) {
    String running = run == null ? null : run.record.request();
    var own = new LockRules.Own(epoch, running, ledger.keySet(), now);
    return LockRules.decide(own, List.of(lock), room).refusals().stream()
        .map(LockRules.Refusal::reason)
        .findFirst()
        .or(() -> preparation.objection(lock, room).map(INVALID::concat))
        .or(() -> rate.refusal(lock.by(), now));
  }

  /**
   * The time at which the rate limit permits this identity's next request; empty if it may ask now.
   */
  OptionalLong mayAskAt(String identity, long now) {
    return rate.mayAskAt(identity, now);
  }

  List<GenerationEffect> step(GenerationInput input, long now) {
    List<GenerationEffect> effects = new ArrayList<>();
    switch (input) {
      case GenerationInput.Observed observed -> observe(observed.snapshot(), now, effects);
      case GenerationInput.Stored stored -> stored(stored, now, effects);
      case GenerationInput.Sealed sealed -> sealed(sealed.requests(), effects);
      case GenerationInput.Text text -> text(text, now, effects);
      case GenerationInput.Answered answered -> {
        if (isCalling(answered.epoch())) {
          answered(answered, now, effects);
        }
      }
      case GenerationInput.CallFailed failed -> {
        if (isCalling(failed.epoch())) {
          var outcome = new Outcome(Status.ERROR, failed.ending(), failed.reason());
          end(outcome, Optional.empty(), now, effects);
        }
      }
      case GenerationInput.Interrupted interrupted -> {
        if (run != null && run.calling && !run.sealing) {
          end(Outcome.interrupted(interrupted.reason()), Optional.empty(), now, effects);
        }
      }
      case GenerationInput.Woken woken -> woken(woken, now, effects);
      case GenerationInput.ReadBack back -> reassertion.readBack(part(), back.snapshot(), effects);
    }
    return effects;
  }

  // The document's state.

  private void observe(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    locksSeen = snapshot.locks();
    if (!reassertion.look(part(), snapshot, now, effects)) {
      return; // a peer keeps overwriting the server's values: read again later
    }
    judge(snapshot, now, effects);
    heedStops(snapshot, now, effects);
    List<Edit> tidy = tidy(snapshot);
    if (!tidy.isEmpty()) {
      effects.add(new GenerationEffect.Write(tidy));
    }
  }

  private void judge(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    if (snapshot.locks().stream().allMatch(lock -> ledger.containsKey(lock.request()))) {
      return;
    }
    String running = run == null ? null : run.record.request();
    var own = new LockRules.Own(epoch, running, ledger.keySet(), now);
    LockRules.Decision decision = LockRules.decide(own, snapshot.locks(), snapshot.room());
    List<RunRecord> refused = new ArrayList<>();
    for (LockRules.Refusal refusal : decision.refusals()) {
      refused.add(RunRecord.refused(refusal.lock(), modelName, refusal.reason(), epoch, now));
    }
    Optional<Lock> granted = decision.granted();
    Optional<String> objection =
        granted.flatMap(lock -> preparation.objection(lock, snapshot.room()));
    if (granted.isPresent() && objection.isPresent()) {
      refused.add(
          RunRecord.refused(granted.get(), modelName, INVALID + objection.get(), epoch, now));
    } else if (granted.isPresent() && rate.refusal(granted.get().by(), now).isPresent()) {
      String reason = rate.refusal(granted.get().by(), now).get();
      refused.add(RunRecord.refused(granted.get(), modelName, reason, epoch, now));
    } else if (granted.isPresent()) {
      rate.count(granted.get().by(), now);
      grant(granted.get(), preparation.prepare(granted.get(), snapshot.room()), now, effects);
    }
    if (!refused.isEmpty()) {
      refused.forEach(record -> ledger.put(record.request(), record));
      effects.add(new GenerationEffect.Seal(refused));
    }
  }

  private void grant(Lock lock, BuiltPrompt prepared, long now, List<GenerationEffect> effects) {
    epoch++;
    RunRecord record =
        RunRecord.granted(lock, prepared, epoch, now, now + limits.leaseSeconds() * 1000L);
    ledger.put(record.request(), record);
    run = new Run(lock, prepared, record);
    effects.add(new GenerationEffect.Store(epoch, record));
  }

  private void heedStops(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    if (run == null || run.sealing) {
      return;
    }
    for (Stop stop : snapshot.stops()) {
      if (stop.request().equals(run.record.request()) && mayStop(stop.by(), snapshot.room())) {
        stop(now, effects);
        return;
      }
    }
  }

  static boolean mayStop(String identity, RoomView room) {
    return room.participant(identity)
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .isPresent();
  }

  private void stop(long now, List<GenerationEffect> effects) {
    Run current = run;
    if (current == null || current.sealing) {
      return;
    }
    if (current.calling) {
      end(Outcome.stopped(), Optional.empty(), now, effects);
    } else {
      current.stopAsked = true; // the grant is being stored
    }
  }

  /** Removes all other values from the lock, and requests that have been answered. */
  private List<Edit> tidy(GenerationSnapshot snapshot) {
    List<Edit> edits = new ArrayList<>();
    Run current = run;
    if (current == null) {
      if (snapshot.lockValues() > 0 && snapshot.locks().stream().allMatch(this::isShownFinal)) {
        edits.add(new Edit.Delete(ServerFields.LOCK));
      }
      if (!snapshot.stops().isEmpty()) {
        edits.add(new Edit.Delete(ServerFields.STOP));
      }
    } else if (shown.containsKey(current.record.request())) {
      boolean alone =
          snapshot.lockValues() == 1
              && snapshot.locks().size() == 1
              && snapshot.locks().getFirst().equals(current.lock);
      boolean judged =
          snapshot.locks().stream()
              .allMatch(
                  lock -> lock.request().equals(current.record.request()) || isShownFinal(lock));
      if (!alone && judged) {
        edits.addAll(RoomEdits.lock(current.lock));
      }
    }
    return edits;
  }

  private boolean isShownFinal(Lock lock) {
    RunRecord record = shown.get(lock.request());
    return record != null && record.isFinal();
  }

  // Values that only the server writes.

  /** The values that the document must have now. */
  private Reassertion.Part part() {
    Run current = run;
    boolean granted = current != null && shown.containsKey(current.record.request());
    return new Reassertion.Part(
        epochShown(),
        granted && current != null ? ServerFields.grant(current.record) : null,
        expected,
        request -> !shown.containsKey(request) && isSealing(request));
  }

  private boolean isSealing(String request) {
    RunRecord record = ledger.get(request);
    return record != null && record.isFinal();
  }

  private void show(RunRecord record) {
    shown.put(record.request(), record);
    expected.put(record.request(), ServerFields.result(record));
  }

  /** The epoch that the document should show. It includes a grant once the grant is on disk. */
  private long epochShown() {
    return run != null && !shown.containsKey(run.record.request()) ? epoch - 1 : epoch;
  }

  // The run.

  private void stored(GenerationInput.Stored stored, long now, List<GenerationEffect> effects) {
    Run current = run;
    if (current == null || current.record.epoch() != stored.epoch() || current.calling) {
      return;
    }
    if (stored.problem() != null) {
      end(Outcome.error(stored.problem()), Optional.empty(), now, effects);
      return;
    }
    RunRecord record = current.record;
    show(record);
    List<Edit> edits = new ArrayList<>(RoomEdits.grant(record.grant()));
    edits.addAll(ServerFields.transition(null, record));
    effects.add(new GenerationEffect.Write(edits));
    effects.add(new GenerationEffect.Started(record));
    current.calling = true;
    if (current.stopAsked) {
      end(Outcome.stopped(), Optional.empty(), now, effects);
      return;
    }
    effects.add(
        new GenerationEffect.Wake(record.epoch(), Alarm.LEASE, limits.leaseSeconds() * 1000L));
    effects.add(new GenerationEffect.Call(record.epoch(), current.prepared.call()));
  }

  /** Counts about four characters per token. */
  private static Usage estimate(int promptChars, int answerChars) {
    return new Usage((promptChars + 3) / 4, (answerChars + 3) / 4, true);
  }

  private boolean isCalling(long ofEpoch) {
    return run != null && run.calling && !run.sealing && run.record.epoch() == ofEpoch;
  }

  private void text(GenerationInput.Text said, long now, List<GenerationEffect> effects) {
    Run current = run;
    if (current == null || !isCalling(said.epoch()) || said.text().isEmpty()) {
      return;
    }
    if (current.record.ttftMs() == RunRecord.NONE) {
      current.record = current.record.withFirstWord(Math.max(0, now - current.record.startedAt()));
    }
    current.text.add(said.text());
    tell(current, now, effects);
    flush(current, now, false, effects);
    if (current.text.length() > limits.answerBytesMax()) {
      String reason = "the answer is longer than " + limits.answerBytesMax() + " characters";
      end(Outcome.error(reason), Optional.empty(), now, effects);
    }
  }

  private void answered(
      GenerationInput.Answered answered, long now, List<GenerationEffect> effects) {
    Run current = Objects.requireNonNull(run);
    current.text.finish();
    Outcome outcome =
        Outcome.of(
            answered.ending(),
            answered.said(),
            current.record.tokensMax(),
            current.text.hasWords());
    end(outcome, answered.usage(), now, effects);
  }

  private void tell(Run current, long now, List<GenerationEffect> effects) {
    long wait = current.toldAt + limits.deltaMillis() - now;
    if (wait <= 0) {
      current.toldAt = now;
      tellAll(current, effects);
    } else if (!current.deltaAlarm) {
      current.deltaAlarm = true;
      effects.add(new GenerationEffect.Wake(current.record.epoch(), Alarm.DELTA, wait));
    }
  }

  private static void tellAll(Run current, List<GenerationEffect> effects) {
    int index = current.text.told();
    String text = current.text.takeUntold();
    if (!text.isEmpty()) {
      effects.add(new GenerationEffect.Tell(current.record, index, text));
    }
  }

  private void flush(Run current, long now, boolean due, List<GenerationEffect> effects) {
    boolean full =
        current.text.unwritten() >= limits.chunkFlushBytes()
            && now - current.flushedAt >= limits.deltaMillis();
    if (due || full) {
      current.flushedAt = now;
      String chunk = current.text.takeUnwritten();
      if (!chunk.isEmpty()) {
        RunRecord before = Objects.requireNonNull(shown.get(current.record.request()));
        current.record = current.record.withChunk(chunk);
        ledger.put(current.record.request(), current.record);
        show(current.record);
        effects.add(new GenerationEffect.Keep(current.record));
        effects.add(new GenerationEffect.Write(ServerFields.transition(before, current.record)));
      }
    } else if (!current.flushAlarm) {
      current.flushAlarm = true;
      effects.add(
          new GenerationEffect.Wake(
              current.record.epoch(), Alarm.FLUSH, limits.chunkFlushMillis()));
    }
  }

  private void woken(GenerationInput.Woken woken, long now, List<GenerationEffect> effects) {
    Run current = run;
    if (current == null || !isCalling(woken.epoch())) {
      return;
    }
    switch (woken.alarm()) {
      case DELTA -> {
        current.deltaAlarm = false;
        current.toldAt = now;
        tellAll(current, effects);
      }
      case FLUSH -> {
        current.flushAlarm = false;
        flush(current, now, true, effects);
      }
      case LEASE -> end(Outcome.interrupted("the lease ran out"), Optional.empty(), now, effects);
    }
  }

  private void end(
      Outcome outcome, Optional<Usage> usage, long now, List<GenerationEffect> effects) {
    Run current = Objects.requireNonNull(run);
    if (current.calling && outcome.status() != Status.DONE) {
      effects.add(new GenerationEffect.Cancel(current.record.epoch()));
    }
    current.text.finish();
    tellAll(current, effects);
    String rest = current.text.takeUnwritten();
    RunRecord record = rest.isEmpty() ? current.record : current.record.withChunk(rest);
    Usage tokens =
        usage.orElseGet(() -> estimate(current.prepared.promptChars(), current.text.length()));
    current.record = record.ended(outcome, tokens, now);
    current.sealing = true;
    ledger.put(record.request(), current.record);
    effects.add(new GenerationEffect.Seal(List.of(current.record)));
  }

  private void sealed(List<String> requests, List<GenerationEffect> effects) {
    List<Edit> edits = new ArrayList<>();
    List<RunRecord> settled = new ArrayList<>();
    boolean released = false;
    for (String request : requests) {
      RunRecord record = ledger.get(request);
      RunRecord before = shown.get(request);
      if (record == null || (before != null && before.isFinal())) {
        continue;
      }
      edits.addAll(ServerFields.transition(before, record));
      show(record);
      settled.add(record);
      if (run != null && run.record.request().equals(request)) {
        edits.addAll(RoomEdits.epoch(epoch));
        edits.add(new Edit.Delete(ServerFields.GRANT));
        edits.add(new Edit.Delete(ServerFields.STOP));
        run = null;
        released = true;
      }
    }
    // The lock is cleared only if every request in it has a result; otherwise the next step clears
    // it.
    if (released && locksSeen.stream().allMatch(this::isShownFinal)) {
      edits.add(new Edit.Delete(ServerFields.LOCK));
    }
    if (!edits.isEmpty()) {
      effects.add(new GenerationEffect.Write(edits));
    }
    settled.forEach(record -> effects.add(new GenerationEffect.Settled(record)));
  }
}
