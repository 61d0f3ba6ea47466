package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Grant;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of callers on a node that does not hold the room's generation lease. The node judges
 * them by the document, writes them into the document as any peer does, and answers when the
 * document shows what the lease holder decided. Used on the room's thread.
 */
final class FollowerRequests {
  private final RoomScope scope;
  private final GenerationServices services;
  private final DocumentWaits waits;
  private final RequestWrites writes;

  /**
   * @param waits the room's waits, which the caller checks after each change
   * @param writes gets what this node writes, since it may take over before it is decided
   */
  FollowerRequests(
      RoomScope scope, GenerationServices services, DocumentWaits waits, RequestWrites writes) {
    this.scope = scope;
    this.services = services;
    this.waits = waits;
    this.writes = writes;
  }

  private RoomView view() {
    return scope.reading().view();
  }

  /** The queue that the document shows. */
  private static RequestQueue queueOf(RoomView view) {
    return new RequestQueue(
        new StoredQueue(
            view.generation().queue().stream().map(FollowerRequests::queued).toList(),
            view.generation().paused()));
  }

  private static QueuedRequest queued(Queued shown) {
    Lock lock =
        new Lock(
            shown.request(),
            shown.by(),
            shown.at(),
            shown.query(),
            shown.cards(),
            0,
            shown.after(),
            shown.attach(),
            shown.chat());
    return new QueuedRequest(
        lock, BuiltPrompt.UNKNOWN, shown.at(), shown.state() == Queued.State.OLD);
  }

  /**
   * The record of a request that the document shows as running, ended or waiting.
   *
   * @return empty for another request
   */
  static Optional<RunRecord> record(RoomView view, String request) {
    return view.result(request)
        .map(RunRecord::shown)
        .or(() -> queueOf(view).waiting(request).map(RunRecord::waiting));
  }

  /** The place of a request in the queue, from 1; 0 for a request that does not wait. */
  int placeOf(String request) {
    return queueOf(view()).placeOf(request);
  }

  /** The limit of the room that would refuse this identity's next request now. */
  Optional<Generations.RequestOutcome.TooMany> tooMany(String identity) {
    RoomView view = view();
    long now = scope.now();
    return RequestRate.shownIn(view, services.limits(), now)
        .excess(identity, queueOf(view), now)
        .map(excess -> tooMany(excess, now));
  }

  private static Generations.RequestOutcome.TooMany tooMany(RequestRate.Excess excess, long now) {
    return new Generations.RequestOutcome.TooMany(
        Math.max(0, excess.at() - now), excess.sentence());
  }

  /**
   * Writes a request into the lock, unless it is invalid or beyond a limit.
   *
   * @param request the id of the new request
   * @param alongside further edits of the same change
   */
  CompletableFuture<Generations.RequestOutcome> request(
      String request, Generations.Question question, List<Edit> alongside) {
    RoomView view = view();
    Lock lock = question.lock(request, view, view.generation().epoch(), scope.now());
    RequestQueue queue = queueOf(view);
    Optional<String> reason =
        LockRules.refusalReason(lock, view, queue::contains)
            .or(
                () ->
                    services
                        .preparation()
                        .refusalReason(lock, view)
                        .map(LockRules.INVALID::concat));
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.RequestOutcome.Refused(reason.get()));
    }
    Optional<Generations.RequestOutcome.TooMany> excess = tooMany(question.identity());
    if (excess.isPresent()) {
      return CompletableFuture.completedFuture(excess.get());
    }
    List<Edit> edits = new ArrayList<>(alongside);
    edits.addAll(RoomEdits.lock(lock));
    boolean isFree = view.generation().grants().size() < view.settings().slots();
    int likelyPlace = isFree && !queue.hasStartable() ? 0 : (int) queue.waiting().count() + 1;
    var written = scope.write(edits);
    writes.addOwn(lock);
    writes.truncate();
    return written
        .thenCompose(_ -> until(present -> record(present, request).isPresent()))
        .thenApply(_ -> outcome(request, likelyPlace));
  }

  private Generations.RequestOutcome outcome(String request, int likelyPlace) {
    Optional<RunRecord> decided = record(view(), request);
    if (decided.isEmpty()) {
      return new Generations.RequestOutcome.Accepted(request, likelyPlace);
    }
    if (decided.get().status() == Result.Status.REFUSED) {
      String reason = decided.get().reason();
      return RequestRate.Excess.ofReason(reason)
          .<Generations.RequestOutcome>map(excess -> tooMany(excess, scope.now()))
          .orElseGet(() -> new Generations.RequestOutcome.Refused(reason));
    }
    return new Generations.RequestOutcome.Accepted(request, placeOf(request));
  }

  private CompletableFuture<Void> until(DocumentWaits.Condition condition) {
    return waits.until(condition, FixedServiceLimits.FOLLOWER_ANSWER_MILLIS_MAX);
  }

  /**
   * Writes a stop for a run that the document shows; for the oldest if {@code request} is empty.
   */
  CompletableFuture<Generations.StopOutcome> stop(String identity, String request) {
    RoomView view = view();
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
    Stop stop = new Stop(running.get(), identity, scope.now());
    var written = scope.write(RoomEdits.stop(stop));
    writes.addOwn(stop);
    writes.truncate();
    return written.thenApply(_ -> new Generations.StopOutcome.Stopping(running.get()));
  }

  /** Writes a command, if the document's queue and the rules permit it. */
  CompletableFuture<Generations.CommandOutcome> command(QueueCommand command) {
    RoomView view = view();
    Optional<String> reason = new QueueCommands(queueOf(view)).refusalReason(command, view);
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new Generations.CommandOutcome.Refused(reason.get()));
    }
    boolean wasPaused = view.generation().paused() != null;
    var written = scope.write(RoomEdits.command(command));
    writes.addOwn(command);
    writes.truncate();
    return written
        .thenCompose(_ -> until(present -> !isWritten(command) && isDone(command, present)))
        .thenApply(_ -> outcome(command, wasPaused));
  }

  /**
   * Whether the document shows the effect of a command that was taken. A cancelled request leaves
   * the queue of the document later than the command, when its refusal is stored.
   */
  static boolean isDone(QueueCommand command, RoomView view) {
    return command.action() != QueueCommand.Action.CANCEL
        || !queueOf(view).contains(command.request());
  }

  /** Whether the document still shows the command: the lease holder removes what it has read. */
  private boolean isWritten(QueueCommand command) {
    return RoomView.readCommands(scope.conflicts(ServerFields.COMMAND)).stream()
        .anyMatch(each -> each.id().equals(command.id()));
  }

  private Generations.CommandOutcome outcome(QueueCommand command, boolean wasPaused) {
    boolean hasStarted =
        command.action() != QueueCommand.Action.RESUME
            && view().result(command.request()).isPresent()
            && view().result(command.request()).get().status() != Result.Status.REFUSED;
    return hasStarted && command.action() != QueueCommand.Action.CONFIRM
        ? new Generations.CommandOutcome.Refused(QueueCommands.NOT_WAITING)
        : new Generations.CommandOutcome.Done(placeOf(command.request()), wasPaused);
  }
}
