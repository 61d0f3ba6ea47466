package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of participants that are the server's own: {@code role} and {@code joinedAt}. Says
 * what to write where the document says something else. Used on the room's thread; keeps no time.
 *
 * <p>A member has the role of the membership. A guest (an unmodified client, which has no identity)
 * has the role of its link while it is connected and until it counts as gone, and no seat after
 * that. Guests that this process never saw connected stay as they are.
 */
final class ParticipantFields {
  private static final String GUEST = "guest:";

  private final DocumentId document;
  private final Memberships memberships;
  private final Map<String, Participant.Role> guests = new HashMap<>();

  /** Guests that have left, or that had a seat when the room was opened and did not come back. */
  private final Set<String> gone = new HashSet<>();

  private @Nullable List<Participant> looked;

  ParticipantFields(DocumentId document, Memberships memberships) {
    this.document = document;
    this.memberships = memberships;
  }

  /** The room as it was found: when people joined is taken over where it is not noted yet. */
  void begin(RoomView view) {
    for (Participant person : view.participants()) {
      if (person.joinedAt() > 0) {
        var _ = memberships.joinedAt(document, person.identity(), person.joinedAt());
      }
    }
  }

  static boolean isGuest(String identity) {
    return identity.startsWith(GUEST);
  }

  /** A connection opened the room. */
  void arrived(String identity, Caller caller) {
    if (caller.identity().isEmpty()) {
      guests.put(identity, role(caller.role()));
      gone.remove(identity);
      looked = null;
    }
  }

  /** Somebody counts as gone. */
  void left(String identity) {
    if (guests.remove(identity) != null) {
      leave(identity);
    }
  }

  /** Guests that have a seat from an earlier run of the server, and did not come back in time. */
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
   * What has to be written; nothing where the participants are as they were at the last look, so
   * that a value that reads back otherwise is not written again and again.
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

  /** The room after the corrections are written. */
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
      edits.add(new Edit.Put(Path.of("participants", identity, "joinedAt"), Value.of(joinedAt)));
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
