package dev.parlor.relay.document;

/** A source of changes for {@link ChangeAdmission}: one peer, or all other nodes as one source. */
sealed interface ChangeSource permits PeerSession, RemoteNodes {}
