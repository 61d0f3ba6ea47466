package dev.parlor.server.access;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;

/**
 * What the registry knows of a room; everything else is in its document.
 *
 * @param owner the identity that made the room, or empty when nobody proved one
 * @param createdAt milliseconds since the epoch
 * @param secret that everybody must know beside a link; empty for most rooms
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
