package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import java.util.ArrayList;
import java.util.List;

/**
 * What one step of a room says: queued per peer, and sent when the step is over, so that several
 * messages to one socket cost one system call. Belongs to the room's worker.
 */
final class Outgoing {

  private final List<Attachment> unsent = new ArrayList<>();

  /** Queues a frame; a peer that does not take it is marked closed. */
  void offer(Attachment to, Bytes shared) {
    to.closed |= !to.peer.offer(shared, to.target);
    mark(to);
  }

  /** As {@link #offer}, for a message that may be left out [EP6]. */
  void offerEphemeral(Attachment to, Bytes shared, PeerId author) {
    to.closed |= !to.peer.offerEphemeral(shared, to.target, author);
    mark(to);
  }

  private void mark(Attachment to) {
    if (!to.unsent) {
      to.unsent = true;
      unsent.add(to);
    }
  }

  /** Sends what was queued since the last time. */
  void flush() {
    for (var i = 0; i < unsent.size(); i++) {
      var to = unsent.get(i);
      to.unsent = false;
      to.peer.flush();
    }
    unsent.clear();
  }
}
