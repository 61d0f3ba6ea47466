package dev.parlor.relay.document;

/** A source of changes for {@link ChangeAdmission}: one peer, or all other nodes together. */
sealed interface ChangeSource permits PeerSession, RemoteNodes {}
