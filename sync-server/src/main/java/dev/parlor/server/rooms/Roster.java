package dev.parlor.server.rooms;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who has a connection to the room, by identity. Somebody counts as gone only after a grace time,
 * so that a reload is no leaving. Used on the room's thread; keeps no time itself.
 */
final class Roster {
  private final Map<String, Integer> connections = new HashMap<>();
  private final Map<String, Long> departures = new HashMap<>();
  private final Set<String> away = new HashSet<>();
  private long departure;

  /** Whether somebody who was gone came back. */
  boolean arrived(String identity) {
    connections.merge(identity, 1, Integer::sum);
    departures.remove(identity);
    return away.remove(identity);
  }

  /**
   * The number of a departure to be confirmed with {@link #confirm} after the grace time, or 0 when
   * another connection remains.
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

  /** Whether they are gone now: no connection came since that departure. */
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

  /** Those who left after having been here; who never connected is not among them. */
  Set<String> away() {
    return Set.copyOf(away);
  }
}
