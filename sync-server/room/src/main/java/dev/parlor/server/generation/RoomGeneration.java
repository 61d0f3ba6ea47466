package dev.parlor.server.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.room.Card;
import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.Result.Status;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.crdt.room.Stop;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.model.ModelCall;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.rooms.RoomEvent;
import dev.parlor.server.rooms.RoomRefusal;
import dev.parlor.server.rooms.RoomScope;
import dev.parlor.server.rooms.RoomWatcher;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generation in one open room. It gives {@link GenerationState} the document's state as input and
 * runs its effects. All of it runs on the room's thread.
 */
final class RoomGeneration implements RoomWatcher {
  private static final Logger log = LoggerFactory.getLogger(RoomGeneration.class);
  private static final long AGAIN_MILLIS = 250;

  private final DocumentId document;
  private final GenerationServices services;
  private final Map<String, CompletableFuture<RunRecord>> waiting = new HashMap<>();

  /**
   * Requests that were in the lock since the last reading; a later write may have replaced them.
   */
  private final Map<String, Lock> glimpsed = new LinkedHashMap<>();

  /** The run that the metrics count as running. */
  private @Nullable RunRecord counted;

  /** Null while another node decides. */
  private @Nullable GenerationState state;

  /** Null when there are no other nodes. */
  private @Nullable RoomLease lease;

  /** Requests that this node's callers made while another one decided. */
  private final Set<String> askedElsewhere = new LinkedHashSet<>();

  private @Nullable RoomScope scope;
  private @Nullable ModelCall call;
  private @Nullable List<ChangeHash> observed;

  RoomGeneration(DocumentId document, GenerationServices services) {
    this.document = document;
    this.services = services;
  }

  // The room.

  @Override
  public void opened(RoomScope opened) {
    scope = opened;
    long epoch = services.ledger().epoch(document);
    RoomLease.Terms terms = services.terms();
    if (terms == null) {
      hold(epoch);
    } else {
      RoomLease begun = new RoomLease(terms, document, opened, new LeaseListener());
      lease = begun;
      begun.begin(epoch);
    }
  }

  /** Callbacks of the lease, if there are other nodes. */
  private final class LeaseListener implements RoomLease.Holder {
    @Override
    public void held(long epoch) {
      hold(epoch);
    }

    @Override
    public void lost() {
      dropState();
    }

    @Override
    public void waited() {
      completeWaiting();
    }
  }

  /** This node decides from now on, starting with the ledger's state. */
  private void hold(long epoch) {
    GenerationState begun =
        new GenerationState(
            services.limits(),
            services.model().name(),
            services.preparation(),
            epoch,
            services.ledger().records(document));
    state = begun;
    observed = null;
    run(begun.recover(scope().now()));
    observe();
    completeWaiting();
  }

  /** Another node ends the current run. */
  private void dropState() {
    if (call != null) {
      call.cancel();
      call = null;
    }
    if (counted != null) {
      services.metrics().generationEnded(Status.INTERRUPTED.wire(), 0);
      counted = null;
    }
    state = null;
  }

  /** True if this node may decide now. If its lease has expired, it gives up the lease first. */
  private boolean decides() {
    if (lease != null && state != null && !lease.isHeld()) {
      lease.abandon();
    }
    return state != null;
  }

  /** Completes the futures of requests whose result another node has written. */
  private void completeWaiting() {
    for (String request : List.copyOf(waiting.keySet())) {
      known(request)
          .filter(RunRecord::isFinal)
          .ifPresent(
              record -> {
                CompletableFuture<RunRecord> end = waiting.remove(request);
                if (end != null) {
                  end.complete(record);
                }
              });
    }
  }

  private Optional<RunRecord> known(String request) {
    return state != null ? state.record(request) : services.ledger().record(document, request);
  }

  @Override
  public void settled(RoomScope settled) {
    observe();
    if (state == null) {
      completeWaiting();
    }
  }

  @Override
  public void glance(RoomScope glanced) {
    for (Lock lock : GenerationSnapshotReader.locks(glanced)) {
      glimpsed.putIfAbsent(lock.request(), lock);
    }
    // A follower does not evaluate them, but it may be the next lease holder.
    while (state == null && glimpsed.size() > FixedLimits.GLIMPSED_MAX) {
      glimpsed.remove(glimpsed.keySet().iterator().next());
    }
  }

  @Override
  public boolean leads() {
    return decides();
  }

  @Override
  public boolean isBusy() {
    return !waiting.isEmpty() || (state != null && state.running().isPresent());
  }

