package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.room.Participant;
import java.util.Optional;

/**
 * What the server itself keeps of the people in rooms, whatever a room's document says. Safe from
 * any thread; never waits for the disk.
 */
public interface Memberships {

  /**
   * The role of a member; empty for an identity that has not joined, and for one whose role an
   * earlier version kept in the document alone.
   */
  Optional<Participant.Role> role(DocumentId room, String identity);

  /** When somebody joined: the time that is noted, or this one, which is noted from now on. */
  long joinedAt(DocumentId room, String identity, long otherwise);

  /** Forgets when somebody joined. */
  void forget(DocumentId room, String identity);

  /** Of documents without members: what stands there stays. */
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
