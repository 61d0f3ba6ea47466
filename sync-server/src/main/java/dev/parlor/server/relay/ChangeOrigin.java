package dev.parlor.server.relay;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Caller;

/** Where admitted changes came from. */
public sealed interface ChangeOrigin {

  /** Submitted by this server itself. */
  record Server() implements ChangeOrigin {}

  /** Sent by a connection; not necessarily its own work: peers pass on what they have. */
  record FromPeer(PeerId peer, Caller caller) implements ChangeOrigin {}

  /** Admitted by another node, which passed it on. */
  record FromNode() implements ChangeOrigin {}
}
