package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Access to an open room, on the room's thread. */
public interface RoomScope {

  /** The present room, including all earlier writes. */
  RoomReading reading();

  /** All concurrent values at a map key, the winner first. */
  List<Value> conflicts(Path path);

  /** The id of the map at the path, as {@code <counter>@<actor>}; empty if there is none. */
  Optional<String> objectAt(Path path);

  /**
   * Writes the edits as one change and sends it at once.
   *
   * @return completes in the room's mailbox after the commit
   * @throws dev.parlor.crdt.replica.ReplicaException if an edit cannot be applied; nothing has
   *     changed
   */
  CompletableFuture<Void> write(List<Edit> edits);

  /**
   * Runs the task on the room's thread after all queued tasks, unless the room has closed by then.
   * Can be called from any thread.
   */
  void later(Runnable task);

  /** As {@link #later}, after a delay. */
  void after(long millis, Runnable task);

  /** Milliseconds since the epoch. */
  long now();

  /** Publishes an event to the room's subscribers. */
  void publish(String event, Map<String, Object> data);

  /** Sends an ephemeral message to every peer of the room. */
  void broadcast(Bytes cborData);
}
