package dev.parlor.room.worker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The identities connected to the room. An identity counts as gone only after a grace time, so that
 * a reload is no departure. Used on the room's thread; has no clock.
 */
final class Roster {
  private final Map<String, Integer> connections = new HashMap<>();
  private final Map<String, Long> departures = new HashMap<>();
  private final Set<String> away = new HashSet<>();
  private long departure;

  /** True if the identity had been gone. */
  boolean arrived(String identity) {
    connections.merge(identity, 1, Integer::sum);
    departures.remove(identity);
    return away.remove(identity);
  }

  /**
   * The number of the departure, for {@link #confirm} after the grace time; 0 if another connection
   * remains.
   */
  long departed(String identity) {
    int left = connections.merge(identity, -1, Integer::sum);
    if (left > 0) {
      return 0;
    }
    connections.remove(identity);
    departure++;
    departures.put(identity, departure);
    return departure;
  }

  /** True if the identity is gone now: it has not reconnected since that departure. */
  boolean confirm(String identity, long number) {
    if (departures.remove(identity, number)) {
      away.add(identity);
      return true;
    }
    return false;
  }

  boolean isEmpty() {
    return connections.isEmpty();
  }

  /**
   * Identities that were connected and are gone. An identity that was never connected is not among
   * them.
   */
  Set<String> away() {
    return Set.copyOf(away);
  }
}
