package dev.parlor.server.relay;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.wire.WireCodec;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state that a document keeps for one peer. Belongs to the document's worker. */
final class PeerSession {

  final Peer peer;

  /** The sync state; replaced when the server resets sync with this peer [SY12]. */
  PeerSync sync;

  /** The last value of every frame to this peer, encoded. */
  final Bytes target;

  /** One past the highest log position that this peer delivered [DU1]. */
  int deliveredTo;

  /**
   * The time when {@link #deliveredTo} began to hold this peer back; 0 while it is not held back.
   */
  long heldSince;

  /** Messages that are deferred until the peer's earlier changes are acknowledged. */
  final ArrayDeque<Inbound> deferred = new ArrayDeque<>(0);

  /** A message that is admitted in portions; until all are admitted, the peer is sent nothing. */
  @Nullable Inbound unfinished;

  /** The next portion of {@link #unfinished}. */
  int portion;

  /** The connection has ended; the peer is detached when its unfinished message is admitted. */
  boolean left;

  /** Whether a goodbye is sent for the peer after {@link #left}. */
  boolean goodbye;

  /** Null while no change of the peer is refused. */
  @Nullable RefusedChanges refused;

  /**
   * Some of this peer's changes wait for dependencies, or did so since the last time no changes
   * waited.
   */
  boolean hasPending;

  /** The peer is in one of the document's lists of peers to send to. */
  boolean due;

  /** Frames were queued that are not flushed yet. */
  boolean unsent;

  /** Not all of the queued frames are ephemeral. */
  boolean urgent;

  /** The connection is closed; frames no longer reach the peer. */
  boolean closed;

  /** The peer requested a document without content, at this time. */
  boolean asking;

  long askedAt;

  /** The peer was told that the document is unavailable [SY9]. */
  boolean toldUnavailable;

  /** The peer sent a message since the last check of {@link StallDetector}. */
  boolean activeSinceCheck;

  /** The peer disagreed without an excuse at the last check of {@link StallDetector}. */
  boolean disagreed;

  /** A change that the peer had at that check and the server did not. */
  @Nullable ChangeHash lacked;

  /** Consecutive checks since the last reset that found the peer no closer. */
  int failedChecks;

  /** Resets since the peer last agreed. */
  int startedOver;

  /** The newest count of each of its sessions [EP2]; the oldest session is evicted. */
  private final Map<SessionId, Long> counts;

  PeerSession(Peer peer, ChangeGraph graph, int sessionsMax) {
    this.peer = peer;
    this.sync = new PeerSync(graph, this::isRefused);
    this.target = WireCodec.target(peer.id());
    this.counts =
        new LinkedHashMap<>(2) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<SessionId, Long> eldest) {
            return size() > sessionsMax;
          }
        };
  }

  private boolean isRefused(ChangeHash unknown) {
    return refused != null && refused.contains(unknown);
  }

  /** Whether this count is new in its session; a new count is stored. */
  boolean counts(SessionId session, long count) {
    var last = counts.get(session);
    if (last != null && count <= last) {
      return false;
    }
    counts.put(session, count);
    return true;
  }

  /** Whether the peer ever sent an ephemeral message to this document. */
  boolean spoke() {
    return !counts.isEmpty();
  }
}
