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

/** What a room keeps of one peer. Belongs to the room's writer. */
final class PeerSession {

  final Peer peer;

  /** Another one when we start over with this peer [SY12]. */
  PeerSync sync;

  /** The last value of every frame to this peer. */
  final Bytes target;

  /** One past the highest log position that this peer delivered [DU1]. */
  int deliveredTo;

  /** When {@link #deliveredTo} began to hold this peer back; 0 while nothing does. */
  long heldSince;

  /** Messages put off until this peer has heard of its earlier ones. */
  final ArrayDeque<Inbound> putOff = new ArrayDeque<>(0);

  /** A message of which not all portions are taken in; until then it is not spoken to. */
  @Nullable Inbound unfinished;

  /** The next portion of that. */
  int portion;

  /** Its connection has ended meanwhile: it is detached when all is taken in. */
  boolean left;

  /** A goodbye is then said for it. */
  boolean goodbye;

  /** Null as long as none of its changes was refused. */
  @Nullable RefusedChanges refused;

  /** Some of this peer's changes wait for dependencies, or did since nothing waited. */
  boolean hasPending;

  /** Waits in one of the room's lists to be spoken to. */
  boolean due;

  /** Was offered something that is not sent yet. */
  boolean unsent;

  /** What it was offered is not ephemeral only. */
  boolean urgent;

  /** Nothing reaches it any more. */
  boolean closed;

  /** Asked for a document of which there is nothing, at this time. */
  boolean asking;

  long askedAt;

  /** Was told that there is nothing [SY9]. */
  boolean toldUnavailable;

  /** Said something since {@link StallDetector} looked last. */
  boolean heard;

  /** Did not agree when {@link StallDetector} looked last, without an excuse. */
  boolean disagreed;

  /** A change that it had then and we had not. */
  @Nullable ChangeHash lacked;

  /** So many looks in a row, since we started over, found it no closer. */
  int looksInVain;

  /** So often we have started over since it agreed. */
  int startedOver;

  /** Its newest count in each of its sessions [EP2]; the eldest is forgotten. */
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

  /** Whether this count is new in its session; if so it is remembered. */
  boolean counts(SessionId session, long count) {
    var last = counts.get(session);
    if (last != null && count <= last) {
      return false;
    }
    counts.put(session, count);
    return true;
  }

  /** Whether it ever sent an ephemeral message here. */
  boolean spoke() {
    return !counts.isEmpty();
  }
}
