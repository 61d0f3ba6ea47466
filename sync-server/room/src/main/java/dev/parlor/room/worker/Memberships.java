package dev.parlor.room.worker;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.Participant;
import java.util.Optional;

/**
 * The server's own records about members of rooms. A room's document cannot change them. Safe from
 * any thread; never waits for the disk.
 */
public interface Memberships {

  /**
   * The role of a member. Empty for an identity that has not joined, and for a member whose role an
   * earlier version stored only in the document.
   */
  Optional<Participant.Role> role(DocumentId room, String identity);

  /**
   * The recorded time at which this identity joined. If there is none, records and returns {@code
   * defaultMillis}.
   */
  long joinedAt(DocumentId room, String identity, long defaultMillis);

  /** Deletes the recorded time at which this identity joined. */
  void forget(DocumentId room, String identity);

  /** Memberships of documents without members. They leave the values in the document unchanged. */
  static Memberships none() {
    return new Memberships() {
      @Override
      public Optional<Participant.Role> role(DocumentId room, String identity) {
        return Optional.empty();
      }

      @Override
      public long joinedAt(DocumentId room, String identity, long defaultMillis) {
        return defaultMillis;
      }

      @Override
      public void forget(DocumentId room, String identity) {}
    };
  }
}
