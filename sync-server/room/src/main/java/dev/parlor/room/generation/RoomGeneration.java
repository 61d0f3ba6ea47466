package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomScope;
import dev.parlor.room.worker.RoomWatcher;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generation in one open room, and the requests of this node's callers. While this node decides in
 * the room, it has a {@link GenerationRunner}. While another node decides, this node writes its
 * callers' requests into the document ({@link FollowerRequests}) and waits for the results there.
 * Used on the room's thread.
 */
final class RoomGeneration implements RoomWatcher {
  private static final Logger log = LoggerFactory.getLogger(RoomGeneration.class);

  private final DocumentId document;
  private final GenerationServices services;

  /** Futures of callers that wait for a result, by request. */
  private final Map<String, CompletableFuture<RunRecord>> pendingResults = new HashMap<>();

  /** The requests of changes since the last reading. */
  private final RequestWrites writes = new RequestWrites();

  /** Requests of this node's callers that another node decides. */
  private final Set<String> forwardedRequests = new LinkedHashSet<>();

  private volatile @Nullable RoomScope scope;

  /** The waits for what another node decides; null until the room is open. */
  private @Nullable DocumentWaits waits;

  /** The events of runs on other nodes; null without other nodes. */
  private @Nullable FollowerEvents followerEvents;

  /** Null without other nodes. */
  private volatile @Nullable RoomLease lease;

  /** Completes when this stopping node has released the lease; null while it is not stopping. */
  private @Nullable CompletableFuture<Void> handingOver;

  /** Null while another node decides. */
  private @Nullable GenerationRunner runner;

  RoomGeneration(DocumentId document, GenerationServices services) {
    this.document = document;
    this.services = services;
  }

  DocumentId document() {
    return document;
  }

  // The room.

  @Override
  public void opened(RoomScope opened) {
    scope = opened;
    waits = new DocumentWaits(opened);
    long epoch = services.ledger().epoch(document);
    RoomLease.Settings leaseSettings = services.leaseSettings();
    if (leaseSettings == null) {
      startRunner(epoch);
    } else {
      RoomLease created = new RoomLease(leaseSettings, document, opened, new LeaseListener());
      lease = created;
      followerEvents = new FollowerEvents(opened);
      created.begin(epoch);
    }
  }

  /** Starts and ends the runner with the lease, if there are other nodes. */
  private final class LeaseListener implements RoomLease.Listener {
    @Override
    public void acquired(long epoch) {
      startWithRecordsOfOthers(epoch);
    }

    @Override
    public void lost() {
      endRunner();
    }

    @Override
    public void checkedAsFollower() {
      completeFromLedger();
      waits().check();
    }
  }

  /** Starts the runner when the ledger has the records of the nodes that held the lease before. */
  private void startWithRecordsOfOthers(long epoch) {
    var _ =
        services
            .ledger()
            .refresh(document)
            .whenComplete((_, problem) -> scope().later(() -> startIfHeld(epoch, problem)));
  }

  private void startIfHeld(long epoch, @Nullable Throwable problem) {
    RoomLease present = lease;
    if (present == null || !present.isHeld() || runner != null) {
      return;
    }
    if (problem != null) {
      log.warn("room {}: the records of other nodes cannot be read", document, problem);
      present.abandon(); // a later check takes the lease again
      return;
    }
    startRunner(Math.max(epoch, services.ledger().epoch(document)));
  }

  /** The lease's record or a node may have changed. Safe from any thread. */
  void checkLease() {
    RoomScope opened = scope;
    RoomLease present = lease;
    if (opened != null && present != null) {
      opened.later(present::check);
    }
  }

  /** Lets this node decide from now on, starting with the ledger's state. */
  private void startRunner(long epoch) {
    GenerationRunner created =
        new GenerationRunner(document, services, scope(), lease, epoch, writes, this::ended);
    runner = created;
    if (followerEvents != null) {
      followerEvents.pause();
    }
    created.begin();
    completeFromLedger();
    waits().check();
  }

  private void endRunner() {
    GenerationRunner last = runner;
    runner = null;
    if (last != null) {
      last.end();
    }
  }

  /** The runner, if this node may grant and refuse requests now. */
  private Optional<GenerationRunner> activeRunner() {
    return Optional.ofNullable(runner).filter(GenerationRunner::mayDecide);
  }

  @Override
  public void settled(RoomScope room) {
    observe();
    if (runner == null) {
      completeFromLedger();
      forgetDecided();
      if (followerEvents != null) {
        followerEvents.settled();
      }
    }
    waits().check();
  }

  @Override
  public void messageOfNode(Bytes data) {
    if (runner == null && followerEvents != null) {
      followerEvents.message(data);
    }
  }

  /** Forgets the writes that another node has decided, since this node may take over later. */
  private void forgetDecided() {
    RoomView view = scope().reading().view();
    writes.decidedByOther(
        request -> FollowerRequests.record(view, request).isPresent(),
        isGone(ServerFields.STOP),
        isGone(ServerFields.COMMAND));
  }

