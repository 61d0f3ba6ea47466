package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Queues the frames that a document's steps send, and flushes them at the end of the step, so that
 * several frames to one socket cost one system call. In a document with many peers, ephemeral
 * messages wait for a short time, so that several are flushed together [EP6]. Belongs to the
 * document's worker.
 */
final class OutgoingFrames {

  /** The kinds of frames that are queued for a peer and not flushed yet. */
  enum Unflushed {
    NOTHING,
    /** Only ephemeral messages; they may wait for others. */
    EPHEMERAL_ONLY,
    /** At least one frame that is not ephemeral, so all are flushed at the end of the step. */
    URGENT
  }

  private final long gatherNanos;

  /** The peers with frames that are not flushed. */
  private List<PeerSession> unflushed = new ArrayList<>();

  /** An empty list that is reused at the next flush. */
  private List<PeerSession> spare = new ArrayList<>();

  /** Whether ephemeral messages wait for others. */
  private boolean gathering;

  private long gatheringSince;

  /**
   * @param gatherMillis the longest time that an ephemeral message waits in a document with many
   *     peers
   */
  OutgoingFrames(int gatherMillis) {
    this.gatherNanos = TimeUnit.MILLISECONDS.toNanos(gatherMillis);
  }

  /** Queues a frame; if the peer's connection is closing, marks the session as closed. */
  void offer(PeerSession to, Bytes shared) {
    to.closed |= !to.peer.offer(shared, to.target);
    if (to.unflushed == Unflushed.NOTHING) {
      unflushed.add(to);
    }
    to.unflushed = Unflushed.URGENT;
  }

  /** Like {@link #offer}, for an ephemeral message, which may be dropped [EP6]. */
  void offerEphemeral(PeerSession to, Bytes shared, PeerId author) {
    to.closed |= !to.peer.offerEphemeral(shared, to.target, author);
    if (to.unflushed == Unflushed.NOTHING) {
      unflushed.add(to);
      to.unflushed = Unflushed.EPHEMERAL_ONLY;
    }
  }

  /**
   * Flushes the frames that were queued since the last flush. Peers with only ephemeral messages
   * may be flushed later.
   *
   * @param isCrowded whether the document has so many peers that ephemeral messages wait
   * @return nanoseconds until the next flush is needed
   */
  long flush(boolean isCrowded, long now) {
    var flushAll = !isCrowded || (gathering && now - gatheringSince >= gatherNanos);
    var peers = unflushed;
    unflushed = spare;
    for (var i = 0; i < peers.size(); i++) {
      var to = peers.get(i);
      if (flushAll || to.unflushed == Unflushed.URGENT) {
        to.unflushed = Unflushed.NOTHING;
        to.peer.flush();
      } else {
        unflushed.add(to);
      }
    }
    peers.clear();
    spare = peers;
    if (unflushed.isEmpty()) {
      gathering = false;
      return Long.MAX_VALUE;
    }
    if (!gathering) {
      gathering = true;
      gatheringSince = now;
    }
    return gatheringSince + gatherNanos - now;
  }
}
