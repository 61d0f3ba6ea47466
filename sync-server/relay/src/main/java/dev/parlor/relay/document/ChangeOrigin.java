package dev.parlor.relay.document;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;

/** The origin of admitted changes. */
public sealed interface ChangeOrigin {

  /** Submitted by this server itself. */
  record Server() implements ChangeOrigin {}

  /**
   * Sent by a connection. The peer need not be the author: peers pass on every change that they
   * have.
   */
  record FromPeer(PeerId peer, Caller caller) implements ChangeOrigin {}

  /** Admitted by another node, which passed it on. */
  record FromNode() implements ChangeOrigin {}
}
