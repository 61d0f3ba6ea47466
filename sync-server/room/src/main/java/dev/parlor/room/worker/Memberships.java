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
   * earlier version kept in the document alone.
   */
  Optional<Participant.Role> role(DocumentId room, String identity);

  /**
   * The recorded time at which this identity joined; if there is none, records and returns {@code
   * otherwise}.
   */
  long joinedAt(DocumentId room, String identity, long otherwise);

  /** Deletes the recorded time. */
  void forget(DocumentId room, String identity);

  /** For documents without members: the values in the document stay unchanged. */
  static Memberships none() {
    return new Memberships() {
      @Override
      public Optional<Participant.Role> role(DocumentId room, String identity) {
        return Optional.empty();
      }

      @Override
      public long joinedAt(DocumentId room, String identity, long otherwise) {
        return otherwise;
      }

      @Override
      public void forget(DocumentId room, String identity) {}
    };
  }
}
