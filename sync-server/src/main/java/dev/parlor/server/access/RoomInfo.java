package dev.parlor.server.access;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;

/**
 * What the registry knows of a room; everything else is in its document.
 *
 * @param owner the identity that made the room, or empty when nobody proved one
 * @param createdAt milliseconds since the epoch
 */
public record RoomInfo(
    String slug, DocumentId documentId, Optional<String> owner, long createdAt) {}
