package dev.parlor.room.worker;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of participants that only the server writes: {@code role} and {@code joinedAt}.
 * Computes corrections if the document differs. Used on the room's thread; has no clock.
 *
 * <p>A member has the role of the membership. A guest is an unmodified client without an identity.
 * It has the role of its link until it counts as gone, and no seat after that. The fields of guests
 * that were never connected to this process stay unchanged.
 */
final class ParticipantFields {
  private final DocumentId document;
  private final Memberships memberships;
  private final Map<String, Participant.Role> guests = new HashMap<>();

  /** Guests that left, or that had a seat when the room was opened and did not reconnect. */
  private final Set<String> gone = new HashSet<>();

  private @Nullable List<Participant> looked;

  ParticipantFields(DocumentId document, Memberships memberships) {
    this.document = document;
    this.memberships = memberships;
  }

  /** Reads the opened room and records joining times that are not recorded yet. */
  void begin(RoomView view) {
    for (Participant person : view.participants()) {
      if (person.joinedAt() > 0) {
        var _ = memberships.joinedAt(document, person.identity(), person.joinedAt());
      }
    }
  }

  static boolean isGuest(String identity) {
    return identity.startsWith(Caller.GUEST);
  }

  /** A connection opened the room. */
  void arrived(String identity, Caller caller) {
    if (caller.identity().isEmpty()) {
      guests.put(identity, role(caller.role()));
      gone.remove(identity);
      looked = null;
    }
  }

  /** The guest counts as gone. */
  void left(String identity) {
    if (guests.remove(identity) != null) {
      leave(identity);
    }
  }

  /** Ends the seats of guests from an earlier run of the server that did not reconnect in time. */
  void endSeatsWithoutConnection(RoomView view) {
    view.participants().stream()
        .filter(person -> isGuest(person.identity()))
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .filter(person -> !guests.containsKey(person.identity()))
        .forEach(person -> leave(person.identity()));
  }

  private void leave(String guest) {
    gone.add(guest);
    memberships.forget(document, guest);
    looked = null;
  }

  /**
   * The edits to write. Empty if the participants have not changed since the last call, so that the
   * server does not repeat a write that the document does not keep as written.
   */
  List<Edit> corrections(RoomView view, long now) {
    if (view.participants().equals(looked)) {
      return List.of();
    }
    looked = view.participants();
    List<Edit> edits = new ArrayList<>();
    for (Participant person : view.participants()) {
      correct(person, now, edits);
    }
    gone.clear();
    return edits;
  }

  /** The room after the corrections. */
  void corrected(RoomView view) {
    looked = view.participants();
  }

  private void correct(Participant person, long now, List<Edit> edits) {
    String identity = person.identity();
    if (gone.contains(identity)) {
      if (person.role() != Participant.Role.SPECTATOR) {
        edits.addAll(RoomEdits.role(identity, Participant.Role.SPECTATOR));
      }
      return;
    }
    Participant.Role role =
        isGuest(identity)
            ? guests.get(identity)
            : memberships.role(document, identity).orElse(null);
    if (role == null) {
      return;
    }
    if (person.role() != role) {
      edits.addAll(RoomEdits.role(identity, role));
    }
    long joinedAt = memberships.joinedAt(document, identity, now);
    if (person.joinedAt() != joinedAt) {
      edits.addAll(RoomEdits.joinedAt(identity, joinedAt));
    }
  }

  private static Participant.Role role(Role role) {
    return switch (role) {
      case HOST -> Participant.Role.HOST;
      case PLAYER -> Participant.Role.PLAYER;
      case SPECTATOR -> Participant.Role.SPECTATOR;
    };
  }
}
