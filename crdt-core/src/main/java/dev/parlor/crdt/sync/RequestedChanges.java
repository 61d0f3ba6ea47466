package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import java.util.stream.Stream;

/**
 * The changes that were requested from one peer by hash [SY7]. The same request is sent at most
 * {@value #REQUESTS_MAX} times, and repeated only after a message without changes.
 */
final class RequestedChanges {

  /** The maximum number of requests for the same changes. */
  private static final int REQUESTS_MAX = 3;

  /** The maximum number of hashes in one request. */
  private static final int HASHES_MAX = 1_024;

  private List<ChangeHash> lastNeed = List.of();
  private int requestCount;
  private boolean mayRepeat = true;

  /**
   * The hashes to request now; empty if they were requested and the request must not be repeated
   * yet.
   *
   * @param heads heads of the peer that are missing here
   * @param waitingFor missing dependencies of waiting changes
   */
  List<ChangeHash> next(List<ChangeHash> heads, List<ChangeHash> waitingFor) {
    var need =
        Stream.concat(heads.stream(), waitingFor.stream())
            .limit(HASHES_MAX)
            .distinct()
            .sorted()
            .toList();
    if (need.isEmpty()) {
      return need;
    }
    if (!need.equals(lastNeed)) {
      requestCount = 0;
    } else if (!mayRepeat || requestCount >= REQUESTS_MAX) {
      return List.of();
    }
    lastNeed = need;
    requestCount++;
    mayRepeat = false;
    return need;
  }

  /**
   * Handles a message without changes: it shows that the requested changes are not on their way.
   */
  void messageWithoutChanges() {
    mayRepeat = true;
  }

  /** Whether a change of the last request is still missing. */
  boolean anyMissing(ChangeGraph graph) {
    return !lastNeed.isEmpty() && lastNeed.stream().anyMatch(hash -> !graph.contains(hash));
  }

  void clear() {
    lastNeed = List.of();
  }
}
