package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.worker.Memberships;
import java.util.Optional;

/** Reads and writes memberships by document id, for code that writes the document of a room. */
public final class RoomMemberships implements Memberships {
  private final RoomRegistry rooms;
  private final Owners owners;
  private final Members members;

  public RoomMemberships(RoomRegistry rooms, Owners owners, Members members) {
    this.rooms = rooms;
    this.owners = owners;
    this.members = members;
  }

  @Override
  public Optional<Participant.Role> role(DocumentId document, String identity) {
    var room = rooms.byDocument(document);
    if (room.isEmpty()) {
      return Optional.empty();
    }
    if (owners.isOwner(room.get(), identity)) {
      return Optional.of(Participant.Role.HOST);
    }
    var member = members.of(room.get().slug(), identity);
    return member.kicked()
        ? Optional.of(Participant.Role.SPECTATOR)
        : Members.role(member)
            .map(
                role ->
                    switch (role) {
                      case HOST -> Participant.Role.HOST;
                      case PLAYER -> Participant.Role.PLAYER;
                      case SPECTATOR -> Participant.Role.SPECTATOR;
                    });
  }

  @Override
  public long joinedAt(DocumentId document, String identity, long defaultMillis) {
    return rooms
        .byDocument(document)
        .map(room -> members.joinedAt(room.slug(), identity, defaultMillis))
        .orElse(defaultMillis);
  }

  @Override
  public void forget(DocumentId document, String identity) {
    rooms.byDocument(document).ifPresent(room -> members.forget(room.slug(), identity));
  }
}
