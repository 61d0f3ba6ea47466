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
 * The requests of peers for a document that has no content yet. Each request waits for a short
 * time, or longer while another peer has announced heads but not sent their changes [SY8]. Then the
 * request is answered once with {@code doc-unavailable} [SY9]. An empty sync message is no answer:
 * clients would wait forever. The peer stays attached and receives later changes. Belongs to the
 * document's worker.
 */
final class PendingRequests {

  static final long REQUEST_NANOS_MAX = FixedLimits.PENDING_REQUEST_MILLIS_MAX * 1_000_000L;

  private final DocumentId document;
  private final RelayServices services;
  private final OutgoingFrames outgoing;

  /** The peers whose request waits, with the time of the request, in order of arrival. */
  private final Map<PeerSession, Long> waitingSince = new LinkedHashMap<>(0);

  /** The peers that were sent {@code doc-unavailable}; each gets it once [SY9]. */
  private final Set<PeerSession> answered = new HashSet<>(0);

  PendingRequests(DocumentId document, RelayServices services, OutgoingFrames outgoing) {
    this.document = document;
    this.services = services;
    this.outgoing = outgoing;
  }

  /** Adds the request of a peer without heads, unless it was answered already. */
  void add(PeerSession session, long now) {
    if (!answered.contains(session)) {
      waitingSince.putIfAbsent(session, now);
    }
  }

  /** Removes the request of a detached peer. */
  void remove(PeerSession session) {
    waitingSince.remove(session);
    answered.remove(session);
  }

  /** Removes all waiting requests, because the document has content now. */
  void clear() {
    waitingSince.clear();
  }

  /**
   * Answers the requests that have waited long enough.
   *
   * @param contentIsExpected whether a peer has announced heads whose changes are missing
   * @return nanoseconds until the next request is due
   */
  long answer(boolean contentIsExpected, long now) {
    var waitMax =
        contentIsExpected
            ? services.limits().documents().holdBackMillisMax() * 1_000_000L
            : REQUEST_NANOS_MAX;
    var wait = Long.MAX_VALUE;
    for (var requests = waitingSince.entrySet().iterator(); requests.hasNext(); ) {
      var request = requests.next();
      var remaining = request.getValue() + waitMax - now;
      if (remaining > 0) {
        wait = Math.min(wait, remaining);
        continue;
      }
      var session = request.getKey();
      requests.remove();
      answered.add(session);
      outgoing.offer(
          session,
          WireCodec.shared(
              new WireMessage.DocUnavailable(services.server(), session.peer.id(), document)));
    }
    return wait;
  }
}
