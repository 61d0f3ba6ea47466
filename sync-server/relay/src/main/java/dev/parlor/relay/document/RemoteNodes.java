package dev.parlor.relay.document;

import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.config.FixedLimits;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * All other nodes as one source of changes. They have admitted their changes already, so only the
 * structure of the changes is checked here. Belongs to the document's worker.
 */
final class RemoteNodes implements ChangeSource {

  /** Positions of the changes that they brought since the last publication. */
  final PositionSet brought = new PositionSet(0);

  /** The counts of the ephemeral messages that they passed on. */
  final EphemeralCounts ephemeralCounts = new EphemeralCounts(FixedLimits.NODES_SESSIONS_MAX);

  private final Set<ChangeHash> rejected = new HashSet<>();

  /** A change that another node admitted does not fit here; it is not requested again. */
  void reject(ChangeHash change) {
    if (rejected.size() < FixedLimits.NODES_REFUSED_MAX) {
      rejected.add(change);
    }
  }

  Set<ChangeHash> rejected() {
    return Collections.unmodifiableSet(rejected);
  }
}
