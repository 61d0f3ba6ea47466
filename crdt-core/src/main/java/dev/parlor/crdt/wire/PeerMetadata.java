package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.StorageId;
import java.util.Optional;

/**
 * What a peer says of itself in the handshake.
 *
 * @param storageId the name of its durable storage, when it has one [HS6]
 * @param isEphemeral whether it keeps nothing, so that nobody need remember what it has
 */
public record PeerMetadata(Optional<StorageId> storageId, boolean isEphemeral) {}
