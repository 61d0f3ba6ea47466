package dev.parlor.relay.document;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;

/** The source from which the server received admitted changes, as observers see it. */
public sealed interface ChangeOrigin {

  /** Submitted by this server itself. */
  record Server() implements ChangeOrigin {}

  /**
   * Received from a peer. The peer need not be the author, because peers send every change that
   * they have.
   *
   * @param firstSync whether the changes belong to the first sync of the peer's connection, so that
   *     they may have been made while the peer was offline
   */
  record FromPeer(PeerId peer, Caller caller, boolean firstSync) implements ChangeOrigin {
    /** Changes that were made while the peer was connected. */
    public FromPeer(PeerId peer, Caller caller) {
      this(peer, caller, false);
    }
  }

  /** Received from another node, which admitted the changes first. */
  record FromNode() implements ChangeOrigin {}
}
