package dev.parlor.room.generation;

import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Futures that complete when a room fulfils a condition. Used on the room's thread. */
final class DocumentWaits {

  /** A condition of the present room. */
  interface Condition {
    boolean isTrueIn(RoomView view);
  }

  private final RoomScope scope;
  private final Map<CompletableFuture<Void>, Condition> waiting = new LinkedHashMap<>();

  DocumentWaits(RoomScope scope) {
    this.scope = scope;
  }

  /** Completes when the condition is true, or after this time. */
  CompletableFuture<Void> until(Condition condition, long millis) {
    if (condition.isTrueIn(scope.reading().view())) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> wait = new CompletableFuture<>();
    waiting.put(wait, condition);
    scope.after(millis, () -> end(wait));
    return wait;
  }

  /** The room has changed, or what a condition depends on. */
  void check() {
    if (waiting.isEmpty()) {
      return;
    }
    RoomView view = scope.reading().view();
    for (Map.Entry<CompletableFuture<Void>, Condition> each : List.copyOf(waiting.entrySet())) {
      if (each.getValue().isTrueIn(view)) {
        end(each.getKey());
      }
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  private void end(CompletableFuture<Void> wait) {
    if (waiting.remove(wait) != null) {
      wait.complete(null);
    }
  }

  /** Ends all waits, since the room closes. */
  void close(RuntimeException reason) {
    List<CompletableFuture<Void>> all = List.copyOf(waiting.keySet());
    waiting.clear();
    all.forEach(wait -> wait.completeExceptionally(reason));
  }
}
