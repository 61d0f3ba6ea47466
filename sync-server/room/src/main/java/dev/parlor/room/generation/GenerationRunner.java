package dev.parlor.room.generation;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.model.ModelCall;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.FutureCause;
import dev.parlor.room.worker.RoomScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs generation in one room while this node decides there: it gives {@link GenerationState} the
 * document's state as input and runs the effects. With other nodes, it exists while this node holds
 * the room's lease. All of it runs on the room's thread.
 */
final class GenerationRunner {
  private static final Logger log = LoggerFactory.getLogger(GenerationRunner.class);
  private static final long AGAIN_MILLIS = 250;

  private final DocumentId document;
  private final GenerationServices services;
  private final RoomScope scope;
  private final @Nullable RoomLease lease;
  private final Map<String, Lock> recentRequests;
  private final Consumer<RunRecord> onEnded;
  private final GenerationState state;
  private final GenerationEvents events;

  private @Nullable ModelCall call;

  /** The heads that were read last; null if the document must be read again. */
  private @Nullable List<ChangeHash> observed;

  private boolean ended;

  /**
   * Starts with the ledger's state; {@link #begin} runs the first step.
   *
   * @param lease null without other nodes
   * @param recentRequests requests that were in the lock since the last reading, by their ids; the
   *     runner removes those that it judged
   * @param onEnded receives each request's final record once the document has it
   */
  GenerationRunner(
      DocumentId document,
      GenerationServices services,
      RoomScope scope,
      @Nullable RoomLease lease,
      long epoch,
      Map<String, Lock> recentRequests,
      Consumer<RunRecord> onEnded) {
    this.document = document;
    this.services = services;
    this.scope = scope;
    this.lease = lease;
    this.recentRequests = recentRequests;
    this.onEnded = onEnded;
    this.events = new GenerationEvents(document, scope, services.metrics());
    this.state =
        new GenerationState(
            services.limits(),
            services.model().name(),
            services.preparation(),
            epoch,
            services.ledger().records(document));
  }

  void begin() {
    run(state.recover(scope.now()));
    observe();
  }

  /** Ends the work of this node; another node, or a later process, ends the current run. */
  void end() {
    ended = true;
    cancelCall();
    events.leftToAnotherNode();
  }

  /** Whether this node may decide now. If its lease has expired, gives up the lease first. */
  boolean decides() {
    if (!ended && lease != null && !lease.isHeld()) {
      lease.abandon();
    }
    return !ended;
  }

  // Records.

  Optional<RunRecord> running() {
    return state.running();
  }

  Optional<RunRecord> record(String request) {
    return state.record(request);
  }

  /** The record as shown in the document. */
  Optional<RunRecord> shownRecord(String request) {
    return state.shownRecord(request);
  }

  // Input.

  /** Reads the document until it has no new input, including this node's own writes. */
  void observe() {
    for (int round = 0; round < FixedServiceLimits.GENERATION_READS_MAX && decides(); round++) {
      List<ChangeHash> heads = scope.reading().heads();
      if (heads.equals(observed)) {
        return;
      }
      observed = heads;
      if (!GenerationSnapshotReader.isRoom(scope.reading())) {
        return; // the room has no genesis yet
      }
      run(state.step(new GenerationInput.Observed(snapshot()), scope.now()));
      recentRequests.keySet().removeIf(request -> state.record(request).isPresent());
    }
  }

  private GenerationSnapshot snapshot() {
    return GenerationSnapshotReader.read(scope, recentRequests.values());
  }

  private void drive(GenerationInput input) {
    if (!decides()) {
      return;
    }
    if (input instanceof GenerationInput.Sealed) {
      observe(); // clearing the lock removes every value: judge them first
    }
    run(state.step(input, scope.now()));
  }

  void interrupt(String reason) {
    drive(new GenerationInput.Interrupted(reason));
  }

  // Effects.

  private void run(List<GenerationEffect> effects) {
    effects.forEach(this::run);
  }

  private void run(GenerationEffect effect) {
    switch (effect) {
      case GenerationEffect.Store store -> store(store);
      case GenerationEffect.Seal seal -> seal(seal.records());
      case GenerationEffect.Keep keep -> {
        var _ = services.ledger().keep(document, keep.record());
      }
      case GenerationEffect.Write write -> write(write.edits());
      case GenerationEffect.Call asked -> call(asked);
      case GenerationEffect.Cancel _ -> cancelCall();
      case GenerationEffect.Tell tell -> events.text(tell);
      case GenerationEffect.Started started -> events.started(started.record());
      case GenerationEffect.Settled settled -> settled(settled.record());
      case GenerationEffect.Wake(var epoch, var alarm, var afterMillis) ->
          scope.after(afterMillis, () -> drive(new GenerationInput.Woken(epoch, alarm)));
      case GenerationEffect.LookAgain again -> lookAgain(again.afterMillis());
      case GenerationEffect.ReadBack _ -> drive(new GenerationInput.ReadBack(snapshot()));
      case GenerationEffect.GivenUp given -> events.givenUp(given.paths());
      case GenerationEffect.Forged forged -> events.forged(forged.paths());
    }
  }