  private boolean isGone(Path field) {
    return scope().objectAt(ServerFields.GENERATION).isPresent()
        && scope().conflicts(field).stream().allMatch(Value.Null.class::isInstance);
  }

  private DocumentWaits waits() {
    return Objects.requireNonNull(waits, "not opened yet");
  }

  private FollowerRequests follower() {
    return new FollowerRequests(scope(), services, waits(), writes);
  }

  /**
   * Runs a task when it is known which node decides here. A room that was just opened takes the
   * lease first, if no other node holds it.
   */
  private <T> CompletableFuture<T> onceDecided(Supplier<CompletableFuture<T>> task) {
    return waits()
        .until(_ -> isDecided(), FixedServiceLimits.FOLLOWER_ANSWER_MILLIS_MAX)
        .thenCompose(
            _ -> {
              observe();
              return task.get();
            });
  }

  /** Whether this node decides, or another node does. */
  private boolean isDecided() {
    RoomLease present = lease;
    return present == null || activeRunner().isPresent() || present.isWithOthers();
  }

  private void observe() {
    activeRunner().ifPresent(GenerationRunner::observe);
  }

  @Override
  public void changeApplied(RoomScope room, Bytes change, Arrival arrival) {
    writes.add(room, change, arrival);
    // A follower does not decide these requests, but it may become the lease holder.
    if (scope != null && runner == null) {
      writes.truncate();
    }
  }

  @Override
  public boolean isLeader() {
    return activeRunner().isPresent();
  }

  @Override
  public boolean isBusy() {
    return !pendingResults.isEmpty()
        || (waits != null && !waits.isEmpty())
        || (runner != null && runner.isBusy());
  }

  @Override
  public void closed() {
    GenerationRunner last = runner;
    boolean isIdle = last != null && last.mayDecide() && !last.isBusy();
    endRunner();
    RoomLease present = lease;
    if (present != null) {
      if (isIdle) {
        services.ledger().idle(document);
      }
      present.close();
    }
    var refusal = new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
    List<CompletableFuture<RunRecord>> futures = List.copyOf(pendingResults.values());
    pendingResults.clear();
    futures.forEach(result -> result.completeExceptionally(refusal));
    if (waits != null) {
      waits.close(refusal);
    }
    if (handingOver != null) {
      handingOver.complete(null);
    }
    services.closed(this);
  }

  // Results.

  private void ended(RunRecord record) {
    CompletableFuture<RunRecord> result = pendingResults.remove(record.request());
    if (result != null) {
      result.complete(record);
    }
    if (handingOver != null) {
      scope().later(this::resignIfIdle);
    }
  }

  /** Completes the futures of requests that this node knows to have ended. */
  private void completeFromLedger() {
    for (String request : List.copyOf(pendingResults.keySet())) {
      record(request).filter(RunRecord::isFinal).ifPresent(this::ended);
    }
  }

  /** The record of a request, as this node knows it. */
  private Optional<RunRecord> record(String request) {
    if (runner != null) {
      return runner.record(request);
    }
    Optional<RunRecord> stored = services.ledger().record(document, request);
    Optional<RunRecord> shown = FollowerRequests.record(scope().reading().view(), request);
    return stored
        .filter(RunRecord::isFinal)
        .or(() -> shown.filter(each -> !each.isWaiting()))
        .or(() -> stored)
        .or(() -> services.ledger().waiting(document, request).map(RunRecord::waiting))
        .or(() -> shown);
  }

  // Requests of callers.

  CompletableFuture<Generations.RequestOutcome> request(
      Generations.Question question, List<Edit> alongside) {
    return onceDecided(
        () ->
            activeRunner()
                .map(active -> active.request(question, alongside))
                .orElseGet(() -> forward(question, alongside)));
  }

  private CompletableFuture<Generations.RequestOutcome> forward(
      Generations.Question question, List<Edit> alongside) {
    String request = services.newRequestId(scope().now());
    forwardedRequests.add(request);
    while (forwardedRequests.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      forwardedRequests.remove(forwardedRequests.iterator().next());
    }
    RoomLease.Settings leases = services.leaseSettings();
    if (leases != null && leases.isStopping().getAsBoolean()) {
      services.ledger().needsNode(document, request);
    }
    return follower().request(request, question, alongside);
  }

  /** The limit that would refuse this identity's request now. */
  CompletableFuture<Optional<Generations.RequestOutcome.TooMany>> tooMany(String identity) {
    return onceDecided(
        () ->
            CompletableFuture.completedFuture(
                activeRunner()
                    .map(active -> active.tooMany(identity))
                    .orElseGet(() -> follower().tooMany(identity))));
  }

  CompletableFuture<Generations.StopOutcome> stop(String identity, String request) {
    return onceDecided(
        () ->
            activeRunner()
                .map(active -> active.stop(identity, request))
                .orElseGet(() -> follower().stop(identity, request)));
  }

