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
   */
  record FromPeer(PeerId peer, Caller caller) implements ChangeOrigin {}

  /** Received from another node, which admitted the changes first. */
  record FromNode() implements ChangeOrigin {}
}
