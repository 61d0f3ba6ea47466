package dev.parlor.room.generation;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomScope;
import dev.parlor.room.worker.RoomWatcher;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Generation in one open room, and the requests of this node's callers. While this node decides in
 * the room, it has a {@link GenerationRunner}. While another node decides, this node writes its
 * callers' requests into the document ({@link FollowerRequests}) and waits for the results there.
 * Used on the room's thread.
 */
final class RoomGeneration implements RoomWatcher {
  private final DocumentId document;
  private final GenerationServices services;

  /** Futures of callers that wait for a result, by request. */
  private final Map<String, CompletableFuture<RunRecord>> pendingResults = new HashMap<>();

  /**
   * Requests that were in the lock since the last reading; a later write may have replaced them.
   */
  private final Map<String, Lock> recentRequests = new LinkedHashMap<>();

  /** Requests of this node's callers that another node decides. */
  private final Set<String> forwardedRequests = new LinkedHashSet<>();

  private @Nullable RoomScope scope;

  /** Null without other nodes. */
  private @Nullable RoomLease lease;

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
    long epoch = services.ledger().epoch(document);
    RoomLease.Settings leaseSettings = services.leaseSettings();
    if (leaseSettings == null) {
      startRunner(epoch);
    } else {
      RoomLease created = new RoomLease(leaseSettings, document, opened, new LeaseListener());
      lease = created;
      created.begin(epoch);
    }
  }

  /** Starts and ends the runner with the lease, if there are other nodes. */
  private final class LeaseListener implements RoomLease.Listener {
    @Override
    public void acquired(long epoch) {
      startRunner(epoch);
    }

    @Override
    public void lost() {
      endRunner();
    }

    @Override
    public void checkedAsFollower() {
      completeFromLedger();
    }
  }

  /** Lets this node decide from now on, starting with the ledger's state. */
  private void startRunner(long epoch) {
    GenerationRunner created =
        new GenerationRunner(
            document, services, scope(), lease, epoch, recentRequests, this::ended);
    runner = created;
    created.begin();
    completeFromLedger();
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
    }
  }

  private void observe() {
    activeRunner().ifPresent(GenerationRunner::observe);
  }

  @Override
  public void changesApplied(RoomScope room) {
    for (Lock lock : GenerationSnapshotReader.locks(room)) {
      recentRequests.putIfAbsent(lock.request(), lock);
    }
    // A follower does not decide these requests, but it may become the lease holder.
    while (runner == null && recentRequests.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      recentRequests.remove(recentRequests.keySet().iterator().next());
    }
  }

  @Override
  public boolean isLeader() {
    return activeRunner().isPresent();
  }

  @Override
  public boolean isBusy() {
    return !pendingResults.isEmpty() || (runner != null && runner.running().isPresent());
  }

  @Override
  public void closed() {
    endRunner();
    if (lease != null) {
      lease.close();
    }
    var refusal = new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
    List<CompletableFuture<RunRecord>> futures = List.copyOf(pendingResults.values());
    pendingResults.clear();
    futures.forEach(result -> result.completeExceptionally(refusal));
    services.closed(this);
  }

  // Results.

  private void ended(RunRecord record) {
    CompletableFuture<RunRecord> result = pendingResults.remove(record.request());
    if (result != null) {
      result.complete(record);
    }
  }

  /** Completes the futures of requests that another node has ended. */
  private void completeFromLedger() {
    for (String request : List.copyOf(pendingResults.keySet())) {
      record(request).filter(RunRecord::isFinal).ifPresent(this::ended);
    }
  }

  private Optional<RunRecord> record(String request) {
    return runner != null ? runner.record(request) : services.ledger().record(document, request);
  }

  // Requests of callers.

  CompletableFuture<Generations.RequestOutcome> request(
      String identity, String query, String after) {
    observe();
    var active = activeRunner();
    if (active.isPresent()) {
      return active.get().request(identity, query, after);
    }
    String request = services.newRequestId(scope().now());
    forwardedRequests.add(request);
    while (forwardedRequests.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      forwardedRequests.remove(forwardedRequests.iterator().next());
    }
    return FollowerRequests.request(scope(), request, identity, query, after);
  }

  /** The time until the rate limit permits this identity's next request; 0 if it does now. */
  CompletableFuture<Long> waitMillis(String identity) {
    return CompletableFuture.completedFuture(
        activeRunner().map(active -> active.waitMillis(identity)).orElse(0L));
  }

  CompletableFuture<Generations.StopOutcome> stop(String identity) {
    observe();
    return activeRunner()
        .map(active -> active.stop(identity))
        .orElseGet(() -> FollowerRequests.stop(scope(), identity));
  }

  /** Writes imported results, which the ledger has already, to the document. */
  CompletableFuture<Boolean> importResults(List<RunRecord> records) {
    return Objects.requireNonNull(runner, "another node decides").importResults(records);
  }

  /** The record of a request. Waits up to {@code waitMillis} for the final record. */
  CompletableFuture<Optional<RunRecord>> result(String request, long waitMillis) {
    var active = activeRunner();
    Optional<RunRecord> current =
        active.isPresent() ? active.get().shownRecord(request) : record(request);
    boolean isKnown = record(request).isPresent() || forwardedRequests.contains(request);
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

  /** Ends the run because the server is stopping; completes when the result is written. */
  CompletableFuture<Optional<RunRecord>> interrupt(long waitMillis) {
    var active = activeRunner();
    Optional<RunRecord> running = active.flatMap(GenerationRunner::running);
    if (active.isEmpty() || running.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    active.get().interrupt("the server was stopped during the answer");
    return result(running.get().request(), waitMillis);
  }

  private RoomScope scope() {
    return Objects.requireNonNull(scope, "not opened yet");
  }
}