  @Override
  public void closed() {
    dropState();
    if (lease != null) {
      lease.close();
    }
    var gone = new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
    List<CompletableFuture<RunRecord>> all = List.copyOf(waiting.values());
    waiting.clear();
    all.forEach(end -> end.completeExceptionally(gone));
    services.forget(this);
  }

  DocumentId document() {
    return document;
  }

  /** Reads the document until it has no new input, including this node's own writes. */
  private void observe() {
    for (int round = 0; round < FixedLimits.GENERATION_LOOKS_MAX && decides(); round++) {
      List<ChangeHash> heads = scope().reading().heads();
      if (heads.equals(observed)) {
        return;
      }
      observed = heads;
      if (!GenerationSnapshotReader.isRoom(scope().reading())) {
        return; // the room has no genesis yet
      }
      GenerationSnapshot snapshot = GenerationSnapshotReader.read(scope(), glimpsed.values());
      run(state().step(new GenerationInput.Observed(snapshot), scope().now()));
      glimpsed.keySet().removeIf(request -> state().record(request).isPresent());
    }
  }

  private void drive(GenerationInput input) {
    if (!decides()) {
      return;
    }
    if (input instanceof GenerationInput.Sealed) {
      observe(); // clearing the lock removes every value: judge them first
    }
    run(state().step(input, scope().now()));
  }

  private void run(List<GenerationEffect> effects) {
    effects.forEach(this::run);
  }

  private void run(GenerationEffect effect) {
    switch (effect) {
      case GenerationEffect.Store store -> {
        var granted =
            lease == null
                ? services.ledger().store(document, store.epoch(), store.record())
                : lease
                    .grant(store.epoch())
                    .thenCompose(
                        _ -> services.ledger().store(document, store.epoch(), store.record()));
        GenerationState asked = state;
        var _ =
            granted.whenComplete(
                (_, problem) -> saved(asked, stored(store.epoch(), problem), isLost(problem)));
      }
      case GenerationEffect.Seal seal -> {
        var requests = seal.records().stream().map(RunRecord::request).toList();
        // With other nodes, another record can still replace a result that is not on disk.
        boolean alone = lease == null;
        var kept =
            alone
                ? services.ledger().seal(document, seal.records())
                : services.ledger().sealOnce(document, seal.records());
        GenerationState asked = state;
        var _ =
            kept.whenComplete(
                (_, problem) -> saved(asked, sealed(requests, problem), !alone && problem != null));
      }
      case GenerationEffect.Keep keep -> {
        var _ = services.ledger().keep(document, keep.record());
      }
      case GenerationEffect.Write write -> write(write.edits());
      case GenerationEffect.Call asked -> call(asked);
      case GenerationEffect.Cancel _ -> {
        if (call != null) {
          call.cancel();
          call = null;
        }
      }
      case GenerationEffect.Tell tell -> tell(tell);
      case GenerationEffect.Started started -> started(started.record());
      case GenerationEffect.Settled settled -> settled(settled.record());
      case GenerationEffect.Wake wake ->
          scope()
              .after(
                  wake.afterMillis(),
                  () -> drive(new GenerationInput.Woken(wake.epoch(), wake.alarm())));
      case GenerationEffect.LookAgain again -> lookAgain(again.afterMillis());
      case GenerationEffect.ReadBack _ ->
          drive(
              new GenerationInput.ReadBack(
                  GenerationSnapshotReader.read(scope(), glimpsed.values())));
      case GenerationEffect.GivenUp given -> givenUp(given.paths());
      case GenerationEffect.Forged forged -> forged(forged.paths());
    }
  }

  private void later(GenerationInput input) {
    scope().later(() -> drive(input));
  }

  /**
   * @param lost whether another node may decide now; its writes are then read before any other step
   */
  private void saved(@Nullable GenerationState asked, GenerationInput input, boolean lost) {
    scope()
        .later(
            () -> {
              if (asked != state) {
                return; // requested during an earlier lease
              }
              if (lost && lease != null) {
                lease.abandon();
              } else {
                drive(input);
              }
            });
  }

  private static boolean isLost(@Nullable Throwable problem) {
    return problem instanceof RoomLease.LostException
        || (problem instanceof CompletionException
            && problem.getCause() instanceof RoomLease.LostException);
  }

  private static GenerationInput stored(long epoch, @Nullable Throwable problem) {
    if (problem != null) {
      log.warn("a grant could not be stored: {}", problem.toString());
    }
    return new GenerationInput.Stored(
        epoch, problem == null ? null : "the server could not save the request");
  }

