package dev.parlor.server.relay;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * The peers that requested a document without content. An empty sync message would make clients
 * hang. So each request waits for a moment, or longer while another peer has told heads that are
 * still to come [SY8]. Then the peer is told once that the document is unavailable [SY9]. It stays
 * attached and receives later changes. Belongs to the document's worker.
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

  /** Ends all waiting, because the document has content now. */
  long clear() {
    for (var asker : waiting) {
      asker.asking = false;
    }
    waiting.clear();
    return Long.MAX_VALUE;
  }

  /**
   * Tells the peers whose time is over.
   *
   * @return nanoseconds until the next request is due
   */
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
