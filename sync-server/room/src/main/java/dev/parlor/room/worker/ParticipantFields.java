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
 * Corrects the fields of participants that only the server writes: {@code role} and {@code
 * joinedAt}. Used on the room's thread; has no clock.
 *
 * <p>A member has the role of its membership. A guest is an unmodified client without an identity.
 * It has the role of its link until it counts as gone, and is a spectator after that. The fields of
 * a guest that was never connected to this process stay unchanged until the grace time has passed.
 */
final class ParticipantFields {
  private final DocumentId document;
  private final Memberships memberships;

  /** The roles of the guests that are connected or within their grace time. */
  private final Map<String, Participant.Role> guests = new HashMap<>();

  /** Guests that are connected to another node, which sets their roles. */
  private final Set<String> guestsElsewhere = new HashSet<>();

  /** Guests whose seats the next corrections end. */
  private final Set<String> departedGuests = new HashSet<>();

  /** The participants at the last corrections; null to compute corrections in any case. */
  private @Nullable List<Participant> lastCorrected;

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

  /** A peer connected to the room. */
  void arrived(String identity, Caller caller) {
    if (caller.identity().isEmpty()) {
      guests.put(identity, role(caller.role()));
      guestsElsewhere.remove(identity);
      departedGuests.remove(identity);
      lastCorrected = null;
    }
  }

  /** A peer connected to the room on another node. */
  void arrivedElsewhere(String identity) {
    if (isGuest(identity)) {
      guests.remove(identity);
      guestsElsewhere.add(identity);
      departedGuests.remove(identity);
    }
  }

  /** The identity counts as gone. */
  void left(String identity) {
    var wasHere = guests.remove(identity) != null;
    var wasElsewhere = guestsElsewhere.remove(identity);
    if (wasHere || wasElsewhere) {
      endSeat(identity);
    }
  }

  /** Ends the seats of guests from an earlier run of the server that did not reconnect in time. */
  void endSeatsWithoutConnection(RoomView view) {
    view.participants().stream()
        .filter(person -> isGuest(person.identity()))
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .filter(person -> !guests.containsKey(person.identity()))
        .filter(person -> !guestsElsewhere.contains(person.identity()))
        .forEach(person -> endSeat(person.identity()));
  }

  private void endSeat(String guest) {
    departedGuests.add(guest);
    memberships.forget(document, guest);
    lastCorrected = null;
  }

  /**
   * The edits that correct the document. Empty if the participants have not changed since the last
   * corrections, so that the server does not repeat a write that has no effect.
   */
  List<Edit> corrections(RoomView view, long now) {
    if (view.participants().equals(lastCorrected)) {
      return List.of();
    }
    lastCorrected = view.participants();
    List<Edit> edits = new ArrayList<>();
    for (Participant person : view.participants()) {
      correct(person, now, edits);
    }
    departedGuests.clear();
    return edits;
  }

  /** The corrections are written, and this is the new view. */
  void corrected(RoomView view) {
    lastCorrected = view.participants();
  }

  private void correct(Participant person, long now, List<Edit> edits) {
    String identity = person.identity();
    if (departedGuests.contains(identity)) {
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