  private void store(GenerationEffect.Store store) {
    var stored =
        lease == null
            ? services.ledger().store(document, store.epoch(), store.record())
            : lease
                .grant(store.epoch())
                .thenCompose(_ -> services.ledger().store(document, store.epoch(), store.record()));
    var _ =
        stored.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                log.warn("a grant could not be stored: {}", problem.toString());
              }
              String told = problem == null ? null : "the server could not save the request";
              boolean lost =
                  problem != null && FutureCause.of(problem) instanceof RoomLease.LostException;
              onDisk(new GenerationInput.Stored(store.epoch(), told), lost);
            });
  }

  private void seal(List<RunRecord> records) {
    // With other nodes, another record can still replace a result that is not on disk.
    boolean alone = lease == null;
    var sealed =
        alone
            ? services.ledger().seal(document, records)
            : services.ledger().sealOnce(document, records);
    var requests = records.stream().map(RunRecord::request).toList();
    var _ =
        sealed.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                // Users must not wait for the disk: they see the result, and the page shows what
                // is not saved.
                log.warn("results of {} could not be stored: {}", requests, problem.toString());
              }
              onDisk(new GenerationInput.Sealed(requests), !alone && problem != null);
            });
  }

  /**
   * Continues on the room's thread.
   *
   * @param lost whether another node may decide now; its writes are then read before any other step
   */
  private void onDisk(GenerationInput input, boolean lost) {
    scope.later(
        () -> {
          if (ended) {
            return; // requested during an earlier lease
          }
          if (lost && lease != null) {
            lease.abandon();
          } else {
            drive(input);
          }
        });
  }

  private void write(List<Edit> edits) {
    try {
      var _ = scope.write(edits);
    } catch (ReplicaException problem) {
      // A peer removed the target of the write; the next reading restores it.
      log.warn("room {}: {}", document, problem.getMessage());
      lookAgain(AGAIN_MILLIS);
    }
  }

  private void lookAgain(long afterMillis) {
    scope.after(
        afterMillis,
        () -> {
          observed = null;
          observe();
        });
  }

  private void call(GenerationEffect.Call asked) {
    ModelEventQueue queue =
        new ModelEventQueue(
            asked.epoch(), woken -> scope.later(() -> woken.take().forEach(this::drive)));
    try {
      call = services.model().start(asked.request(), queue);
    } catch (RuntimeException defect) {
      log.error("room {}: the model client failed", document, defect);
      scope.later(
          () -> drive(new GenerationInput.CallFailed(asked.epoch(), "the model client failed")));
    }
  }

  private void cancelCall() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  private void settled(RunRecord record) {
    if (record.status() != Status.REFUSED) {
      call = null;
    }
    events.ended(record);
    onEnded.accept(record);
  }

  // Requests of callers.

  CompletableFuture<Generations.RequestOutcome> ask(String identity, String query, String after) {
    Optional<RunRecord> running = state.running();
    RoomView view = scope.reading().view();
    if (running.isPresent()) {
      RunRecord run = running.get();
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Busy(run.request(), run.by(), view.nameOf(run.by())));
    }
    List<String> cards = view.stack().stream().map(Card::id).toList();
    long now = scope.now();
    Lock lock =
        new Lock(services.newRequest(now), identity, now, query, cards, state.epoch(), after);
    Optional<String> objection = state.objection(lock, view, now);
    OptionalLong mayAskAt = state.mayAskAt(identity, now);
    if (objection.isPresent() && mayAskAt.isPresent() && objection.get().startsWith("too-many ")) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.TooMany(
              mayAskAt.getAsLong() - now, services.limits().perMinuteMax()));
    }
    if (objection.isPresent()) {
      return CompletableFuture.completedFuture(new Generations.RequestOutcome.Refused(objection.get()));
    }
    var written = scope.write(RoomEdits.lock(lock));
    observe();
    return written.thenApply(_ -> new Generations.RequestOutcome.Started(lock.request()));
  }

  /** The time until the rate limit permits this identity's next request; 0 if it may ask now. */
  long waitMillis(String identity) {
    long now = scope.now();
    OptionalLong at = state.mayAskAt(identity, now);
    return at.isPresent() ? at.getAsLong() - now : 0L;
  }

  CompletableFuture<Generations.StopOutcome> halt(String identity) {
    if (!GenerationState.mayStop(identity, scope.reading().view())) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NotAllowed());
    }
    Optional<RunRecord> running = state.running();
    if (running.isEmpty()) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NothingRuns());
    }
    String request = running.get().request();
    var written = scope.write(RoomEdits.stop(new Stop(request, identity, scope.now())));
    observe();
    return written.thenApply(_ -> new Generations.StopOutcome.Stopping(request));
  }

  /** Shows imported results that the ledger already has. */
  CompletableFuture<Boolean> adopt(List<RunRecord> records) {
    return scope.write(state.adopt(records)).thenApply(_ -> true);
  }
}
