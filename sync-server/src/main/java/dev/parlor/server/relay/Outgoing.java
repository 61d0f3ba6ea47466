package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the steps of a room say: queued per peer, and sent when the step is over, so that several
 * messages to one socket cost one system call. In a crowd, where everybody's presence goes to
 * everybody, ephemeral messages wait a little for others [EP6]. Belongs to the room's worker.
 */
final class Outgoing {

  private final long gatherNanos;
  private List<PeerSession> unsent = new ArrayList<>();
  private List<PeerSession> spare = new ArrayList<>();
  private boolean gathering;
  private long gatheringSince;

  /**
   * @param gatherMillis that an ephemeral message to a crowd may wait
   */
  Outgoing(int gatherMillis) {
    this.gatherNanos = TimeUnit.MILLISECONDS.toNanos(gatherMillis);
  }

  /** Queues a frame; a peer that does not take it is marked closed. */
  void offer(PeerSession to, Bytes shared) {
    to.closed |= !to.peer.offer(shared, to.target);
    to.urgent = true;
    mark(to);
  }

  /** As {@link #offer}, for a message that may be left out [EP6]. */
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
   * Sends what was queued since the last time, to peers that have nothing but ephemeral messages
   * perhaps later.
   *
   * @return for how many nanoseconds nothing need be done
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
