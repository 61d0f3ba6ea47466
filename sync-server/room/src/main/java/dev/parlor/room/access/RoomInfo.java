package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;

/**
 * A room in {@link RoomRegistry}. Everything else about a room is in its document.
 *
 * @param owner the identity that created the room; empty if the creator proved none
 * @param createdAt milliseconds since the epoch
 * @param secret the secret that people must know in addition to a link; empty if the room has none
 */
public record RoomInfo(
    String slug,
    DocumentId documentId,
    Optional<String> owner,
    long createdAt,
    Optional<RoomSecret> secret) {

  /** A room without a secret. */
  public RoomInfo(String slug, DocumentId documentId, Optional<String> owner, long createdAt) {
    this(slug, documentId, owner, createdAt, Optional.empty());
  }
}
