package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests of one room get a model call, in which order, and with which result. A
 * pure step function without threads, clock, disk or network; used by one thread at a time.
 *
 * <p>The class is longer than 400 lines: every step reads and writes the three states below
 * together. The queue, its commands, rates and records are separate classes.
 *
 * <h2>Three states</h2>
 *
 * <ul>
 *   <li>The <em>ledger</em> ({@link RequestRecords} and {@link RequestQueue}) is authoritative. It
 *       has every request that waits, runs or has ended. A request is on disk before it leaves the
 *       lock. A grant is stored before the call, so that a restarted process cannot grant the same
 *       epoch again. A final record is stored before it enters the document, so that a visible
 *       result does not change after a crash.
 *   <li>The <em>shown</em> state is the state that the server has written to the document.
 *   <li>A {@link GenerationSnapshot} is the document's present state. If it differs from the shown
 *       state, a peer has written values that only the server may write, and the server restores
 *       them. The server reads only lock, stop and command from a snapshot, as requests of peers.
 * </ul>
 *
 * <h2>Invariants</h2>
 *
 * <p>An epoch has at most one call. Epochs only grow. At most {@code settings.slots} runs are
 * active. Requests start in the order of the queue. Every request in a snapshot ends in exactly one
 * final record.
 *
 * <p>A request that waits starts only in a step with {@link GenerationInput.Observed}, which has
 * the present room. After every other step that may free a slot the caller observes the document
 * again.
 */
final class GenerationState {
  private final ServiceLimits.Generation limits;
  private final String modelName;
  private final BuiltPrompt.Preparation preparation;

  private long epoch;

  /** The epoch that the document must have. It counts a grant as soon as the grant is on disk. */
  private long shownEpoch;

  private final RequestRecords records;
  private final RequestQueue queue;
  private final QueueCommands commands;
  private final RequestRate rate;
  private final ServerFieldRepair repair = new ServerFieldRepair();

  /** The runs by their epochs. */
  private final SortedMap<Long, CurrentRun> runs = new TreeMap<>();

  /** The values of {@link ServerFields#NAMES} that the server has written to the document. */
  private SortedMap<String, Value> shownFields;

  private boolean hasObserved;
  private boolean hasDecided;

  /** Whether the server is stopping, so that no further request starts. */
  private boolean halted;

  /**
   * @param epoch the last epoch on disk
   * @param stored the records of this room on disk
   * @param storedQueue the queue on disk
   */
  GenerationState(
      ServiceLimits.Generation limits,
      String modelName,
      BuiltPrompt.Preparation preparation,
      long epoch,
      Collection<RunRecord> stored,
      StoredQueue storedQueue) {
    this.limits = limits;
    this.rate = new RequestRate(limits);
    this.preparation = preparation;
    this.modelName = modelName;
    this.epoch = epoch;
    this.shownEpoch = epoch;
    this.records = new RequestRecords(stored);
    this.queue = new RequestQueue(storedQueue);
    this.commands = new QueueCommands(queue);
    this.shownFields = fieldValues();
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
    rate.countEarlier(records.all(), queue, now);
    List<GenerationEffect> effects = new ArrayList<>();
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
    if (!interrupted.isEmpty()) {
      effects.add(new GenerationEffect.StoreFinal(interrupted));
    }
    commands.setTimer(now, effects);
    return effects;
  }

  long epoch() {
    return epoch;
  }

  /** The record of a request that runs or has ended. */
  Optional<RunRecord> record(String request) {
    return records.record(request);
  }

  /** The record that the server has written to the document. */
  Optional<RunRecord> shownRecord(String request) {
    return records.shown(request);
  }

  /** The request, if it waits. */
  Optional<QueuedRequest> waiting(String request) {
    return queue.waiting(request);
  }

  /** The requests that wait, in order. */
  List<QueuedRequest> waiting() {
    return queue.waiting().toList();
  }

  /** The place of a request that waits, from 1; 0 for another request. */
  int placeOf(String request) {
    return queue.placeOf(request);
  }

  RequestQueue queue() {
    return queue;
  }

  /** Whether the request waits, runs or has ended. */
  boolean isDecided(String request) {
    return queue.contains(request) || records.record(request).isPresent();
  }

  /** Whether the request is on disk and the document shows that it waits, runs or has ended. */
  boolean isStored(String request) {
    return queue.isShown(request) || records.isShown(request);
  }

  /** The record of the oldest run. */
  Optional<RunRecord> running() {
    return runs().stream().findFirst();
  }

