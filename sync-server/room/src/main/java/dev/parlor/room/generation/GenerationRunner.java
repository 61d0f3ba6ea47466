package dev.parlor.room.generation;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.model.ModelCall;
import dev.parlor.model.ModelEvent;
import dev.parlor.model.ModelRequest;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.FutureCause;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs generation in one room. It gives the document's state and other inputs to {@link
 * GenerationState} and runs the effects. With other nodes, it exists while this node holds the
 * room's lease. Used on the room's thread.
 *
 * <p>The class is longer than 400 lines: it has one short method for each effect, and all of them
 * use the same fields.
 */
final class GenerationRunner {
  private static final Logger log = LoggerFactory.getLogger(GenerationRunner.class);

  /** Time until the document is read again after a write that could not be applied. */
  private static final long RETRY_MILLIS = 250;

  private final DocumentId document;
  private final GenerationServices services;
  private final RoomScope scope;
  private final @Nullable RoomLease lease;
  private final RequestWrites writes;
  private final Consumer<RunRecord> onEnded;
  private final GenerationState state;
  private final GenerationEvents events;

  /** The model calls by their epochs. */
  private final Map<Long, ModelCall> calls = new HashMap<>();

  /** The heads that were read last; null if the document must be read again. */
  private @Nullable List<ChangeHash> observedHeads;

  private boolean ended;

  /**
   * Starts with the ledger's state; {@link #begin} runs the first step.
   *
   * @param lease null without other nodes
   * @param writes the requests of the changes since the last reading; the runner removes those that
   *     it has taken
   * @param onEnded receives each request's final record once the document has it
   */
  GenerationRunner(
      DocumentId document,
      GenerationServices services,
      RoomScope scope,
      @Nullable RoomLease lease,
      long epoch,
      RequestWrites writes,
      Consumer<RunRecord> onEnded) {
    this.document = document;
    this.services = services;
    this.scope = scope;
    this.lease = lease;
    this.writes = writes;
    this.onEnded = onEnded;
    this.events = new GenerationEvents(document, scope, services.metrics());
    List<RunRecord> records = services.ledger().records(document);
    this.state =
        new GenerationState(
            services.limits(),
            services.model().name(),
            services.preparation(),
            epoch,
            records,
            services.ledger().queue(document, records));
  }

  void begin() {
    run(state.recover(scope.now()));
    observe();
  }

  /**
   * Ends the runner and cancels its model calls. Another node, or a later process, ends the present
   * runs and goes on with the queue.
   */
  void end() {
    ended = true;
    calls.values().forEach(ModelCall::cancel);
    calls.clear();
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

  /** The records of all runs, oldest first. */
  List<RunRecord> runs() {
    return state.runs();
  }

  /** Whether a request runs or will start without a further input of a peer. */
  boolean isBusy() {
    return !state.isIdle();
  }

  /** The requests that wait, in order. */
  List<QueuedRequest> waiting() {
    return state.waiting();
  }

  @Nullable Paused paused() {
    return state.queue().paused();
  }

  int placeOf(String request) {
    return state.placeOf(request);
  }

  /** The record of a request that waits, runs or has ended. */
  Optional<RunRecord> record(String request) {
    return state.record(request).or(() -> state.waiting(request).map(RunRecord::waiting));
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
      if (state.hasDecided()) {
        // A node that loses its lease before a request is on disk may decide it again later.
        writes.decided(state::isStored);
      }
    }
  }

  /** Observes again, even if the document has not changed. */
  private void observeAgain() {
    observedHeads = null;
    observe();
  }

  private GenerationSnapshot snapshot() {
    return GenerationSnapshotReader.read(scope, writes);
  }

