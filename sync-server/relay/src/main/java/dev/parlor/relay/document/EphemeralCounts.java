package dev.parlor.relay.document;

import dev.parlor.crdt.identity.SessionId;
import java.util.LinkedHashMap;

/**
 * The newest count in each ephemeral session of one source. A message whose count is not newer is a
 * duplicate [EP2]. Belongs to the document's worker.
 */
final class EphemeralCounts {

  private final int sessionsMax;
  private final LinkedHashMap<SessionId, Long> newest = new LinkedHashMap<>(2);

  /**
   * @param sessionsMax the maximum number of tracked sessions; above it, the oldest is evicted
   */
  EphemeralCounts(int sessionsMax) {
    this.sessionsMax = sessionsMax;
  }

  /** Records the count if it is newer than the last count of the session; false if it is not. */
  boolean recordIfNewer(SessionId session, long count) {
    var last = newest.get(session);
    if (last != null && count <= last) {
      return false;
    }
    newest.put(session, count);
    if (newest.size() > sessionsMax) {
      newest.pollFirstEntry();
    }
    return true;
  }

  /** Whether the source has not sent any ephemeral message yet. */
  boolean isEmpty() {
    return newest.isEmpty();
  }
}