  /** The records of all runs, oldest first. */
  List<RunRecord> runs() {
    return runs.values().stream().map(CurrentRun::record).toList();
  }

  /** Whether no request will start or end without a further input of a peer. */
  boolean isIdle() {
    return runs.values().stream().allMatch(CurrentRun::isEnding) && !queue.hasStartable();
  }

  /** Whether the last observation has taken all requests, stops and commands of its snapshot. */
  boolean hasDecided() {
    return hasDecided;
  }

  /** The reason why this request would be refused now; empty if it would be accepted. */
  Optional<String> refusalReason(Lock lock, RoomView room) {
    return LockRules.refusalReason(lock, room, this::canBeFollowed)
        .or(() -> preparation.refusalReason(lock, room).map(LockRules.INVALID::concat));
  }

  private boolean canBeFollowed(String request) {
    return queue.contains(request)
        || records.record(request).filter(record -> record.status() != Status.REFUSED).isPresent();
  }

  /** The limit that would refuse this identity's next request now. */
  Optional<RequestRate.Excess> excess(String identity, long now) {
    return rate.excess(identity, queue, now);
  }

  /** The reason why a command changes nothing; empty if it would be carried out. */
  Optional<String> commandRefusal(QueueCommand command, RoomView room) {
    return commands.refusalReason(command, room);
  }

  List<GenerationEffect> step(GenerationInput input, long now) {
    List<GenerationEffect> effects = new ArrayList<>();
    switch (input) {
      case GenerationInput.Observed observed -> observe(observed.snapshot(), now, effects);
      case GenerationInput.FinalStored stored -> finalStored(stored.requests(), effects);
      case GenerationInput.RequestStored stored -> requestStored(stored, now, effects);
      case GenerationInput.Commanded(var command, var room) -> {
        List<RunRecord> refused = new ArrayList<>();
        carryOut(command, room, now, refused, effects);
        storeRefused(refused, effects);
        write(fieldEdits(), effects);
      }
      case GenerationInput.PauseOver(var until) -> {
        commands.pauseOver(until, effects);
        write(fieldEdits(), effects);
      }
      case GenerationInput.GrantStored stored -> {
        if (stored.problem() == null) {
          shownEpoch = Math.max(shownEpoch, stored.epoch());
        }
        ifRunning(stored.epoch(), run -> run.stored(stored, now, effects));
      }
      case GenerationInput.Text text ->
          ifRunning(text.epoch(), run -> run.text(text, now, effects));
      case GenerationInput.Answered answered ->
          ifRunning(answered.epoch(), run -> run.answered(answered, now, effects));
      case GenerationInput.CallFailed failed ->
          ifRunning(failed.epoch(), run -> run.failed(failed, now, effects));
      case GenerationInput.Interrupted interrupted -> {
        halted = true;
        runs.values().forEach(run -> run.interrupt(interrupted.reason(), now, effects));
      }
      case GenerationInput.HandingOver _ -> halted = true;
      case GenerationInput.TimerFired fired ->
          ifRunning(fired.epoch(), run -> run.timerFired(fired, now, effects));
      case GenerationInput.ReadBack back -> repair.readBack(back.snapshot(), effects);
    }
    return effects;
  }

  /** Passes an input to the run of its epoch. Ignores an input that arrives after the run. */
  private void ifRunning(long runEpoch, Consumer<CurrentRun> input) {
    CurrentRun run = runs.get(runEpoch);
    if (run != null) {
      input.accept(run);
    }
  }

  private static void write(List<Edit> edits, List<GenerationEffect> effects) {
    if (!edits.isEmpty()) {
      effects.add(new GenerationEffect.Write(edits));
    }
  }

  // Requests in the document.

  private void observe(GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    hasDecided = repair.restore(expectedValues(), snapshot, now, effects);
    if (!hasDecided) {
      return; // a peer keeps overwriting the server's values: read again later
    }
    List<RunRecord> refused = new ArrayList<>();
    decideRequests(snapshot, now, refused, effects);
    snapshot.stops().forEach(stop -> applyStop(stop, snapshot.room(), now, refused, effects));
    for (QueueCommand command : snapshot.commands()) {
      if (commands.isNew(command)) {
        carryOut(command, snapshot.room(), now, refused, effects);
      }
    }
    queue
        .waiting()
        .filter(each -> each.old() && now - each.acceptedAt() > RoomLimits.CONFIRM_MILLIS_MAX)
        .toList()
        .forEach(each -> refuse(each.lock(), "expired", now, refused));
    startWaiting(snapshot.room(), now, refused, effects);
    storeRefused(refused, effects);
    commands.endPauseIfEmpty(effects);
    List<Edit> edits = new ArrayList<>(fieldEdits());
    edits.addAll(cleanUp(snapshot));
    write(edits, effects);
    if (!hasObserved) {
      hasObserved = true;
      write(ChatAnswers.missing(records.all(), snapshot.room()), effects);
    }
  }

