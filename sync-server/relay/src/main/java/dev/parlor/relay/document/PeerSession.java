package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.relay.admission.Role;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One peer that has a document open: its sync state, and the data that each part of the document
 * keeps about the peer. Belongs to the document's worker.
 *
 * <p>The fan-out reads these fields for every peer and batch of changes. So they are plain fields
 * and not entries of a map.
 */
final class PeerSession implements ChangeSource {

  final Peer peer;

  /** The peer's role in this document. */
  final Role role;

  /** The peer's named roles in this document. */
  final Set<String> namedRoles;

  /** The sync state; replaced when the server resets sync with this peer [SY12]. */
  PeerSync sync;

  /** The end of every frame to this peer: its peer id as the target, encoded. */
  final Bytes target;

  /** Whether the session is closed, so that frames no longer reach the peer. */
  boolean closed;

  /**
   * Whether the server has had every change that the peer named, at least once. Until then the
   * peer's changes may have been made while it was offline.
   */
  boolean caughtUp;

  /** Whether the peer is in the list of due peers of {@link SyncFanout}. */
  boolean due;

  /** The kind of queued frames that {@link OutgoingFrames} has not flushed yet. */
  OutgoingFrames.Unflushed unflushed = OutgoingFrames.Unflushed.NOTHING;

  /** The wait for the commit of the peer's changes. */
  final CommitWait commitWait = new CommitWait();

  /** The message that is admitted in portions at present; null when there is none. */
  @Nullable PortionedMessage portioned;

  /**
   * Whether some of this peer's changes wait for dependencies. It is reset only when no change of
   * any peer waits any more. For {@link ChangeAdmission}.
   */
  boolean hasPending;

  /** The peer's refused changes; null while there are none. */
  @Nullable RefusedChanges refused;

  /** Null if the peer agreed with the server at the last check of {@link StallDetector}. */
  StallDetector.@Nullable Disagreement disagreement;

  /** The counts of the peer's ephemeral messages. */
  final EphemeralCounts ephemeralCounts;

  PeerSession(
      Peer peer, Role role, Set<String> namedRoles, ChangeGraph graph, int ephemeralSessionsMax) {
    this.peer = peer;
    this.role = role;
    this.namedRoles = namedRoles;
    this.sync = new PeerSync(graph, this::isRefused);
    this.target = WireCodec.target(peer.id());
    this.ephemeralCounts = new EphemeralCounts(ephemeralSessionsMax);
  }

  private boolean isRefused(ChangeHash unknown) {
    return refused != null && refused.contains(unknown);
  }

  /** The peer's refused changes; created if there are none yet. */
  RefusedChanges refusedChanges() {
    var present = refused;
    if (present == null) {
      present = new RefusedChanges();
      refused = present;
    }
    return present;
  }
}
