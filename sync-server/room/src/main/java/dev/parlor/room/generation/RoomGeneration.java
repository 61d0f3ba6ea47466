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
 * the room it has a {@link GenerationRunner}. While another node decides, it writes its callers'
 * requests into the document ({@link FollowerRequests}) and waits for the results there. All of it
 * runs on the room's thread.
 */
final class RoomGeneration implements RoomWatcher {
  private final DocumentId document;
  private final GenerationServices services;

  /** Callers that wait for the result of a request. */
  private final Map<String, CompletableFuture<RunRecord>> waiting = new HashMap<>();

  /**
   * Requests that were in the lock since the last reading; a later write may have replaced them.
   */
  private final Map<String, Lock> recentRequests = new LinkedHashMap<>();

  /** Requests of this node's callers that another node judges. */
  private final Set<String> askedElsewhere = new LinkedHashSet<>();

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
      endRunner();
    }

    @Override
    public void waited() {
      completeWaiting();
    }
  }

  /** This node decides from now on, starting with the ledger's state. */
  private void hold(long epoch) {
    GenerationRunner begun =
        new GenerationRunner(
            document, services, scope(), lease, epoch, recentRequests, this::ended);
    runner = begun;
    begun.begin();
    completeWaiting();
  }

  private void endRunner() {
    GenerationRunner last = runner;
    runner = null;
    if (last != null) {
      last.end();
    }
  }

  /** The runner, if this node may decide now. */
  private Optional<GenerationRunner> deciding() {
    return Optional.ofNullable(runner).filter(GenerationRunner::decides);
  }

  @Override
  public void settled(RoomScope settled) {
    observe();
    if (runner == null) {
      completeWaiting();
    }
  }

  private void observe() {
    deciding().ifPresent(GenerationRunner::observe);
  }

  @Override
  public void glance(RoomScope glanced) {
    for (Lock lock : GenerationSnapshotReader.locks(glanced)) {
      recentRequests.putIfAbsent(lock.request(), lock);
    }
    // A follower does not evaluate them, but it may be the next lease holder.
    while (runner == null && recentRequests.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      recentRequests.remove(recentRequests.keySet().iterator().next());
    }
  }

  @Override
  public boolean leads() {
    return deciding().isPresent();
  }

  @Override
  public boolean isBusy() {
    return !waiting.isEmpty() || (runner != null && runner.running().isPresent());
  }

  @Override
  public void closed() {
    endRunner();
    if (lease != null) {
      lease.close();
    }
    var gone = new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
    List<CompletableFuture<RunRecord>> all = List.copyOf(waiting.values());
    waiting.clear();
    all.forEach(end -> end.completeExceptionally(gone));
    services.forget(this);
  }

  // Results.

  private void ended(RunRecord record) {
    CompletableFuture<RunRecord> end = waiting.remove(record.request());
    if (end != null) {
      end.complete(record);
    }
  }

  /** Completes the futures of requests whose result another node has written. */
  private void completeWaiting() {
    for (String request : List.copyOf(waiting.keySet())) {
      known(request).filter(RunRecord::isFinal).ifPresent(this::ended);
    }
  }

  private Optional<RunRecord> known(String request) {
    return runner != null ? runner.record(request) : services.ledger().record(document, request);
  }

  // Requests of callers.

  CompletableFuture<Generations.RequestOutcome> ask(String identity, String query, String after) {
    observe();
    var decides = deciding();
    if (decides.isPresent()) {
      return decides.get().ask(identity, query, after);
    }
    String request = services.newRequest(scope().now());
    askedElsewhere.add(request);
    while (askedElsewhere.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      askedElsewhere.remove(askedElsewhere.iterator().next());
    }
    return FollowerRequests.ask(scope(), request, identity, query, after);
  }

  /** The time until this identity may ask again; 0 if it may ask now. */
  CompletableFuture<Long> waitMillis(String identity) {
    return CompletableFuture.completedFuture(
        deciding().map(decides -> decides.waitMillis(identity)).orElse(0L));
  }

  CompletableFuture<Generations.StopOutcome> halt(String identity) {
    observe();
    return deciding()
        .map(decides -> decides.halt(identity))
        .orElseGet(() -> FollowerRequests.halt(scope(), identity));
  }

  /** Shows imported results that the ledger already has. */
  CompletableFuture<Boolean> adopt(List<RunRecord> records) {
    return Objects.requireNonNull(runner, "another node decides").adopt(records);
  }

  /** The record of a request, final if the run ends within the wait. */
  CompletableFuture<Optional<RunRecord>> result(String request, long waitMillis) {
    var decides = deciding();
    Optional<RunRecord> now =
        decides.isPresent() ? decides.get().shownRecord(request) : known(request);
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
    var decides = deciding();
    Optional<RunRecord> running = decides.flatMap(GenerationRunner::running);
    if (decides.isEmpty() || running.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    decides.get().interrupt("the server was stopped during the answer");
    return result(running.get().request(), waitMillis);
  }

  private RoomScope scope() {
    return Objects.requireNonNull(scope, "not opened yet");
  }
}
