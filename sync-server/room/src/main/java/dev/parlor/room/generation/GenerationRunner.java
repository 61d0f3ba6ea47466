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
 * Runs generation in one room. It gives the document's state and other inputs to {@link
 * GenerationState} and runs the effects. With other nodes, it exists while this node holds the
 * room's lease. Used on the room's thread.
 */
final class GenerationRunner {
  private static final Logger log = LoggerFactory.getLogger(GenerationRunner.class);

  /** Time until the document is read again after a write that could not be applied. */
  private static final long RETRY_MILLIS = 250;

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
  private @Nullable List<ChangeHash> observedHeads;

  private boolean ended;

  /**
   * Starts with the ledger's state; {@link #begin} runs the first step.
   *
   * @param lease null without other nodes
   * @param recentRequests requests that were in the lock since the last reading, by their ids; the
   *     runner removes those that it granted or refused
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

  /**
   * Ends the runner and cancels its model call. Another node, or a later process, ends the current
   * run.
   */
  void end() {
    ended = true;
    cancelCall();
    events.abandoned();
  }

  /**
   * Whether this node may grant and refuse requests now. If its lease has expired, this call gives
   * up the lease and ends the runner.
   */
  boolean mayDecide() {
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

  /** The record that the server has written to the document. */
  Optional<RunRecord> shownRecord(String request) {
    return state.shownRecord(request);
  }

  // Input.

  /** Steps with the present document, and again after each write of a step, up to a limit. */
  void observe() {
    for (int round = 0; round < FixedServiceLimits.GENERATION_READS_MAX && mayDecide(); round++) {
      List<ChangeHash> heads = scope.reading().heads();
      if (heads.equals(observedHeads)) {
        return;
      }
      observedHeads = heads;
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

  /** Steps with an input and runs the effects. */
  private void step(GenerationInput input) {
    if (!mayDecide()) {
      return;
    }
    if (input instanceof GenerationInput.FinalStored) {
      observe(); // the step may delete the lock with every request in it: decide them first
    }
    run(state.step(input, scope.now()));
  }

  void interrupt(String reason) {
    step(new GenerationInput.Interrupted(reason));
  }

  // Effects.

  private void run(List<GenerationEffect> effects) {
    effects.forEach(this::run);
  }

  private void run(GenerationEffect effect) {
    switch (effect) {
      case GenerationEffect.StoreGrant grant -> storeGrant(grant);
      case GenerationEffect.StoreFinal results -> storeFinal(results.records());
      case GenerationEffect.StoreProgress progress -> {
        var _ = services.ledger().storeRecord(document, progress.record());
      }
      case GenerationEffect.Write write -> write(write.edits());
      case GenerationEffect.Call modelCall -> startCall(modelCall);
      case GenerationEffect.Cancel _ -> cancelCall();
      case GenerationEffect.Broadcast next -> events.text(next);
      case GenerationEffect.Started started -> events.started(started.record());
      case GenerationEffect.ResultShown shown -> resultShown(shown.record());
      case GenerationEffect.SetTimer(var epoch, var timer, var afterMillis) ->
          scope.after(afterMillis, () -> step(new GenerationInput.TimerFired(epoch, timer)));
      case GenerationEffect.ObserveLater later -> observeLater(later.afterMillis());
      case GenerationEffect.ReadBack _ -> step(new GenerationInput.ReadBack(snapshot()));
      case GenerationEffect.RepairGivenUp repair -> events.repairGivenUp(repair.paths());
      case GenerationEffect.Forged forged -> events.forged(forged.paths());
    }
  }

  private void storeGrant(GenerationEffect.StoreGrant grant) {
    var stored =
        lease == null
            ? services.ledger().storeGrant(document, grant.epoch(), grant.record())
            : lease
                .grant(grant.epoch())
                .thenCompose(
                    _ -> services.ledger().storeGrant(document, grant.epoch(), grant.record()));
    var _ =
        stored.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                log.warn("a grant could not be stored: {}", problem.toString());
              }
              String reason = problem == null ? null : "the server could not save the request";
              boolean leaseLost =
                  problem != null && FutureCause.of(problem) instanceof RoomLease.LostException;
              stepAfterStore(new GenerationInput.GrantStored(grant.epoch(), reason), leaseLost);
            });
  }