  /** Accepts or refuses each request that is not decided yet. */
  private void decideRequests(
      GenerationSnapshot snapshot,
      long now,
      List<RunRecord> refused,
      List<GenerationEffect> effects) {
    RoomView room = snapshot.room();
    for (ReceivedLock received : snapshot.locks()) {
      if (isDecided(received.request())) {
        continue;
      }
      Optional<String> reason =
          refusalReason(received.lock(), room)
              .or(() -> excess(received.lock().by(), now).map(RequestRate.Excess::reason));
      if (reason.isPresent()) {
        refuse(received.lock(), reason.get(), now, refused);
      } else {
        accept(received, room, now, refused, effects);
      }
    }
  }

  private void accept(
      ReceivedLock received,
      RoomView room,
      long now,
      List<RunRecord> refused,
      List<GenerationEffect> effects) {
    Lock lock = received.lock().frozen(room);
    BuiltPrompt prompt = preparation.prepare(lock, room);
    boolean isOld = received.isOld(epoch, now);
    if (!isOld) {
      rate.count(lock.by(), now);
      if (hasFreeSlot(room) && !queue.hasStartable() && !followsRun(lock)) {
        grant(lock, prompt, now, refused, effects);
        return;
      }
    }
    QueuedRequest queued = new QueuedRequest(lock, prompt, now, isOld);
    queue.add(queued);
    effects.add(new GenerationEffect.StoreRequest(queued, queue.order()));
  }

  private boolean hasFreeSlot(RoomView room) {
    return !halted && queue.paused() == null && runs.size() < room.settings().slots();
  }

  private boolean followsRun(Lock lock) {
    return runs.values().stream().anyMatch(run -> run.request().equals(lock.after()));
  }

  /** Grants waiting requests in order, as long as a slot is free. */
  private void startWaiting(
      RoomView room, long now, List<RunRecord> refused, List<GenerationEffect> effects) {
    while (hasFreeSlot(room)) {
      Optional<QueuedRequest> next = queue.first(queued -> followsRun(queued.lock()));
      if (next.isEmpty()) {
        return;
      }
      Lock lock = next.get().lock();
      if (LockRules.isSeated(lock.by(), room)) {
        queue.leaves(lock.request());
        BuiltPrompt prompt = preparation.withPresentPath(next.get().prompt(), lock, room);
        grant(lock, prompt, now, refused, effects);
      } else {
        refuse(lock, LockRules.NOT_ALLOWED, now, refused);
      }
    }
  }

  /**
   * Starts a run. Refusals from before are stored first: after a crash between the two, a cancelled
   * request would otherwise wait again and start after a later request.
   */
  private void grant(
      Lock lock,
      BuiltPrompt prompt,
      long now,
      List<RunRecord> refused,
      List<GenerationEffect> effects) {
    storeRefused(refused, effects);
    epoch++;
    RunRecord record =
        RunRecord.granted(lock, prompt, epoch, now, now + limits.leaseSeconds() * 1000L);
    records.put(record);
    runs.put(epoch, new CurrentRun(prompt, record, limits, records, this::fieldEdits));
    effects.add(new GenerationEffect.StoreGrant(epoch, record));
  }

  private void refuse(Lock lock, String reason, long now, List<RunRecord> refused) {
    RunRecord record = RunRecord.refused(lock, modelName, reason, epoch, now);
    records.put(record);
    queue.leaves(lock.request());
    refused.add(record);
  }

  /** Stores these refusals and empties the list. */
  private static void storeRefused(List<RunRecord> refused, List<GenerationEffect> effects) {
    if (!refused.isEmpty()) {
      effects.add(new GenerationEffect.StoreFinal(List.copyOf(refused)));
      refused.clear();
    }
  }

