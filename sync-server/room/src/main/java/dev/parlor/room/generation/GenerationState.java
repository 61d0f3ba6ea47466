package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests of one room get a model call, and with which result. A pure step function
 * without threads, clock, disk or network; used by one thread at a time.
 *
 * <h2>Three states</h2>
 *
 * <p>The <em>ledger</em> ({@link RequestRecords}) is authoritative: it has a record of every
 * request that was judged here. A record is on disk before any peer sees it. A grant is stored
 * before the call, so that a restarted process cannot grant the same epoch again. A final record is
 * stored before it enters the document, so that a visible result does not change after a crash.
 * <em>Shown</em> is the state that the server has written to the document. A {@link
 * GenerationSnapshot} is the document's present state. If a snapshot differs from the shown state,
 * a peer has written values that only the server may write, and the server restores them. From a
 * snapshot, the server takes only lock and stop, as requests.
 *
 * <h2>Laws</h2>
 *
 * <p>At most one call per epoch; epochs only grow; at most one run at a time; every request that
 * was seen ends in exactly one final record.
 */
final class GenerationState {
  private static final String INVALID = "invalid: ";

  private final ServiceLimits.Generation limits;
  private final String modelName;
  private final BuiltPrompt.Preparation preparation;

  private long epoch;
  private final RequestRecords records;
  private final GrantRate rate;
  private List<Lock> locksSeen = List.of();
  private final Reassertion reassertion = new Reassertion();
  private @Nullable CurrentRun run;

  /**
   * @param epoch the last epoch on disk
   * @param stored the ledger of this room as the previous process left it
   */
  GenerationState(
      ServiceLimits.Generation limits,
      String modelName,
      BuiltPrompt.Preparation preparation,
      long epoch,
      Collection<RunRecord> stored) {
    this.limits = limits;
    this.rate = new GrantRate(limits.perMinuteMax());
    this.preparation = preparation;
    this.modelName = modelName;
    this.epoch = epoch;
    this.records = new RequestRecords(stored);
  }

  /** Adds records that are final and on disk. Returns the edits that show them. */
  List<Edit> adopt(List<RunRecord> imported) {
    List<Edit> edits = new ArrayList<>();
    for (RunRecord record : imported) {
      if (records.record(record.request()).isEmpty()) {
        records.put(record);
        records.show(record);
        edits.addAll(ServerFields.transition(null, record));
      }
    }
    return edits;
  }

  /** Ends the runs of a process that died; call it once, before any step. */
  List<GenerationEffect> recover(long now) {
    List<RunRecord> interrupted = new ArrayList<>();
    for (RunRecord record : records.unfinished()) {
      RunRecord ended =
          record.ended(
              Outcome.interrupted("the server stopped in the middle of the answer"),
              CurrentRun.estimate(record.prompt().length(), record.text().length()),
              Math.max(now, record.startedAt()));
      records.put(ended);
      interrupted.add(ended);
    }
    return interrupted.isEmpty() ? List.of() : List.of(new GenerationEffect.Seal(interrupted));
  }

  long epoch() {
    return epoch;
  }

  Optional<RunRecord> record(String request) {
    return records.record(request);
  }

  /** The record as shown in the document. */
  Optional<RunRecord> shownRecord(String request) {
    return records.shown(request);
  }

  /** The record of the current run. */
  Optional<RunRecord> running() {
    return Optional.ofNullable(run).map(CurrentRun::record);
  }

  /** The reason why this request would not be granted now; empty if it would be. */
  Optional<String> objection(Lock lock, RoomView room, long now) {
    return LockRules.decide(own(now), List.of(lock), room).refusals().stream()
        .map(LockRules.Refusal::reason)
        .findFirst()
        .or(() -> preparation.objection(lock, room).map(INVALID::concat))
        .or(() -> rate.refusal(lock.by(), now));
  }

