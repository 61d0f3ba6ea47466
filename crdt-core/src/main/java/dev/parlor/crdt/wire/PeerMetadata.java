package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.StorageId;
import java.util.Optional;

/**
 * The metadata of a peer in the handshake.
 *
 * @param storageId the id of the peer's durable storage, if it has one [HS6]
 * @param isEphemeral whether the peer stores no documents, so that other peers need not store its
 *     sync state
 */
public record PeerMetadata(Optional<StorageId> storageId, boolean isEphemeral) {}
