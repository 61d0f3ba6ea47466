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
     * The author of the change is the peer that sent it, except for changes that a crash kept from
     * the disk [AD4].
     */
    Optional<String> author() {
      return origin instanceof ChangeOrigin.FromPeer(var peer, var caller)
          ? Optional.of(caller.identity(peer))
          : Optional.empty();
    }
  }

  private final List<Arrival> arrivals = new ArrayList<>();

  /**
   * Adds changes.
   *
   * @return whether there were none before, so that the room must be told to take them
   */
  synchronized boolean add(List<Bytes> changes, ChangeOrigin origin) {
    boolean first = arrivals.isEmpty();
    changes.forEach(change -> arrivals.add(new Arrival(change, origin)));
    return first;
  }

  /** Removes and returns all changes. */
  synchronized List<Arrival> take() {
    List<Arrival> taken = List.copyOf(arrivals);
    arrivals.clear();
    return taken;
  }
}
