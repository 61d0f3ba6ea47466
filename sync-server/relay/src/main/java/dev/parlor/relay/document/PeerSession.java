package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.wire.WireCodec;
import org.jspecify.annotations.Nullable;

/**
 * One peer that has a document open. It holds the peer's sync state and, for each job of the
 * document, a reference to what that job knows about the peer. A nullable reference is null while
 * the job has nothing to know. Belongs to the document's worker.
 *
 * <p>The fan-out reads these fields once for each peer and change, so they are plain fields and not
 * map entries.
 */
final class PeerSession implements ChangeSource {

  final Peer peer;

  /** The sync state; replaced when the server resets sync with this peer [SY12]. */
  PeerSync sync;

  /** The last value of every frame to this peer, encoded. */
  final Bytes target;

  /** The connection is closed; frames no longer reach the peer. */
  boolean closed;

  /** The peer is in the list of {@link SyncFanout} of peers to send to. */
  boolean due;

  /** Queued frames that {@link Outgoing} has not flushed yet. */
  Outgoing.Unflushed unflushed = Outgoing.Unflushed.NOTHING;

  /** The changes of the peer that are not on disk. */
  final CommitWait commitWait = new CommitWait();

  /** The message that is admitted in portions at present; null when there is none. */
  @Nullable PortionedMessage portioned;

  /**
   * Some of this peer's changes wait for dependencies, or did so since the last time no changes
   * waited. For {@link ChangeAdmission}.
   */
  boolean hasPending;

  /** Null while no change of the peer is refused. */
  @Nullable RefusedChanges refused;

  /** Null when the peer agreed with the server at the last check of {@link StallDetector}. */
  StallDetector.@Nullable Disagreement disagreement;

  /** The counts of the peer's ephemeral messages. */
  final EphemeralCounts ephemeralCounts;

  PeerSession(Peer peer, ChangeGraph graph, int ephemeralSessionsMax) {
    this.peer = peer;
    this.sync = new PeerSync(graph, this::isRefused);
    this.target = WireCodec.target(peer.id());
    this.ephemeralCounts = new EphemeralCounts(ephemeralSessionsMax);
  }

  private boolean isRefused(ChangeHash unknown) {
    return refused != null && refused.contains(unknown);
  }

  /** The record of the peer's refused changes, created if this is the first one. */
  RefusedChanges refusedChanges() {
    var present = refused;
    if (present == null) {
      present = new RefusedChanges();
      refused = present;
    }
    return present;
  }
}
