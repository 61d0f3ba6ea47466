package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import java.util.stream.Stream;

/**
 * The changes that were requested from one peer by hash [SY7]. A request is repeated a few times at
 * most, and only after the peer has answered without changes.
 */
final class RequestedChanges {

  /** The most requests for the same changes. */
  private static final int REQUESTS_MAX = 3;

  /** The most hashes that one message requests. */
  private static final int HASHES_MAX = 1_024;

  private List<ChangeHash> last = List.of();
  private int requests;
  private boolean answered = true;

  /**
   * The hashes to request now; empty if they were requested already and a repetition is not due.
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
    if (!need.equals(last)) {
      requests = 0;
    } else if (!answered || requests >= REQUESTS_MAX) {
      return List.of();
    }
    last = need;
    requests++;
    answered = false;
    return need;
  }

  /** The peer sent a message without changes, so the requested changes are not on their way. */
  void peerAnswered() {
    answered = true;
  }

  /** Whether a change of the last request is missing still. */
  boolean anyMissing(ChangeGraph graph) {
    return !last.isEmpty() && last.stream().anyMatch(hash -> !graph.contains(hash));
  }

  void clear() {
    last = List.of();
  }
}
