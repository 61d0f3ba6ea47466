package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;

/**
 * Notifies peers of one document about refused changes, and closes connections. Counts and logs
 * both. Belongs to the document's worker.
 */
final class RefusalNotices {

  private final DocumentId document;
  private final RelayServices services;

  RefusalNotices(DocumentId document, RelayServices services) {
    this.document = document;
    this.services = services;
  }

  /**
   * Notifies the peer of a refused change. If that ends the connection, marks the session as
   * closed.
   */
  void refuse(PeerSession session, Refusal why) {
    services.metrics().refused(why.rule());
    if (session.peer.refuse(document, why.code(), why.rule(), why.reason())) {
      log("refused a change of peer {}", session, why);
    } else {
      session.closed = true;
      log("closed the connection of peer {}", session, why);
    }
  }

  /** Closes the connection, and marks the session as closed. */
  void disconnect(PeerSession session, Refusal why) {
    services.metrics().refused(why.rule());
    log("closed the connection of peer {}", session, why);
    session.closed = true;
    session.peer.close(why.code(), why.rule(), why.reason());
  }

  private void log(String action, PeerSession session, Refusal why) {
    services
        .refusals()
        .write(
            log ->
                log.info(
                    "document {}: " + action + ": [{}] {}",
                    document,
                    session.peer.id(),
                    why.rule(),
                    why.reason()));
  }

  /** Counts and logs a change that another node admitted and this node cannot add. */
  void refusedFromNode(String rule, String reason) {
    services.metrics().refused(rule);
    services
        .refusals()
        .write(
            log ->
                log.error(
                    "document {}: cannot add a change that another node admitted: [{}] {}",
                    document,
                    rule,
                    reason));
  }
}
