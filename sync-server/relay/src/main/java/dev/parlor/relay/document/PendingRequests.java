package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.FixedLimits;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The peers that requested a document without content. An empty sync message would make clients
 * hang. So each request waits for a moment, or longer while another peer has told heads that are
 * still to come [SY8]. Then the peer is told once that the document is unavailable [SY9]. It stays
 * attached and receives later changes. Belongs to the document's worker.
 */
final class PendingRequests {

  static final long GRACE_NANOS = FixedLimits.PENDING_REQUEST_MILLIS_MAX * 1_000_000L;

  private final DocumentId document;
  private final RelayServices services;
  private final Outgoing outgoing;

  /** The peers whose request waits, and the time of the request, in order of arrival. */
  private final Map<PeerSession, Long> waitingSince = new LinkedHashMap<>(0);

  /** The peers that were told that the document is unavailable; each is told once [SY9]. */
  private final Set<PeerSession> told = new HashSet<>(0);

  PendingRequests(DocumentId document, RelayServices services, Outgoing outgoing) {
    this.document = document;
    this.services = services;
    this.outgoing = outgoing;
  }

  /** A peer without heads requests the document, which has no content. */
  void add(PeerSession session, long now) {
    if (!told.contains(session)) {
      waitingSince.putIfAbsent(session, now);
    }
  }

  /** The peer is gone. */
  void remove(PeerSession session) {
    waitingSince.remove(session);
    told.remove(session);
  }

  /** Ends all waiting, because the document has content now. */
  void clear() {
    waitingSince.clear();
  }

  /**
   * Answers the requests that have waited long enough.
   *
   * @param supplierIsComing whether another peer has told heads that are still to come
   * @return nanoseconds until the next request is due
   */
  long answer(boolean supplierIsComing, long now) {
    var patience =
        supplierIsComing
            ? services.limits().documents().holdBackMillisMax() * 1_000_000L
            : GRACE_NANOS;
    var wait = Long.MAX_VALUE;
    for (var requests = waitingSince.entrySet().iterator(); requests.hasNext(); ) {
      var request = requests.next();
      var left = request.getValue() + patience - now;
      if (left > 0) {
        wait = Math.min(wait, left);
        continue;
      }
      var session = request.getKey();
      requests.remove();
      told.add(session);
      outgoing.offer(
          session,
          WireCodec.shared(
              new WireMessage.DocUnavailable(services.server(), session.peer.id(), document)));
    }
    return wait;
  }
}