  private static GenerationInput sealed(List<String> requests, @Nullable Throwable problem) {
    if (problem != null) {
      // Users must not wait for the disk: they see the result, and the page shows what is not
      // saved.
      log.warn("results of {} could not be stored: {}", requests, problem.toString());
    }
    return new GenerationInput.Sealed(requests);
  }

  private void write(List<Edit> edits) {
    try {
      var _ = scope().write(edits);
    } catch (ReplicaException problem) {
      // A peer removed the target of the write; the next reading restores it.
      log.warn("room {}: {}", document, problem.getMessage());
      lookAgain(AGAIN_MILLIS);
    }
  }

  private void lookAgain(long afterMillis) {
    scope()
        .after(
            afterMillis,
            () -> {
              observed = null;
              observe();
            });
  }

  // The model.

  private void call(GenerationEffect.Call asked) {
    RoomScope here = scope();
    ModelEventQueue events =
        new ModelEventQueue(
            asked.epoch(), woken -> here.later(() -> woken.take().forEach(this::drive)));
    try {
      call = services.model().start(asked.request(), events);
    } catch (RuntimeException defect) {
      log.error("room {}: the model client failed", document, defect);
      later(new GenerationInput.CallFailed(asked.epoch(), "the model client failed"));
    }
  }

  private void tell(GenerationEffect.Tell tell) {
    if (tell.index() == 0) {
      long millis = Math.max(0, scope().now() - tell.run().startedAt());
      services.metrics().generationFirstToken(millis * 1_000_000);
    }
    String text = tell.text();
    for (int from = 0; from < text.length(); ) {
      int to = Texts.cutAt(text, from + FixedLimits.DELTA_CHARACTERS_MAX);
      String piece = text.substring(from, to);
      int index = tell.index() + from;
      scope().broadcast(delta(tell.run(), index, piece));
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("request", tell.run().request());
      data.put("epoch", tell.run().epoch());
      data.put("index", index);
      data.put("text", piece);
      scope().publish(RoomEvent.GENERATION_DELTA, data);
      from = to;
    }
  }

  private static Bytes delta(RunRecord run, int index, String text) {
    return new CborWriter()
        .map(5)
        .text("type")
        .text("generation-delta")
        .text("request")
        .text(run.request())
        .text("epoch")
        .integer(run.epoch())
        .text("index")
        .integer(index)
        .text("text")
        .text(text)
        .toBytes();
  }

  // Messages to peers.

  private void started(RunRecord record) {
    services.metrics().generationStarted();
    counted = record;
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", record.request());
    data.put("epoch", record.epoch());
    data.put("by", record.by());
    data.put("name", name(record.by()));
    data.put("query", record.query());
    data.put("model", record.model());
    data.put("after", record.after());
    data.put("tokensMax", record.tokensMax());
    data.put("omitted", record.omitted());
    scope().publish(RoomEvent.GENERATION_STARTED, data);
  }

