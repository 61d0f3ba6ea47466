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

  void add(PeerSession session, long now) {
    if (!session.asking && !session.toldUnavailable) {
      session.asking = true;
      session.askedAt = now;
      waiting.add(session);
    }
  }

  void remove(PeerSession session) {
    waiting.remove(session);
  }

  /** Ends all waiting, because the document has content now. */
  long clear() {
    for (var session : waiting) {
      session.asking = false;
    }
    waiting.clear();
    return Long.MAX_VALUE;
  }

  /**
   * Answers the requests that have waited long enough.
   *
   * @return nanoseconds until the next request is due
   */
  long answer(boolean supplierIsComing, long now) {
    var patience =
        supplierIsComing ? context.limits().rooms().holdBackMillisMax() * 1_000_000L : GRACE_NANOS;
    var wait = Long.MAX_VALUE;
    for (var iterator = waiting.iterator(); iterator.hasNext(); ) {
      var session = iterator.next();
      var left = session.askedAt + patience - now;
      if (left > 0) {
        wait = Math.min(wait, left);
        continue;
      }
      iterator.remove();
      session.asking = false;
      session.toldUnavailable = true;
      outgoing.offer(
          session,
          WireCodec.shared(
              new WireMessage.DocUnavailable(context.server(), session.peer.id(), document)));
    }
    return wait;
  }
}
