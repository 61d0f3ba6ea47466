package dev.parlor.server.relay;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * Peers that asked for a document of which there is nothing. They are not answered with an empty
 * sync, on which clients hang: each waits for a moment, longer while some other peer has told heads
 * that are still to come [SY8], and is then told once that there is nothing [SY9]. They stay
 * attached and get what comes later. Belongs to the room's writer.
 */
final class PendingRequests {

  static final long GRACE_NANOS = FixedLimits.ASKER_MILLIS_MAX * 1_000_000L;

  private final DocumentId document;
  private final RelayServices context;
  private final Outgoing outgoing;
  private final List<PeerSession> waiting = new ArrayList<>();

  PendingRequests(DocumentId document, RelayServices context, Outgoing outgoing) {
    this.document = document;
    this.context = context;
    this.outgoing = outgoing;
  }

  void add(PeerSession attachment, long now) {
    if (!attachment.asking && !attachment.toldUnavailable) {
      attachment.asking = true;
      attachment.askedAt = now;
      waiting.add(attachment);
    }
  }

  void remove(PeerSession attachment) {
    waiting.remove(attachment);
  }

  /** There is something now: nobody waits any more. */
  long clear() {
    for (var asker : waiting) {
      asker.asking = false;
    }
    waiting.clear();
    return Long.MAX_VALUE;
  }

  /** Tells those whose time is over. Nanoseconds until the next one's is. */
  long answer(boolean supplierIsComing, long now) {
    var patience =
        supplierIsComing ? context.limits().rooms().holdBackMillisMax() * 1_000_000L : GRACE_NANOS;
    var wait = Long.MAX_VALUE;
    for (var iterator = waiting.iterator(); iterator.hasNext(); ) {
      var asker = iterator.next();
      var left = asker.askedAt + patience - now;
      if (left > 0) {
        wait = Math.min(wait, left);
        continue;
      }
      iterator.remove();
      asker.asking = false;
      asker.toldUnavailable = true;
      outgoing.offer(
          asker,
          WireCodec.shared(
              new WireMessage.DocUnavailable(context.server(), asker.peer.id(), document)));
    }
    return wait;
  }
}