  private void settled(RunRecord record) {
    long nanos = record.totalMs() * 1_000_000;
    String event =
        switch (record.status()) {
          case DONE -> RoomEvent.GENERATION_DONE;
          case STOPPED -> RoomEvent.GENERATION_STOPPED;
          case RUNNING, ERROR, REFUSED, INTERRUPTED -> RoomEvent.GENERATION_FAILED;
        };
    switch (record.status()) {
      case REFUSED ->
          services.metrics().generationRefused(record.reason().replaceAll("[^a-z-].*", ""));
      case RUNNING, DONE, STOPPED, ERROR, INTERRUPTED -> {
        call = null;
        if (counted != null && counted.request().equals(record.request())) {
          counted = null;
          services.metrics().generationEnded(record.status().wire(), nanos);
          services
              .metrics()
              .generationTokens(record.usage().promptTokens(), record.usage().completionTokens());
        }
      }
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", record.request());
    data.put("epoch", record.epoch());
    data.put("by", record.by());
    data.put("name", name(record.by()));
    data.put("status", record.status().wire());
    data.put("reason", record.reason());
    data.put("after", record.after());
    data.put("ending", record.ending() == null ? null : record.ending().wire());
    data.put("tokensMax", record.tokensMax());
    data.put("length", record.text().length());
    scope().publish(event, data);
    CompletableFuture<RunRecord> end = waiting.remove(record.request());
    if (end != null) {
      end.complete(record);
    }
  }

  private String name(String identity) {
    return scope().reading().view().participant(identity).map(Participant::name).orElse("");
  }

  private void forged(List<String> paths) {
    paths.forEach(_ -> services.metrics().forgedWrite());
    List<String> some = paths.subList(0, Math.min(10, paths.size()));
    log.warn(
        "room {}: restored {} values that only the server may write: {}",
        document,
        paths.size(),
        some);
    scope().publish(RoomEvent.FORGED_WRITE, Map.of("paths", some, "count", paths.size()));
  }

  private void givenUp(List<String> paths) {
    paths.forEach(_ -> services.metrics().repairGivenUp());
    log.warn(
        "room {}: the document does not keep {} values as written: {}",
        document,
        paths.size(),
        paths.subList(0, Math.min(10, paths.size())));
  }

  // Requests of callers.

  CompletableFuture<Generations.Asked> ask(String identity, String query, String after) {
    observe();
    if (!decides()) {
      String request = services.newRequest(scope().now());
      askedElsewhere.add(request);
      while (askedElsewhere.size() > FixedLimits.GLIMPSED_MAX) {
        askedElsewhere.remove(askedElsewhere.iterator().next());
      }
      return FollowerRequests.ask(scope(), request, identity, query, after);
    }
    Optional<RunRecord> running = state().running();
    RoomView view = scope().reading().view();
    if (running.isPresent()) {
      RunRecord run = running.get();
      return CompletableFuture.completedFuture(
          new Generations.Asked.Busy(run.request(), run.by(), name(run.by())));
    }
    List<String> cards = view.stack().stream().map(Card::id).toList();
    long now = scope().now();
    Lock lock =
        new Lock(services.newRequest(now), identity, now, query, cards, state().epoch(), after);
    Optional<String> objection = state().objection(lock, view, now);
    OptionalLong mayAskAt = state().mayAskAt(identity, now);
    if (objection.isPresent() && mayAskAt.isPresent() && objection.get().startsWith("too-many ")) {
      return CompletableFuture.completedFuture(
          new Generations.Asked.TooMany(
              mayAskAt.getAsLong() - now, services.limits().perMinuteMax()));
    }
    if (objection.isPresent()) {
      return CompletableFuture.completedFuture(new Generations.Asked.Refused(objection.get()));
    }
    var written = scope().write(RoomEdits.lock(lock));
    observe();
    return written.thenApply(_ -> new Generations.Asked.Started(lock.request()));
  }

  CompletableFuture<Long> waitMillis(String identity) {
    long now = scope().now();
    OptionalLong at = decides() ? state().mayAskAt(identity, now) : OptionalLong.empty();
    return CompletableFuture.completedFuture(at.isPresent() ? at.getAsLong() - now : 0L);
  }

  CompletableFuture<Generations.Halted> halt(String identity) {
    observe();
    if (!decides()) {
      return FollowerRequests.halt(scope(), identity);
    }
    RoomView view = scope().reading().view();
    Optional<RunRecord> running = state().running();
    if (!GenerationState.mayStop(identity, view)) {
      return CompletableFuture.completedFuture(new Generations.Halted.NotAllowed());
    }
    if (running.isEmpty()) {
      return CompletableFuture.completedFuture(new Generations.Halted.NothingRuns());
    }
    String request = running.get().request();
    var written = scope().write(RoomEdits.stop(new Stop(request, identity, scope().now())));
    observe();
    return written.thenApply(_ -> new Generations.Halted.Stopping(request));
  }

  /** Shows imported results that the ledger already has. */
  CompletableFuture<Boolean> adopt(List<RunRecord> records) {
    return scope().write(state().adopt(records)).thenApply(_ -> true);
  }

  /** The record of a request, final if the run ends within the wait. */
  CompletableFuture<Optional<RunRecord>> result(String request, long waitMillis) {
    Optional<RunRecord> now = decides() ? state().shownRecord(request) : known(request);
    boolean known = known(request).isPresent() || askedElsewhere.contains(request);
    if (!known || now.filter(RunRecord::isFinal).isPresent() || waitMillis <= 0) {
      return CompletableFuture.completedFuture(now.or(() -> known(request)));
    }
    CompletableFuture<Optional<RunRecord>> end =
        waiting.computeIfAbsent(request, _ -> new CompletableFuture<>()).thenApply(Optional::of);
    scope().after(waitMillis, () -> end.complete(known(request)));
    return end;
  }

  /** Ends the run because the server is stopping; completes when the result is written. */
  CompletableFuture<Optional<RunRecord>> interrupt(long waitMillis) {
    Optional<RunRecord> running = decides() ? state().running() : Optional.empty();
    if (running.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    drive(new GenerationInput.Interrupted("the server was stopped during the answer"));
    return result(running.get().request(), waitMillis);
  }

  private GenerationState state() {
    return Objects.requireNonNull(state, "not opened yet");
  }

  private RoomScope scope() {
    return Objects.requireNonNull(scope, "not opened yet");
  }
}