  private void requestStored(
      GenerationInput.RequestStored stored, long now, List<GenerationEffect> effects) {
    Optional<QueuedRequest> queued = queue.waiting(stored.request());
    if (queued.isEmpty()) {
      return; // it was cancelled meanwhile
    }
    if (stored.failed()) {
      List<RunRecord> refused = new ArrayList<>();
      String reason = LockRules.INVALID + "the server could not save the request; ask again";
      refuse(queued.get().lock(), reason, now, refused);
      storeRefused(refused, effects);
      return;
    }
    queue.stored(stored.request());
    write(fieldEdits(), effects);
    effects.add(new GenerationEffect.Queued(queued.get(), queue.placeOf(stored.request())));
  }

  private void applyStop(
      Stop stop, RoomView room, long now, List<RunRecord> refused, List<GenerationEffect> effects) {
    for (CurrentRun run : List.copyOf(runs.values())) {
      if (run.request().equals(stop.request())
          && canStop(stop.by(), room)
          && run.stop(now, effects)) {
        commands.pauseIfWaiting(stop.by(), now, effects);
      }
    }
    if (queue.waiting(stop.request()).isPresent()) {
      var cancel =
          new QueueCommand(
              "", QueueCommand.Action.CANCEL, stop.request(), "", stop.by(), stop.at());
      carryOut(cancel, room, now, refused, effects);
    }
  }

  private void carryOut(
      QueueCommand command,
      RoomView room,
      long now,
      List<RunRecord> refused,
      List<GenerationEffect> effects) {
    if (commands.refusalReason(command, room).isPresent()) {
      return;
    }
    if (command.action() == QueueCommand.Action.CANCEL) {
      queue
          .waiting(command.request())
          .ifPresent(each -> refuse(each.lock(), "cancelled " + command.by(), now, refused));
      return;
    }
    if (command.action() == QueueCommand.Action.CONFIRM) {
      rate.count(command.by(), now);
    }
    commands.carryOut(command, effects);
  }

  static boolean canStop(String identity, RoomView room) {
    return room.participant(identity)
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .isPresent();
  }

  /** Removes requests, stops and commands that the server has taken. */
  private List<Edit> cleanUp(GenerationSnapshot snapshot) {
    List<Edit> edits = new ArrayList<>();
    if (snapshot.lockValues() > 0
        && snapshot.locks().stream().map(ReceivedLock::request).allMatch(this::isStored)) {
      edits.add(new Edit.Delete(ServerFields.LOCK));
    }
    if (snapshot.stopValues() > 0) {
      edits.add(new Edit.Delete(ServerFields.STOP));
    }
    if (snapshot.commandValues() > 0) {
      edits.add(new Edit.Delete(ServerFields.COMMAND));
    }
    return edits;
  }

  // Values that only the server writes.

  /** The values that the document must have now. */
  private ServerFieldRepair.ExpectedValues expectedValues() {
    return new ServerFieldRepair.ExpectedValues(
        shownFields, records.expected(), records::isFinalButNotShown);
  }

  private SortedMap<String, Value> fieldValues() {
    queue.leftIf(records::isShown);
    List<RunRecord> shownRuns =
        runs.values().stream().filter(CurrentRun::isShown).map(CurrentRun::record).toList();
    return ServerFields.values(shownEpoch, shownRuns, queue.shown().values(), queue.paused());
  }

  /** The edits that bring the fields of {@code generation} to the present state. */
  private List<Edit> fieldEdits() {
    SortedMap<String, Value> values = fieldValues();
    List<Edit> edits = ServerFields.transition(shownFields, values);
    shownFields = values;
    return edits;
  }

  // Results.

  private void finalStored(List<String> requests, List<GenerationEffect> effects) {
    List<Edit> edits = new ArrayList<>();
    List<RunRecord> newlyShown = new ArrayList<>();
    for (String request : requests) {
      Optional<RunRecord> stored = records.record(request);
      if (stored.isEmpty() || records.isShownFinal(request)) {
        continue;
      }
      RunRecord record = stored.get();
      edits.addAll(ServerFields.transition(records.shown(request).orElse(null), record));
      records.show(record);
      newlyShown.add(record);
      @Nullable CurrentRun run = runs.get(record.epoch());
      if (run != null && run.request().equals(request)) {
        shownEpoch = Math.max(shownEpoch, record.epoch());
        runs.remove(record.epoch());
      }
    }
    edits.addAll(fieldEdits());
    write(edits, effects);
    newlyShown.forEach(
        record -> {
          write(ChatAnswers.of(record), effects);
          effects.add(new GenerationEffect.ResultShown(record));
        });
  }
}
