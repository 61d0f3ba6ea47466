package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.StorageId;
import java.util.Optional;

/**
 * The metadata of a peer in the handshake.
 *
 * @param storageId the id of the peer's durable storage, if it has one [HS6]
 * @param isEphemeral whether the peer stores no documents, so that other peers need not store its
 *     sync state
 * @param durableHeads whether the heads that the peer sends cover a change of the receiver only
 *     when the change is on the peer's disk [HS6] [DU1]
 */
public record PeerMetadata(
    Optional<StorageId> storageId, boolean isEphemeral, boolean durableHeads) {

  /** The metadata of a peer that promises nothing about its disk, as automerge-repo sends it. */
  public PeerMetadata(Optional<StorageId> storageId, boolean isEphemeral) {
    this(storageId, isEphemeral, false);
  }
}
