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
 * <ul>
 *   <li>The <em>ledger</em> ({@link RequestRecords}) is authoritative. It has a record of every
 *       request that was granted or refused. A record is on disk before any peer sees it. A grant
 *       is stored before the call, so that a restarted process cannot grant the same epoch again. A
 *       final record is stored before it enters the document, so that a visible result does not
 *       change after a crash.
 *   <li>The <em>shown</em> state is the state that the server has written to the document.
 *   <li>A {@link GenerationSnapshot} is the document's present state. If it differs from the shown
 *       state, a peer has written values that only the server may write, and the server restores
 *       them. The server reads only lock and stop from a snapshot, as requests of peers.
 * </ul>
 *
 * <h2>Invariants</h2>
 *
 * <p>An epoch has at most one call. Epochs only grow. At most one run is active. Every request in a
 * snapshot ends in exactly one final record.
 */
final class GenerationState {
  private static final String INVALID = "invalid: ";

  private final ServiceLimits.Generation limits;
  private final String modelName;
  private final BuiltPrompt.Preparation preparation;

  private long epoch;
  private final RequestRecords records;
  private final GrantRate rate;
  private List<Lock> lastLocks = List.of();
  private final ServerFieldRepair repair = new ServerFieldRepair();
  private @Nullable CurrentRun run;

  /**
   * @param epoch the last epoch on disk
   * @param stored the records of this room on disk
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

  /** Adds final records that are on disk. Returns the edits that write them to the document. */
  List<Edit> importResults(List<RunRecord> imported) {
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

  /** Ends the runs that an earlier process did not end. Call it once, before the first step. */
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
    return interrupted.isEmpty()
        ? List.of()
        : List.of(new GenerationEffect.StoreFinal(interrupted));
  }

  long epoch() {
    return epoch;
  }

  Optional<RunRecord> record(String request) {
    return records.record(request);
  }

  /** The record that the server has written to the document. */
  Optional<RunRecord> shownRecord(String request) {
    return records.shown(request);
  }

  /** The record of the current run. */
  Optional<RunRecord> running() {
    return Optional.ofNullable(run).map(CurrentRun::record);
  }

  /** The reason why this request would not be granted now; empty if it would be. */
  Optional<String> refusalReason(Lock lock, RoomView room, long now) {
    return LockRules.decide(serverState(now), List.of(lock), room).refusals().stream()
        .map(LockRules.Refusal::reason)
        .findFirst()
        .or(() -> preparation.refusalReason(lock, room).map(INVALID::concat))
        .or(() -> rate.refusalReason(lock.by(), now));
  }

  private LockRules.ServerState serverState(long now) {
    String running = run == null ? null : run.request();
    return new LockRules.ServerState(epoch, running, records.requests(), now);
  }

  /**
   * The time at which the rate limit permits this identity's next request; empty if it permits one
   * now.
   */
  OptionalLong nextRequestAt(String identity, long now) {
    return rate.nextRequestAt(identity, now);
  }

  List<GenerationEffect> step(GenerationInput input, long now) {
    List<GenerationEffect> effects = new ArrayList<>();
    switch (input) {
      case GenerationInput.Observed observed -> observe(observed.snapshot(), now, effects);
      case GenerationInput.FinalStored stored -> finalStored(stored.requests(), effects);
      case GenerationInput.GrantStored stored -> ifRunning(run -> run.stored(stored, now, effects));
      case GenerationInput.Text text -> ifRunning(run -> run.text(text, now, effects));
      case GenerationInput.Answered answered ->
          ifRunning(run -> run.answered(answered, now, effects));
      case GenerationInput.CallFailed failed -> ifRunning(run -> run.failed(failed, now, effects));
      case GenerationInput.Interrupted interrupted ->
          ifRunning(run -> run.interrupt(interrupted.reason(), now, effects));
      case GenerationInput.TimerFired fired ->
          ifRunning(run -> run.timerFired(fired, now, effects));
      case GenerationInput.ReadBack back ->
          repair.readBack(expectedValues(), back.snapshot(), effects);
    }
    return effects;
  }

  /** Passes an input to the current run. Ignores an input that arrives after the run. */
  private void ifRunning(Consumer<CurrentRun> input) {
    if (run != null) {
      input.accept(run);
    }
  }

  // Requests in the document.

  private void observe(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    lastLocks = snapshot.locks();
    if (!repair.restore(expectedValues(), snapshot, now, effects)) {
      return; // a peer keeps overwriting the server's values: read again later
    }
    decideRequests(snapshot, now, effects);
    applyStops(snapshot, now, effects);
    List<Edit> cleanUp = cleanUp(snapshot);
    if (!cleanUp.isEmpty()) {
      effects.add(new GenerationEffect.Write(cleanUp));
    }
  }

