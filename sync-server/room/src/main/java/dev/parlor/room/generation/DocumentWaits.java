package dev.parlor.room.generation;

import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Futures that complete when a room fulfils a condition. Used on the room's thread. */
final class DocumentWaits {

  /** A condition of the present room. */
  interface Condition {
    boolean isTrueIn(RoomView view);
  }

  private static final class Wait {
    private final Condition condition;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Wait(Condition condition) {
      this.condition = condition;
    }
  }

  private final RoomScope scope;
  private final List<Wait> waiting = new ArrayList<>();

  DocumentWaits(RoomScope scope) {
    this.scope = scope;
  }

  /** Completes when the condition is true, or after this time. */
  CompletableFuture<Void> until(Condition condition, long millis) {
    if (condition.isTrueIn(scope.reading().view())) {
      return CompletableFuture.completedFuture(null);
    }
    Wait wait = new Wait(condition);
    waiting.add(wait);
    scope.after(millis, () -> end(wait));
    return wait.done;
  }

  /** The room has changed, or what a condition depends on. */
  void check() {
    if (waiting.isEmpty()) {
      return;
    }
    RoomView view = scope.reading().view();
    for (Wait wait : List.copyOf(waiting)) {
      if (wait.condition.isTrueIn(view)) {
        end(wait);
      }
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  private void end(Wait wait) {
    if (waiting.remove(wait)) {
      wait.done.complete(null);
    }
  }

  /** Ends all waits, since the room closes. */
  void close(RuntimeException reason) {
    List<Wait> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(wait -> wait.done.completeExceptionally(reason));
  }
}
