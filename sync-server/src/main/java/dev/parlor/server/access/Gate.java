package dev.parlor.server.access;

import dev.parlor.server.access.RoomLinks.Found;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import java.util.Optional;

/**
 * Whether somebody may be in a room, and as what: judges links, invitations, and what hosts decided
 * about people, always by what is true now. Every door asks here: HTTP, tickets, sockets.
 *
 * <p>Order matters for what comes in while a host acts: the decision is written first, then live
 * connections are closed; and whoever was judged before and opened after is judged again by {@link
 * #refusal}.
 */
public final class Gate {
  private final RoomRegistry rooms;
  private final RoomLinks links;
  private final Invitations invitations;
  private final Members members;

  public Gate(RoomRegistry rooms, RoomLinks links, Invitations invitations, Members members) {
    this.rooms = rooms;
    this.links = links;
    this.invitations = invitations;
    this.members = members;
  }

  /** The outcome. */
  public sealed interface Entry {
    /**
     * Come in.
     *
     * @param role what the link gives, or what a host gave
     * @param pinned whether a host gave it, so that no link changes it
     * @param link the name of the link
     */
    record Open(Role role, boolean pinned, String link) implements Entry {}

    record Closed(AccessRefusal refusal) implements Entry {}
  }

  /**
   * Judges somebody at the door, and counts nobody: an invitation with a maximum shows the room
   * while it has places, or to those who came by it.
   */
  public Entry look(RoomInfo room, String key, Optional<String> identity) {
    return judge(room, key, identity, false);
  }

  /** As {@link #look}, for somebody who comes in and from then on counts as one who did. */
  public Entry comeIn(RoomInfo room, String key, String identity) {
    return judge(room, key, Optional.of(identity), true);
  }

  /** Judges a socket without an identity: an invitation that counts people does not open one. */
  public Entry guest(RoomInfo room, String key) {
    return switch (links.find(room.slug(), key)) {
      case Found.Bad(var refusal) -> new Entry.Closed(refusal);
      case Found.Good _ when room.secret().isPresent() -> new Entry.Closed(SECRET);
      case Found.Good(var role, var name, var invitation) ->
          invitation.flatMap(Invitation::usesMax).isPresent()
              ? new Entry.Closed(COUNTED)
              : new Entry.Open(role, false, name);
    };
  }

  private Entry judge(RoomInfo room, String key, Optional<String> identity, boolean comesIn) {
    var slug = room.slug();
    return switch (links.find(slug, key)) {
      case Found.Bad(var refusal) -> new Entry.Closed(refusal);
      case Found.Good good -> judge(room, good, identity, comesIn);
    };
  }

  /** Judges somebody who is about to show that they know the room's secret: all but that. */
  public Optional<AccessRefusal> mayAnswer(RoomInfo room, String key, String identity) {
    return switch (links.find(room.slug(), key)) {
      case Found.Bad(var refusal) -> Optional.of(refusal);
      case Found.Good _ ->
          members.of(room.slug(), identity).kicked() ? Optional.of(KICKED) : Optional.empty();
    };
  }

  private Entry judge(RoomInfo room, Found.Good good, Optional<String> identity, boolean comesIn) {
    var slug = room.slug();
    var member = identity.map(who -> members.of(slug, who)).orElse(Members.Member.PLAIN);
    if (member.kicked()) {
      return new Entry.Closed(KICKED);
    }
    if (room.secret().isPresent() && !member.knows()) {
      return new Entry.Closed(SECRET);
    }
    var full = good.invitation().filter(Invitation::usedUp);
    if (comesIn) {
      var who = identity.orElseThrow();
      if (good.invitation().isPresent() && !invitations.use(slug, good.name(), who)) {
        return new Entry.Closed(USED_UP);
      }
      members.joinedBy(slug, who, good.name());
    } else if (full.isPresent() && identity.filter(full.get().usedBy()::contains).isEmpty()) {
      return new Entry.Closed(USED_UP);
    }
    var pinned = Members.pinned(member);
    return new Entry.Open(pinned.orElse(good.role()), pinned.isPresent(), good.name());
  }

  /**
   * Why a caller who was let in may not be here any more: the link was ended, they were removed, or
   * they may do less now than they came with.
   */
  public Optional<AccessRefusal> refusal(Caller caller) {
    var room = caller.scope().flatMap(rooms::byDocument);
    if (room.isEmpty()) {
      return Optional.empty();
    }
    var slug = room.get().slug();
    if (caller.identity().isPresent()) {
      var member = members.of(slug, caller.identity().get());
      if (member.kicked()) {
        return Optional.of(KICKED);
      }
      if (Members.pinned(member).filter(role -> caller.role().compareTo(role) < 0).isPresent()) {
        return Optional.of(ROLE_CHANGED);
      }
    }
    return caller.link().flatMap(name -> links.ended(slug, name));
  }

  static final AccessRefusal SECRET =
      new AccessRefusal(
          RoomSecret.RULE, 403, "secret-needed", "this room opens to those who know its secret");

  static final AccessRefusal USED_UP =
      new AccessRefusal(
          "AC8",
          403,
          "used-up",
          "as many people came in by this link as it was made for; ask for a new one");

  static final AccessRefusal COUNTED =
      new AccessRefusal(
          "AC8", 403, "used-up", "this link counts people: join by HTTP with an identity first");

  public static final AccessRefusal KICKED =
      new AccessRefusal("AC9", 403, "kicked", "a host removed you from this room");

  public static final AccessRefusal ROLE_CHANGED =
      new AccessRefusal(
          "AC10", 403, "role-changed", "a host changed what you may do here; come in again");
}
