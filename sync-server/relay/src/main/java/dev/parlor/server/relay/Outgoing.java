package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The frames that a document's steps send. They are queued per peer and flushed when the step is
 * over, so that several messages to one socket cost one system call. In a document with many peers,
 * ephemeral messages wait briefly, so that several are sent together [EP6]. Belongs to the
 * document's worker.
 */
final class Outgoing {

  private final long gatherNanos;
  private List<PeerSession> unsent = new ArrayList<>();
  private List<PeerSession> spare = new ArrayList<>();
  private boolean gathering;
  private long gatheringSince;

  /**
   * @param gatherMillis the longest time that an ephemeral message waits in a document with many
   *     peers
   */
  Outgoing(int gatherMillis) {
    this.gatherNanos = TimeUnit.MILLISECONDS.toNanos(gatherMillis);
  }

  /** Queues a frame; a peer that does not take it is marked as closed. */
  void offer(PeerSession to, Bytes shared) {
    to.closed |= !to.peer.offer(shared, to.target);
    to.urgent = true;
    mark(to);
  }

  /** Like {@link #offer}, for a message that may be dropped [EP6]. */
  void offerEphemeral(PeerSession to, Bytes shared, PeerId author) {
    to.closed |= !to.peer.offerEphemeral(shared, to.target, author);
    mark(to);
  }

  private void mark(PeerSession to) {
    if (!to.unsent) {
      to.unsent = true;
      unsent.add(to);
    }
  }

  /**
   * Flushes the frames that were queued since the last flush. Peers with only ephemeral messages
   * may be flushed later.
   *
   * @return nanoseconds until the next flush is needed
   */
  long flush(boolean crowd, long now) {
    var all = !crowd || (gathering && now - gatheringSince >= gatherNanos);
    var taken = unsent;
    unsent = spare;
    for (var i = 0; i < taken.size(); i++) {
      var to = taken.get(i);
      if (all || to.urgent) {
        to.unsent = false;
        to.urgent = false;
        to.peer.flush();
      } else {
        unsent.add(to);
      }
    }
    taken.clear();
    spare = taken;
    if (unsent.isEmpty()) {
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