  private void storeFinal(List<RunRecord> records) {
    boolean isSingleNode = lease == null;
    var stored =
        isSingleNode
            ? services.ledger().storeFinal(document, records)
            : services.ledger().storeFinalOnce(document, records);
    var requests = records.stream().map(RunRecord::request).toList();
    var _ =
        stored.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                // A single node shows the result anyway: users must not wait for the disk, and the
                // page says that the change is not saved. One of several nodes gives up its lease.
                log.warn("results of {} could not be stored: {}", requests, problem.toString());
              }
              stepAfterStore(
                  new GenerationInput.FinalStored(requests), !isSingleNode && problem != null);
            });
  }

  /**
   * Steps on the room's thread after a write to the disk.
   *
   * @param leaseLost whether another node may decide now; then gives up the lease and makes no step
   */
  private void stepAfterStore(GenerationInput input, boolean leaseLost) {
    scope.later(
        () -> {
          if (ended) {
            return; // the write belongs to an earlier lease
          }
          if (leaseLost && lease != null) {
            lease.abandon();
          } else {
            step(input);
          }
        });
  }

  private void write(List<Edit> edits) {
    try {
      var _ = scope.write(edits);
    } catch (ReplicaException problem) {
      // A peer removed the target of the write. The next observation restores it.
      log.warn("room {}: {}", document, problem.getMessage());
      observeLater(RETRY_MILLIS);
    }
  }

  private void observeLater(long afterMillis) {
    scope.after(
        afterMillis,
        () -> {
          observedHeads = null;
          observe();
        });
  }

  private void startCall(GenerationEffect.Call effect) {
    ModelEventQueue queue =
        new ModelEventQueue(
            effect.epoch(), waiting -> scope.later(() -> waiting.drain().forEach(this::step)));
    try {
      call = services.model().start(effect.request(), queue);
    } catch (RuntimeException defect) {
      log.error("room {}: the model client failed", document, defect);
      scope.later(
          () -> step(new GenerationInput.CallFailed(effect.epoch(), "the model client failed")));
    }
  }

  private void cancelCall() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  private void resultShown(RunRecord record) {
    if (record.status() != Status.REFUSED) {
      call = null;
    }
    events.ended(record);
    onEnded.accept(record);
  }

  // Requests of callers.

  /** Requests a generation with the present stack. */
  CompletableFuture<Generations.RequestOutcome> request(
      String identity, String query, String after) {
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
        new Lock(services.newRequestId(now), identity, now, query, cards, state.epoch(), after);
    Optional<String> reason = state.refusalReason(lock, view, now);
    OptionalLong nextRequestAt = state.nextRequestAt(identity, now);
    if (reason.isPresent() && nextRequestAt.isPresent() && reason.get().startsWith("too-many ")) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.TooMany(
              nextRequestAt.getAsLong() - now, services.limits().perMinuteMax()));
    }
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Refused(reason.get()));
    }
    var written = scope.write(RoomEdits.lock(lock));
    observe();
    return written.thenApply(_ -> new Generations.RequestOutcome.Started(lock.request()));
  }

  /** The time until the rate limit permits this identity's next request; 0 if it does now. */
  long waitMillis(String identity) {
    long now = scope.now();
    OptionalLong at = state.nextRequestAt(identity, now);
    return at.isPresent() ? at.getAsLong() - now : 0L;
  }

  /** Requests the end of the current run. */
  CompletableFuture<Generations.StopOutcome> stop(String identity) {
    if (!GenerationState.canStop(identity, scope.reading().view())) {
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

  /** Writes imported results, which the ledger has already, to the document. */
  CompletableFuture<Boolean> importResults(List<RunRecord> records) {
    return scope.write(state.importResults(records)).thenApply(_ -> true);
  }
}
