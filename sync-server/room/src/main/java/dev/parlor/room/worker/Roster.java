package dev.parlor.room.worker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tracks the identities that are connected to the room. A disconnected identity counts as gone only
 * after a grace time, so that a reload is no departure. Used on the room's thread; has no clock.
 */
final class Roster {
  /** The number of connections of each identity, on all nodes. */
  private final Map<String, Integer> connections = new HashMap<>();

  /** The number of connections of this node. */
  private int here;

  /** The number of the last departure of each identity within its grace time. */
  private final Map<String, Long> departures = new HashMap<>();

  private final Set<String> away = new HashSet<>();
  private long lastDeparture;

  /** Adds a connection of this node. Returns whether the identity counted as gone. */
  boolean arrived(String identity) {
    here++;
    return arrivedElsewhere(identity);
  }

  /** Adds a connection of another node. Returns whether the identity counted as gone. */
  boolean arrivedElsewhere(String identity) {
    connections.merge(identity, 1, Integer::sum);
    departures.remove(identity);
    return away.remove(identity);
  }

  /**
   * Removes a connection of this node. Returns the number of the departure, for {@link #confirm}
   * after the grace time; 0 if another connection remains.
   */
  long departed(String identity) {
    here--;
    return departedElsewhere(identity);
  }

  /** As {@link #departed}, for a connection of another node. */
  long departedElsewhere(String identity) {
    int remaining = connections.merge(identity, -1, Integer::sum);
    if (remaining > 0) {
      return 0;
    }
    connections.remove(identity);
    lastDeparture++;
    departures.put(identity, lastDeparture);
    return lastDeparture;
  }

  /** Returns whether the identity is gone now: it has not reconnected since this departure. */
  boolean confirm(String identity, long number) {
    if (departures.remove(identity, number)) {
      away.add(identity);
      return true;
    }
    return false;
  }

  /**
   * Another node says that the identity is gone. Returns whether it is gone here only from now on.
   */
  boolean awayElsewhere(String identity) {
    return !connections.containsKey(identity)
        && !departures.containsKey(identity)
        && away.add(identity);
  }

  /** Whether this node has no connection. */
  boolean isEmpty() {
    return here == 0;
  }

  /** Identities that are gone. An identity that was never connected is not included. */
  Set<String> away() {
    return Set.copyOf(away);
  }
}
