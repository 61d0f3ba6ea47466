package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.document.ChangeOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Changes from the relay that a room has not applied yet, in order. Safe from any thread. */
final class ArrivedChanges {

  /** A change and its origin. */
  record Arrival(Bytes change, ChangeOrigin origin) {

    /**
     * The identity of the peer that sent the change; empty for changes of the server. The sender is
     * the author, except for changes that a crash kept from the disk [AD4].
     */
    Optional<String> author() {
      return origin instanceof ChangeOrigin.FromPeer(var peer, var caller, _)
          ? Optional.of(caller.identity(peer))
          : Optional.empty();
    }
  }

  private final List<Arrival> arrivals = new ArrayList<>();

  /**
   * Adds changes.
   *
   * @return whether the queue was empty, so that the caller must schedule a {@link #drain}
   */
  synchronized boolean add(List<Bytes> changes, ChangeOrigin origin) {
    boolean wasEmpty = arrivals.isEmpty();
    changes.forEach(change -> arrivals.add(new Arrival(change, origin)));
    return wasEmpty;
  }

  /** Removes and returns all changes. */
  synchronized List<Arrival> drain() {
    List<Arrival> drained = List.copyOf(arrivals);
    arrivals.clear();
    return drained;
  }
}
