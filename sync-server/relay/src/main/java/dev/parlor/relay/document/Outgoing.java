package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The frames that a document's steps send. They are queued per peer and flushed at the end of the
 * step, so that several messages to one socket cost one system call. In a document with many peers,
 * ephemeral messages wait briefly, so that several are sent together [EP6]. Belongs to the
 * document's worker.
 */
final class Outgoing {

  /** The kinds of queued frames that are not flushed yet. */
  enum Unflushed {
    NOTHING,
    /** Only ephemeral messages; they may wait for others. */
    EPHEMERAL_ONLY,
    /** At least one message that is flushed at the end of the step. */
    URGENT
  }

  private final long gatherNanos;
  private List<PeerSession> unflushed = new ArrayList<>();
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
    if (to.unflushed == Unflushed.NOTHING) {
      unflushed.add(to);
    }
    to.unflushed = Unflushed.URGENT;
  }

  /** Like {@link #offer}, for a message that may be dropped [EP6]. */
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
   * @param crowded whether the document has so many peers that ephemeral messages wait
   * @return nanoseconds until the next flush is needed
   */
  long flush(boolean crowded, long now) {
    var all = !crowded || (gathering && now - gatheringSince >= gatherNanos);
    var taken = unflushed;
    unflushed = spare;
    for (var i = 0; i < taken.size(); i++) {
      var to = taken.get(i);
      if (all || to.unflushed == Unflushed.URGENT) {
        to.unflushed = Unflushed.NOTHING;
        to.peer.flush();
      } else {
        unflushed.add(to);
      }
    }
    taken.clear();
    spare = taken;
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