  private LockRules.Own own(long now) {
    String running = run == null ? null : run.request();
    return new LockRules.Own(epoch, running, records.requests(), now);
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
      case GenerationInput.Sealed sealed -> sealed(sealed.requests(), effects);
      case GenerationInput.Stored stored -> ifRunning(run -> run.stored(stored, now, effects));
      case GenerationInput.Text text -> ifRunning(run -> run.text(text, now, effects));
      case GenerationInput.Answered answered ->
          ifRunning(run -> run.answered(answered, now, effects));
      case GenerationInput.CallFailed failed -> ifRunning(run -> run.failed(failed, now, effects));
      case GenerationInput.Interrupted interrupted ->
          ifRunning(run -> run.interrupt(interrupted.reason(), now, effects));
      case GenerationInput.Woken woken -> ifRunning(run -> run.woken(woken, now, effects));
      case GenerationInput.ReadBack back -> reassertion.readBack(part(), back.snapshot(), effects);
    }
    return effects;
  }

  /** Passes an input to the current run. The run may have ended already. */
  private void ifRunning(Consumer<CurrentRun> input) {
    if (run != null) {
      input.accept(run);
    }
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
    if (snapshot.locks().stream().map(Lock::request).allMatch(records.requests()::contains)) {
      return;
    }
    LockRules.Decision decision = LockRules.decide(own(now), snapshot.locks(), snapshot.room());
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
      refused.forEach(records::put);
      effects.add(new GenerationEffect.Seal(refused));
    }
  }

  private void grant(Lock lock, BuiltPrompt prepared, long now, List<GenerationEffect> effects) {
    epoch++;
    RunRecord record =
        RunRecord.granted(lock, prepared, epoch, now, now + limits.leaseSeconds() * 1000L);
    records.put(record);
    run = new CurrentRun(lock, prepared, record, limits, records);
    effects.add(new GenerationEffect.Store(epoch, record));
  }

  private void heedStops(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    CurrentRun current = run;
    if (current != null
        && snapshot.stops().stream()
            .filter(stop -> stop.request().equals(current.request()))
            .anyMatch(stop -> mayStop(stop.by(), snapshot.room()))) {
      current.stop(now, effects);
    }
  }

  static boolean mayStop(String identity, RoomView room) {
    return room.participant(identity)
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .isPresent();
  }

  /** Removes all other values from the lock, and requests that have been answered. */
  private List<Edit> tidy(GenerationSnapshot snapshot) {
    List<Edit> edits = new ArrayList<>();
    CurrentRun current = run;
    if (current == null) {
      if (snapshot.lockValues() > 0 && snapshot.locks().stream().allMatch(this::isShownFinal)) {
        edits.add(new Edit.Delete(ServerFields.LOCK));
      }
      if (!snapshot.stops().isEmpty()) {
        edits.add(new Edit.Delete(ServerFields.STOP));
      }
    } else if (current.isShown()) {
      boolean alone =
          snapshot.lockValues() == 1
              && snapshot.locks().size() == 1
              && snapshot.locks().getFirst().equals(current.lock());
      boolean judged =
          snapshot.locks().stream()
              .allMatch(lock -> lock.request().equals(current.request()) || isShownFinal(lock));
      if (!alone && judged) {
        edits.addAll(RoomEdits.lock(current.lock()));
      }
    }
    return edits;
  }

  private boolean isShownFinal(Lock lock) {
    return records.isShownFinal(lock.request());
  }

  // Values that only the server writes.

  /** The values that the document must have now. */
  private Reassertion.Part part() {
    CurrentRun current = run;
    return new Reassertion.Part(
        epochShown(),
        current != null && current.isShown() ? ServerFields.grant(current.record()) : null,
        records.expected(),
        records::isFinalButNotShown);
  }

  /** The epoch that the document should show. It includes a grant once the grant is on disk. */
  private long epochShown() {
    return run != null && !run.isShown() ? epoch - 1 : epoch;
  }

  // Results.

  private void sealed(List<String> requests, List<GenerationEffect> effects) {
    List<Edit> edits = new ArrayList<>();
    List<RunRecord> settled = new ArrayList<>();
    boolean released = false;
    for (String request : requests) {
      Optional<RunRecord> sealed = records.record(request);
      if (sealed.isEmpty() || records.isShownFinal(request)) {
        continue;
      }
      RunRecord record = sealed.get();
      edits.addAll(ServerFields.transition(records.shown(request).orElse(null), record));
      records.show(record);
      settled.add(record);
      if (run != null && run.request().equals(request)) {
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
