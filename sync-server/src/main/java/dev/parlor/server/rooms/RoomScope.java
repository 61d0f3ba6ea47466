package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What a {@link RoomWatcher} may do with the room while it is called, on the room's thread. */
public interface RoomScope {

  /** The room as it is now, with everything written in this turn. */
  RoomReading reading();

  /** All concurrent values at a map key, the winner first. */
  List<Value> conflicts(Path path);

  /**
   * Makes the edits as one change and sends it out at once.
   *
   * @return completes in the room's mailbox after the commit
   * @throws dev.parlor.crdt.replica.ReplicaException when an edit does not fit; nothing changed
   */
  CompletableFuture<Void> write(List<Edit> edits);

  /**
   * Does something on the room's thread after what is queued already; nothing when the room has
   * closed by then. May be called from any thread and after the turn.
   */
  void later(Runnable task);

  /** As {@link #later}, after that time. */
  void after(long millis, Runnable task);

  /** Milliseconds since the epoch. */
  long now();

  /** Tells everybody who listens to the room's events. */
  void publish(String event, Map<String, Object> data);

  /** Sends an ephemeral message to every peer of the room. */
  void broadcast(Bytes cborData);
}
