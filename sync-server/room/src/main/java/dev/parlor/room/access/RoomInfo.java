package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;

/**
 * A room in {@link RoomRegistry}. Everything else about a room is in its document.
 *
 * @param owner the identity that created the room; empty if the creator proved none
 * @param createdAt milliseconds since the epoch
 * @param secret the secret that people must know in addition to a link; empty if the room has none
 * @param single whether only the owner may enter
 * @param parent the room that this room was forked from; empty if it is no fork
 * @param isLocked whether a host has locked the room, so that only members may enter
 */
public record RoomInfo(
    String slug,
    DocumentId documentId,
    Optional<String> owner,
    long createdAt,
    Optional<RoomSecret> secret,
    boolean single,
    Optional<Parent> parent,
    boolean isLocked) {

  /**
   * The room that another room was forked from.
   *
   * @param title its title at the time of the fork
   */
  public record Parent(String slug, String title) {}

  /** A room that is not locked. */
  public RoomInfo(
      String slug,
      DocumentId documentId,
      Optional<String> owner,
      long createdAt,
      Optional<RoomSecret> secret,
      boolean single,
      Optional<Parent> parent) {
    this(slug, documentId, owner, createdAt, secret, single, parent, false);
  }

  /** A room for several people that is no fork. */
  public RoomInfo(
      String slug,
      DocumentId documentId,
      Optional<String> owner,
      long createdAt,
      Optional<RoomSecret> secret) {
    this(slug, documentId, owner, createdAt, secret, false, Optional.empty());
  }

  /** A room without a secret. */
  public RoomInfo(String slug, DocumentId documentId, Optional<String> owner, long createdAt) {
    this(slug, documentId, owner, createdAt, Optional.empty());
  }

  /** This room, locked or unlocked. */
  public RoomInfo withLock(boolean locked) {
    return new RoomInfo(slug, documentId, owner, createdAt, secret, single, parent, locked);
  }
}
