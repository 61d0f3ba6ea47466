package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of callers on a node that does not hold the room's generation lease. The node writes
 * them into the document, as any peer does. The lease holder writes the results there.
 */
final class FollowerRequests {
  private FollowerRequests() {}

  /**
   * Writes a request into the lock, unless it is invalid.
   *
   * @param request the id of the new request
   * @param alongside further edits of the same change
   */
  static CompletableFuture<Generations.RequestOutcome> request(
      RoomScope scope, String request, Generations.Question question, List<Edit> alongside) {
    RoomView view = scope.reading().view();
    Lock lock = question.lock(request, view, view.generation().epoch(), scope.now());
    Optional<String> reason =
        LockRules.refusalReason(lock, view, each -> queueOf(view).contains(each));
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Refused(reason.get()));
    }
    List<Edit> edits = new ArrayList<>(alongside);
    edits.addAll(RoomEdits.lock(lock));
    boolean isFree = view.generation().grants().size() < view.settings().slots();
    int place = isFree && queueOf(view).isEmpty() ? 0 : queueOf(view).size() + 1;
    return scope
        .write(edits)
        .thenApply(_ -> new Generations.RequestOutcome.Accepted(request, place));
  }

  private static List<String> queueOf(RoomView view) {
    return view.generation().queue().stream().map(Queued::request).toList();
  }

  static int placeOf(RoomScope scope, String request) {
    return 1 + queueOf(scope.reading().view()).indexOf(request);
  }

  /**
   * Writes a stop for a run that the document shows; for the oldest if {@code request} is empty.
   */
  static CompletableFuture<Generations.StopOutcome> stop(
      RoomScope scope, String identity, String request) {
    RoomView view = scope.reading().view();
    if (!GenerationState.canStop(identity, view)) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NotAllowed());
    }
    Optional<String> running =
        view.generation().grants().stream()
            .map(Grant::request)
            .filter(each -> request.isEmpty() || each.equals(request))
            .findFirst();
    if (running.isEmpty()) {
      return CompletableFuture.completedFuture(new Generations.StopOutcome.NothingRuns());
    }
    return scope
        .write(RoomEdits.stop(new Stop(running.get(), identity, scope.now())))
        .thenApply(_ -> new Generations.StopOutcome.Stopping(running.get()));
  }

  /** Writes a command, if the document shows the waiting request. The lease holder judges it. */
  static CompletableFuture<Generations.CommandOutcome> command(
      RoomScope scope, QueueCommand command) {
    RoomView view = scope.reading().view();
    boolean isResume = command.action() == QueueCommand.Action.RESUME;
    if (!isResume && !queueOf(view).contains(command.request())) {
      return CompletableFuture.completedFuture(
          new Generations.CommandOutcome.Refused(QueueCommands.NOT_WAITING));
    }
    return scope
        .write(RoomEdits.command(command))
        .thenApply(
            _ ->
                new Generations.CommandOutcome.Done(
                    placeOf(scope, command.request()), view.generation().paused() != null));
  }
}