  /** Steps with an input and runs the effects. */
  private void step(GenerationInput input) {
    if (!mayDecide()) {
      return;
    }
    run(state.step(input, scope.now()));
    switch (input) {
      case GenerationInput.FinalStored _,
          GenerationInput.RequestStored _,
          GenerationInput.Commanded _,
          GenerationInput.PauseOver _ ->
          observeAgain(); // a waiting request may start now
      default -> {}
    }
  }

  /** Starts no further request; the runs go on. */
  void startNoMore() {
    step(new GenerationInput.HandingOver());
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
      case GenerationEffect.StoreRequest(var request, var order) -> storeRequest(request, order);
      case GenerationEffect.StoreOrder(var order) -> {
        var _ = services.ledger().storeOrder(document, order);
      }
      case GenerationEffect.Queued(var queued, var place) -> events.queued(queued, place);
      case GenerationEffect.PauseChanged(var paused, var by) -> events.pauseChanged(paused, by);
      case GenerationEffect.SetPauseTimer(var until, var afterMillis) ->
          scope.after(afterMillis, () -> step(new GenerationInput.PauseOver(until)));
      case GenerationEffect.StoreProgress progress -> {
        var _ = services.ledger().storeRecord(document, progress.record());
      }
      case GenerationEffect.Write write -> write(write.edits());
      case GenerationEffect.Call modelCall -> startCall(modelCall);
      case GenerationEffect.Cancel(var epoch) -> cancelCall(epoch);
      case GenerationEffect.Broadcast next -> events.text(next);
      case GenerationEffect.CallNews(var record, var event) -> events.callNews(record, event);
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

  private void storeRequest(QueuedRequest request, StoredQueue.Order order) {
    var _ =
        services
            .ledger()
            .storeRequest(document, request, order)
            .whenComplete(
                (_, problem) -> {
                  if (problem != null) {
                    log.warn("a request could not be stored: {}", problem.toString());
                  }
                  var input = new GenerationInput.RequestStored(request.request(), problem != null);
                  stepAfterStore(input, false);
                });
  }

  private void storeFinal(List<RunRecord> records) {
    boolean isSingleNode = lease == null;
    boolean idle = state.isIdle();
    var stored =
        isSingleNode
            ? services.ledger().storeFinal(document, records, idle)
            : services.ledger().storeFinalOnce(document, records, idle);
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
    scope.after(afterMillis, this::observeAgain);
  }

  private void startCall(GenerationEffect.Call effect) {
    ModelEventQueue queue =
        new ModelEventQueue(
            effect.epoch(), waiting -> scope.later(() -> waiting.drain().forEach(this::step)));
    if (effect.prompt().images().isEmpty()) {
      startCall(effect.epoch(), effect.request(), queue);
      return;
    }
    ModelCall reading = () -> {};
    calls.put(effect.epoch(), reading);
    var _ =
        services
            .images()
            .load(document, effect.prompt())
            .whenComplete(
                (loaded, failure) ->
                    scope.later(
                        () -> {
                          // Otherwise the run was stopped meanwhile.
                          if (!ended && calls.remove(effect.epoch(), reading)) {
                            startWithImages(effect, loaded, failure, queue);
                          }
                        }));
  }

  private void startWithImages(
      GenerationEffect.Call effect,
      PromptImages.@Nullable Loaded loaded,
      @Nullable Throwable failure,
      ModelEventQueue queue) {
    if (loaded == null) {
      log.error("room {}: the images of a question could not be read", document, failure);
      step(
          new GenerationInput.CallFailed(
              effect.epoch(), "the images could not be read from the disk; ask again"));
      return;
    }
    loaded.sentence().ifPresent(sentence -> queue.accept(new ModelEvent.Note(sentence)));
    startCall(effect.epoch(), effect.prompt().call(loaded), queue);
  }

  private void startCall(long epoch, ModelRequest request, ModelEventQueue queue) {
    try {
      calls.put(epoch, services.model().start(request, queue));
    } catch (RuntimeException defect) {
      log.error("room {}: the model client failed", document, defect);
      scope.later(() -> step(new GenerationInput.CallFailed(epoch, "the model client failed")));
    }
  }

  private void cancelCall(long epoch) {
    ModelCall call = calls.remove(epoch);
    if (call != null) {
      call.cancel();
    }
  }

  private void resultShown(RunRecord record) {
    if (record.status() != Status.REFUSED) {
      calls.remove(record.epoch());
    }
    events.ended(record);
    onEnded.accept(record);
  }

  // Requests of callers.

  /**
   * Requests a generation with the present stack.
   *
   * @param alongside further edits of the same change, such as the chat entry that asks
   */
  CompletableFuture<Generations.RequestOutcome> request(
      Generations.Question question, List<Edit> alongside) {
    RoomView view = scope.reading().view();
    long now = scope.now();
    Lock lock = question.lock(services.newRequestId(now), view, state.epoch(), now);
    Optional<String> reason = state.refusalReason(lock, view);
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Refused(reason.get()));
    }
    Optional<RequestRate.Excess> excess = state.excess(question.identity(), now);
    if (excess.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.TooMany(excess.get().at() - now, excess.get().sentence()));
    }
    List<Edit> edits = new ArrayList<>(alongside);
    edits.addAll(RoomEdits.lock(lock));
    var written = scope.write(edits);
    writes.addOwn(lock);
    observe();
    int place = state.placeOf(lock.request());
    return written.thenApply(_ -> new Generations.RequestOutcome.Accepted(lock.request(), place));
  }

  /** The limit that would refuse this identity's request now. */
  Optional<Generations.RequestOutcome.TooMany> tooMany(String identity) {
    long now = scope.now();
    return state
        .excess(identity, now)
        .map(
            excess -> new Generations.RequestOutcome.TooMany(excess.at() - now, excess.sentence()));
  }

  /** Carries out a command. */
  Generations.CommandOutcome command(QueueCommand command) {
    RoomView view = scope.reading().view();
    Optional<String> reason = state.commandRefusal(command, view);
    if (reason.isPresent()) {
      return new Generations.CommandOutcome.Refused(reason.get());
    }
    boolean wasPaused = state.queue().paused() != null;
    step(new GenerationInput.Commanded(command, view));
    return new Generations.CommandOutcome.Done(state.placeOf(command.request()), wasPaused);
  }

  /**
   * Requests the end of a run.
   *
   * @param request the run; empty for the oldest
   */
  CompletableFuture<Generations.StopOutcome> stop(String identity, String request) {
    if (!GenerationState.canStop(identity, scope.reading().view())) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NotAllowed());
    }
    Optional<String> running =
        state.runs().stream()
            .map(RunRecord::request)
            .filter(each -> request.isEmpty() || each.equals(request))
            .findFirst();
    if (running.isEmpty()) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NothingRuns());
    }
    var written = scope.write(RoomEdits.stop(new Stop(running.get(), identity, scope.now())));
    observe();
    return written.thenApply(_ -> new Generations.StopOutcome.Stopping(running.get()));
  }

  /** Writes imported results, which are all final, to the ledger and then to the document. */
  CompletableFuture<Boolean> importResults(List<RunRecord> records) {
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    var _ =
        services
            .ledger()
            .storeFinal(document, records, false)
            .whenComplete(
                (_, problem) -> scope.later(() -> importStored(records, problem, written)));
    return written;
  }

  private void importStored(
      List<RunRecord> records, @Nullable Throwable problem, CompletableFuture<Boolean> written) {
    if (problem != null || !mayDecide()) {
      written.completeExceptionally(
          problem != null
              ? problem
              : new RoomRefusal(
                  RoomRefusal.Code.UNAVAILABLE, "", "the import was interrupted; try again"));
      return;
    }
    var _ =
        scope
            .write(state.importResults(records))
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    written.complete(true);
                  } else {
                    written.completeExceptionally(failure);
                  }
                });
  }
}
