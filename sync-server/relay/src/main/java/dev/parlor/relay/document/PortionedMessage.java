package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import java.util.List;

/**
 * A peer's sync message that is too large for one step. Each step admits one portion of it, so that
 * other commands are handled in between. Until the last portion is admitted, the peer is sent no
 * sync message. Belongs to the document's worker.
 */
final class PortionedMessage {

  /** The action after the last portion. */
  enum Afterwards {
    /** None: the connection is still open. */
    STAY,
    /** Detach the peer: its connection has ended, and a newer connection has its peer id. */
    DETACH,
    /** Detach the peer, whose connection has ended, and send a goodbye to the other peers [EP5]. */
    DETACH_WITH_GOODBYE
  }

  private final InboundMessage inbound;
  private int next;
  private Afterwards afterwards = Afterwards.STAY;

  PortionedMessage(InboundMessage inbound) {
    this.inbound = inbound;
  }

  InboundMessage inbound() {
    return inbound;
  }

  boolean isStarted() {
    return next > 0;
  }

  boolean hasNext() {
    return next < inbound.ends().size();
  }

  List<ChangeChunk> next() {
    return inbound.portion(next++);
  }

  /** The connection has ended. The remaining portions are still admitted. */
  void connectionEnded(boolean goodbye) {
    afterwards = goodbye ? Afterwards.DETACH_WITH_GOODBYE : Afterwards.DETACH;
  }

  Afterwards afterwards() {
    return afterwards;
  }
}