  /** Grants or refuses each request in the lock that has no record yet. */
  private void decideRequests(
      GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    if (snapshot.locks().stream().map(Lock::request).allMatch(records.requests()::contains)) {
      return;
    }
    LockRules.Decision decision =
        LockRules.decide(serverState(now), snapshot.locks(), snapshot.room());
    List<RunRecord> refused = new ArrayList<>();
    for (LockRules.Refusal refusal : decision.refusals()) {
      refused.add(RunRecord.refused(refusal.lock(), modelName, refusal.reason(), epoch, now));
    }
    if (decision.granted().isPresent()) {
      Lock lock = decision.granted().get();
      Optional<String> reason =
          preparation
              .refusalReason(lock, snapshot.room())
              .map(INVALID::concat)
              .or(() -> rate.refusalReason(lock.by(), now));
      if (reason.isPresent()) {
        refused.add(RunRecord.refused(lock, modelName, reason.get(), epoch, now));
      } else {
        rate.count(lock.by(), now);
        grant(lock, preparation.prepare(lock, snapshot.room()), now, effects);
      }
    }
    if (!refused.isEmpty()) {
      refused.forEach(records::put);
      effects.add(new GenerationEffect.StoreFinal(refused));
    }
  }

  private void grant(Lock lock, BuiltPrompt prepared, long now, List<GenerationEffect> effects) {
    epoch++;
    RunRecord record =
        RunRecord.granted(lock, prepared, epoch, now, now + limits.leaseSeconds() * 1000L);
    records.put(record);
    run = new CurrentRun(lock, prepared, record, limits, records);
    effects.add(new GenerationEffect.StoreGrant(epoch, record));
  }

  private void applyStops(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    CurrentRun current = run;
    if (current != null
        && snapshot.stops().stream()
            .filter(stop -> stop.request().equals(current.request()))
            .anyMatch(stop -> canStop(stop.by(), snapshot.room()))) {
      current.stop(now, effects);
    }
  }

  static boolean canStop(String identity, RoomView room) {
    return room.participant(identity)
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .isPresent();
  }

  /** Clears requests that have a result. During a run, the lock keeps only its request. */
  private List<Edit> cleanUp(GenerationSnapshot snapshot) {
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
      boolean isOnlyValue =
          snapshot.lockValues() == 1
              && snapshot.locks().size() == 1
              && snapshot.locks().getFirst().equals(current.lock());
      boolean areOthersAnswered =
          snapshot.locks().stream()
              .allMatch(lock -> lock.request().equals(current.request()) || isShownFinal(lock));
      if (!isOnlyValue && areOthersAnswered) {
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
  private ServerFieldRepair.ExpectedValues expectedValues() {
    CurrentRun current = run;
    return new ServerFieldRepair.ExpectedValues(
        shownEpoch(),
        current != null && current.isShown() ? ServerFields.grant(current.record()) : null,
        records.expected(),
        records::isFinalButNotShown);
  }

  /** The epoch that the document must have. It counts a grant as soon as the grant is on disk. */
  private long shownEpoch() {
    return run != null && !run.isShown() ? epoch - 1 : epoch;
  }

  // Results.

  private void finalStored(List<String> requests, List<GenerationEffect> effects) {
    List<Edit> edits = new ArrayList<>();
    List<RunRecord> newlyShown = new ArrayList<>();
    boolean hasRunEnded = false;
    for (String request : requests) {
      Optional<RunRecord> stored = records.record(request);
      if (stored.isEmpty() || records.isShownFinal(request)) {
        continue;
      }
      RunRecord record = stored.get();
      edits.addAll(ServerFields.transition(records.shown(request).orElse(null), record));
      records.show(record);
      newlyShown.add(record);
      if (run != null && run.request().equals(request)) {
        edits.addAll(RoomEdits.epoch(epoch));
        edits.add(new Edit.Delete(ServerFields.GRANT));
        edits.add(new Edit.Delete(ServerFields.STOP));
        run = null;
        hasRunEnded = true;
      }
    }
    // Deleting the lock deletes every value in it. If a request in it has no result yet, a later
    // step deletes the lock.
    if (hasRunEnded && lastLocks.stream().allMatch(this::isShownFinal)) {
      edits.add(new Edit.Delete(ServerFields.LOCK));
    }
    if (!edits.isEmpty()) {
      effects.add(new GenerationEffect.Write(edits));
    }
    newlyShown.forEach(record -> effects.add(new GenerationEffect.ResultShown(record)));
  }
}
