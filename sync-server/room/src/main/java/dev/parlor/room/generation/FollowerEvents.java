package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.CborValues;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomEvent;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells this node's subscribers of a room about the runs of the node that decides there. Starts,
 * ends and the queue are read from the document. The parts of an answer come from the messages that
 * the other node sends to peers. Used on the room's thread.
 */
final class FollowerEvents {

  /** Messages that are also events. */
  private static final Set<String> TYPES =
      Set.of(
          RoomEvent.GENERATION_DELTA,
          RoomEvent.GENERATION_WAITING,
          RoomEvent.GENERATION_THINKING,
          RoomEvent.GENERATION_NOTE,
          RoomEvent.GENERATION_RETRY,
          RoomEvent.GENERATION_RESTART);

  /** What the subscribers know. */
  private record Known(Map<String, Status> results, List<Queued> queue, @Nullable Paused paused) {
    static Known of(RoomView view) {
      Map<String, Status> results = new HashMap<>();
      view.results().forEach(result -> results.put(result.request(), result.status()));
      return new Known(results, view.generation().queue(), view.generation().paused());
    }
  }

  private final RoomScope scope;

  /** Null until the first reading: the document of a room that opens is no news. */
  private @Nullable Known known;

  /** Messages of runs whose start the document does not show yet. */
  private final Deque<Map<?, ?>> early = new ArrayDeque<>();

  FollowerEvents(RoomScope scope) {
    this.scope = scope;
    this.known = Known.of(scope.reading().view());
  }

  /** This node decides from now on and tells its subscribers itself. */
  void pause() {
    known = null;
    early.clear();
  }

  /** Tells what has changed in the document. */
  void settled() {
    RoomView view = scope.reading().view();
    Known before = known;
    known = Known.of(view);
    if (before == null) {
      return;
    }
    for (Result result : view.results()) {
      tell(result, before.results().get(result.request()));
    }
    tellQueue(view.generation().queue(), before.queue());
    Paused paused = view.generation().paused();
    if (!Objects.equals(paused, before.paused())) {
      GenerationEvents.publishPause(scope, paused, paused == null ? "" : paused.by());
    }
  }

  private void tell(Result result, @Nullable Status before) {
    Status now = result.status();
    if (now == before || (before != null && before != Status.RUNNING)) {
      return;
    }
    RunRecord record = RunRecord.shown(result);
    if (before == null && now != Status.REFUSED) {
      GenerationEvents.publishStarted(scope, record);
      tellEarly(result.request());
    }
    if (now != Status.RUNNING) {
      GenerationEvents.publishEnded(scope, record);
    }
  }

  private void tellQueue(List<Queued> now, List<Queued> before) {
    boolean hasOnlyMoves = now.size() == before.size();
    for (int i = 0; i < now.size(); i++) {
      Queued queued = now.get(i);
      boolean hasMoved = hasOnlyMoves && !before.get(i).request().equals(queued.request());
      if (hasMoved || !before.contains(queued)) {
        GenerationEvents.publishQueued(scope, queued, i + 1);
      }
    }
  }

  /** A message of the deciding node to its peers. */
  void message(Bytes data) {
    Map<?, ?> message = CborValues.map(data);
    if (!(message.get("type") instanceof String type)
        || !TYPES.contains(type)
        || !(message.get("request") instanceof String request)) {
      return;
    }
    settled();
    Status status = known == null ? null : known.results().get(request);
    if (status == Status.RUNNING) {
      publish(message);
    } else if (status == null) {
      early.addLast(message);
      if (early.size() > FixedServiceLimits.EARLY_DELTAS_MAX) {
        early.removeFirst();
      }
    }
  }

  private void tellEarly(String request) {
    for (Map<?, ?> message : List.copyOf(early)) {
      if (request.equals(message.get("request"))) {
        early.remove(message);
        publish(message);
      }
    }
  }

  private void publish(Map<?, ?> message) {
    Map<String, Object> data = new LinkedHashMap<>();
    message.forEach(
        (key, value) -> {
          if (!"type".equals(key) && value != null) {
            data.put(String.valueOf(key), value);
          }
        });
    scope.publish(String.valueOf(message.get("type")), data);
  }
}
