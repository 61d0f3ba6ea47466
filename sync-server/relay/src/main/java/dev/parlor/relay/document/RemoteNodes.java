package dev.parlor.relay.document;

import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.config.FixedLimits;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * All other nodes as one source of changes. The other nodes admitted these changes already, so this
 * node does not check authors and limits again. Belongs to the document's worker.
 */
final class RemoteNodes implements ChangeSource {

  /** Positions of the changes received from other nodes since the last publication. */
  final PositionSet receivedPositions = new PositionSet(0);

  /** The counts of the ephemeral messages received from other nodes. */
  final EphemeralCounts ephemeralCounts = new EphemeralCounts(FixedLimits.NODES_SESSIONS_MAX);

  private final Set<ChangeHash> rejected = new HashSet<>();

  /** Records a change that this node cannot admit, so that it is not requested again. */
  void reject(ChangeHash change) {
    if (rejected.size() < FixedLimits.NODES_REFUSED_MAX) {
      rejected.add(change);
    }
  }

  Set<ChangeHash> rejected() {
    return Collections.unmodifiableSet(rejected);
  }
}