  CompletableFuture<Generations.CommandOutcome> command(
      QueueCommand.Action action, String request, String before, String identity) {
    return onceDecided(
        () -> {
          long now = scope().now();
          var command =
              new QueueCommand(services.newRequestId(now), action, request, before, identity, now);
          return activeRunner()
              .map(active -> carryOut(active, command))
              .orElseGet(() -> follower().command(command));
        });
  }

  /** Carries out a command; completes when the document shows it, or at once if it is refused. */
  private CompletableFuture<Generations.CommandOutcome> carryOut(
      GenerationRunner active, QueueCommand command) {
    Generations.CommandOutcome outcome = active.command(command);
    if (!(outcome instanceof Generations.CommandOutcome.Done)) {
      return CompletableFuture.completedFuture(outcome);
    }
    return waits()
        .until(
            view -> FollowerRequests.isDone(command, view),
            FixedServiceLimits.FOLLOWER_ANSWER_MILLIS_MAX)
        .thenApply(_ -> outcome);
  }

  /** The runs and the queue: of the ledger, or while another node decides of the document. */
  CompletableFuture<Generations.QueueState> queue() {
    return onceDecided(() -> CompletableFuture.completedFuture(queueState()));
  }

  private Generations.QueueState queueState() {
    RoomView view = scope().reading().view();
    return activeRunner()
        .map(
            active ->
                new Generations.QueueState(
                    view,
                    active.runs().stream().map(RunRecord::request).toList(),
                    active.waiting().stream().map(QueuedRequest::shown).toList(),
                    active.paused()))
        .orElseGet(
            () ->
                new Generations.QueueState(
                    view,
                    view.generation().grants().stream().map(Grant::request).toList(),
                    view.generation().queue(),
                    view.generation().paused()));
  }

  /** The place of a request in the queue, from 1; 0 for a request that does not wait. */
  CompletableFuture<Integer> placeOf(String request) {
    return CompletableFuture.completedFuture(
        activeRunner()
            .map(active -> active.placeOf(request))
            .orElseGet(() -> follower().placeOf(request)));
  }

  /** Writes imported results to the ledger and to the document. */
  CompletableFuture<Boolean> importResults(List<RunRecord> records) {
    return onceDecided(
        () ->
            activeRunner()
                .map(active -> active.importResults(records))
                .orElseGet(
                    () ->
                        CompletableFuture.failedFuture(
                            new RoomRefusal(
                                RoomRefusal.Code.UNAVAILABLE,
                                "",
                                "another server answers questions in this room; try again"))));
  }

  /** The record of a request. Waits up to {@code waitMillis} for the final record. */
  CompletableFuture<Optional<RunRecord>> result(String request, long waitMillis) {
    var active = activeRunner();
    Optional<RunRecord> current =
        active.isPresent() ? active.get().shownRecord(request) : record(request);
    boolean isKnown =
        record(request).isPresent()
            || forwardedRequests.contains(request)
            || writes.locks().stream().anyMatch(lock -> lock.request().equals(request));
    boolean isFinal = current.filter(RunRecord::isFinal).isPresent();
    if (!isKnown || isFinal || waitMillis <= 0) {
      return CompletableFuture.completedFuture(current.or(() -> record(request)));
    }
    CompletableFuture<Optional<RunRecord>> result =
        pendingResults
            .computeIfAbsent(request, _ -> new CompletableFuture<>())
            .thenApply(Optional::of);
    scope().after(waitMillis, () -> result.complete(record(request)));
    return result;
  }

  /**
   * Hands the room over to another node: releases the lease when the runs have ended, and starts no
   * other request until then.
   *
   * @return completes when no run is left here
   */
  CompletableFuture<Void> handOver() {
    if (handingOver == null) {
      handingOver = new CompletableFuture<>();
      activeRunner().ifPresent(GenerationRunner::startNoMore);
      resignIfIdle();
    }
    return handingOver;
  }

  private void resignIfIdle() {
    CompletableFuture<Void> waiting = handingOver;
    RoomLease present = lease;
    if (waiting == null || present == null || waiting.isDone()) {
      return;
    }
    if (activeRunner().map(GenerationRunner::runs).orElse(List.of()).isEmpty()) {
      present.resign();
      waiting.complete(null);
    }
  }

  /** Ends the runs because the server is stopping; completes when the results are written. */
  CompletableFuture<Void> interrupt(long waitMillis) {
    var active = activeRunner();
    List<RunRecord> running = active.map(GenerationRunner::runs).orElse(List.of());
    active.ifPresent(each -> each.interrupt("the server was stopped during the answer"));
    return CompletableFuture.allOf(
        running.stream()
            .map(record -> result(record.request(), waitMillis))
            .toArray(CompletableFuture[]::new));
  }

  private RoomScope scope() {
    return Objects.requireNonNull(scope, "not opened yet");
  }
}
