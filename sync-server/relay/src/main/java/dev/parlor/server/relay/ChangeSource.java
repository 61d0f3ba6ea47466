package dev.parlor.server.relay;

/** A source of changes for {@link ChangeAdmission}: one peer, or all other nodes together. */
sealed interface ChangeSource permits PeerSession, RemoteNodes {}
