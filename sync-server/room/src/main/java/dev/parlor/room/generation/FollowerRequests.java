package dev.parlor.room.generation;

import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomScope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Requests of callers on a node that does not hold the room's generation lease. The node writes
 * them into the document, as any peer does. The lease holder writes the results there.
 */
final class FollowerRequests {
  private FollowerRequests() {}

  /**
   * Writes a request into the lock, unless another run is active or the request is invalid.
   *
   * @param request the id of the new request
   */
  static CompletableFuture<Generations.RequestOutcome> request(
      RoomScope scope, String request, String identity, String query, String after) {
    RoomView view = scope.reading().view();
    Grant grant = view.generation().grant();
    if (grant != null) {
      String requester = requester(view, grant);
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Busy(grant.request(), requester, view.nameOf(requester)));
    }
    long now = scope.now();
    long epoch = view.generation().epoch();
    List<String> cards = view.stack().stream().map(Card::id).toList();
    Lock lock = new Lock(request, identity, now, query, cards, epoch, after);
    Optional<String> reason =
        LockRules.decide(new LockRules.ServerState(epoch, null, Set.of(), now), List.of(lock), view)
            .refusals()
            .stream()
            .map(LockRules.Refusal::reason)
            .findFirst();
    return reason.isPresent()
        ? CompletableFuture.completedFuture(new Generations.RequestOutcome.Refused(reason.get()))
        : scope
            .write(RoomEdits.lock(lock))
            .thenApply(_ -> new Generations.RequestOutcome.Started(request));
  }

  /** Writes a stop for the run that the document shows. */
  static CompletableFuture<Generations.StopOutcome> stop(RoomScope scope, String identity) {
    RoomView view = scope.reading().view();
    @Nullable Grant grant = view.generation().grant();
    if (!GenerationState.canStop(identity, view)) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NotAllowed());
    }
    if (grant == null) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NothingRuns());
    }
    return scope
        .write(RoomEdits.stop(new Stop(grant.request(), identity, scope.now())))
        .thenApply(_ -> new Generations.StopOutcome.Stopping(grant.request()));
  }

  private static String requester(RoomView view, Grant grant) {
    return view.results().stream()
        .filter(result -> result.request().equals(grant.request()))
        .map(Result::by)
        .findFirst()
        .orElse("");
  }
}
