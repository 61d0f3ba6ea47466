package dev.parlor.server.access;

import dev.parlor.server.access.RoomLinks.Found;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether somebody may be in a room, and as what: judges memberships, links, invitations, and what
 * hosts decided about people, always by what is true now. Every door asks here: HTTP, tickets,
 * sockets.
 *
 * <p>An identity that has joined has the role of its membership, whatever key it shows. The owner
 * and hosts come in with any key or none; other members need a link that is still good, the shown
 * one or the one that they came by. An identity that has not joined gets its role from its link.
 *
 * <p>Order matters for what comes in while a host acts: the decision is written first, then live
 * connections are closed; and whoever was judged before and opened after is judged again by {@link
 * #refusal}.
 */
public final class RoomAuthorizer {
  private final RoomRegistry rooms;
  private final RoomLinks links;
  private final Invitations invitations;
  private final Members members;
  private final Owners owners;

  public RoomAuthorizer(
      RoomRegistry rooms,
      RoomLinks links,
      Invitations invitations,
      Members members,
      Owners owners) {
    this.rooms = rooms;
    this.links = links;
    this.invitations = invitations;
    this.members = members;
    this.owners = owners;
  }

  /** The outcome. */
  public sealed interface Entry {
    /**
     * Come in.
     *
     * @param role of the membership, or of the link for an identity that has not joined
     * @param member whether the role is of a membership
     * @param link the name of the link, when a good one was shown or is known
     */
    record Open(Role role, boolean member, Optional<String> link) implements Entry {}

    record Closed(AccessRefusal refusal) implements Entry {}
  }

  /**
   * Judges somebody at the door, and counts nobody: an invitation with a maximum shows the room
   * while it has places, or to those who came by it.
   *
   * @param key as it was shown; empty when none was
   */
  public Entry look(RoomInfo room, String key, Optional<String> identity) {
    var found = found(room, key);
    return identity.isPresent()
        ? judge(room, found, identity.get(), Coming.LOOKS)
        : switch (found) {
          case Found.Bad(var refusal) -> new Entry.Closed(refusal);
          case Found.Good _ when room.secret().isPresent() -> new Entry.Closed(SECRET);
          case Found.Good good when good.invitation().filter(Invitation::usedUp).isPresent() ->
              new Entry.Closed(USED_UP);
          case Found.Good good -> new Entry.Open(good.role(), false, Optional.of(good.name()));
        };
  }

  /**
   * As {@link #look}, for an identity that joins: it is a member from then on, and a link that
   * gives more raises the role of a member whom no host gave another.
   */
  public Entry join(RoomInfo room, String key, String identity) {
    return judge(room, found(room, key), identity, Coming.JOINS);
  }

  /**
   * As {@link #join}, for a connection: the link raises no role of a member, and makes no host of
   * an identity that has not joined. Such an identity stands nowhere in the room, so its power must
   * end with the link.
   */
  public Entry connect(RoomInfo room, String key, String identity) {
    return judge(room, found(room, key), identity, Coming.CONNECTS);
  }

  /** Judges a socket without an identity: an invitation that counts people does not open one. */
  public Entry guest(RoomInfo room, String key) {
    return switch (links.find(room.slug(), key)) {
      case Found.Bad(var refusal) -> new Entry.Closed(refusal);
      case Found.Good _ when room.secret().isPresent() -> new Entry.Closed(SECRET);
      case Found.Good(var role, var name, var invitation) ->
          invitation.flatMap(Invitation::usesMax).isPresent()
              ? new Entry.Closed(COUNTED)
              : new Entry.Open(role, false, Optional.of(name));
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

  /**
   * The role of a member whatever key is shown; empty for an identity that has not joined. Of a
   * record of an earlier version it is the role of the last link.
   */
  public Optional<Role> role(RoomInfo room, String identity) {
    if (owners.isOwner(room, identity)) {
      return Optional.of(Role.HOST);
    }
    var member = members.of(room.slug(), identity);
    var role = Members.role(member);
    return role.isPresent() || member.link() == null
        ? role
        : links.roleOf(room.slug(), member.link());
  }

  /**
   * The key of the player link where a page puts that into its address bar instead of the key that
   * was shown: one of a link for hosts, or one of a link that ended, shown by a host. A spectator
   * gets the key of the spectators' link, since the player link is more than a spectator has.
   */
  public Optional<String> addressKey(RoomInfo room, String shown, String identity) {
    var slug = room.slug();
    return links.isHostLink(slug, shown)
            || (links.isEndedLink(slug, shown) && isHost(room, identity))
        ? Optional.of(links.key(slug, isSpectator(room, identity) ? Role.SPECTATOR : Role.PLAYER))
        : Optional.empty();
  }

  private Found found(RoomInfo room, String key) {
    return key.isEmpty() ? new Found.Bad(NO_KEY) : links.find(room.slug(), key);
  }

  private enum Coming {
    LOOKS,
    CONNECTS,
    JOINS
  }

  private Entry judge(RoomInfo room, Found found, String identity, Coming how) {
    var slug = room.slug();
    var owner = owners.isOwner(room, identity);
    var member = members.of(slug, identity);
    var role = role(room, identity);
    var always = isHost(room, identity);
    if (member.kicked() && !owner) {
      return new Entry.Closed(KICKED);
    }
    if (room.secret().isPresent() && !member.knows() && !owner) {
      return new Entry.Closed(found instanceof Found.Bad(var refusal) ? refusal : SECRET);
    }
    if (always) {
      return open(room, found, identity, how);
    }
    var shown = found;
    if (found instanceof Found.Good good) {
      var full = taken(slug, good, identity, how);
      if (full.isPresent()) {
        shown = new Found.Bad(full.get());
      }
    }
    if (shown instanceof Found.Bad(var refusal)) {
      var cameBy = role.isPresent() && heldBy(slug, member).isPresent();
      if (!cameBy || refusal.equals(RoomLinks.WRONG)) {
        return new Entry.Closed(refusal);
      }
    }
    return open(room, shown, identity, how);
  }

  /** The link that a member came by, while it is good. */
  private Optional<String> heldBy(String slug, Members.Member member) {
    return Optional.ofNullable(member.link()).filter(name -> links.ended(slug, name).isEmpty());
  }

  private Entry open(RoomInfo room, Found found, String identity, Coming how) {
    if (how != Coming.LOOKS) {
      return enter(room, found, identity, how);
    }
    var member = role(room, identity);
    return new Entry.Open(
        member.orElseGet(() -> roleOf(found)),
        member.isPresent(),
        nameOf(found).or(() -> heldBy(room.slug(), members.of(room.slug(), identity))));
  }

  private static Optional<String> nameOf(Found found) {
    return found instanceof Found.Good good ? Optional.of(good.name()) : Optional.empty();
  }

  /**
   * Comes in: the membership is written, and the first host of a room without an owner owns it. A
   * connection alone makes no member of a host.
   */
  private Entry enter(RoomInfo room, Found found, String identity, Coming how) {
    var slug = room.slug();
    var before = role(room, identity);
    var shown = before.isPresent() && how != Coming.JOINS ? before.get() : strongest(before, found);
    if (before.isEmpty() && how != Coming.JOINS && shown == Role.HOST) {
      return new Entry.Open(shown, false, nameOf(found));
    }
    members.joinedBy(slug, identity, nameOf(found), shown);
    if (how == Coming.JOINS && isHostLink(found) && isHost(room, identity)) {
      owners.claim(room, identity);
    }
    return new Entry.Open(
        role(room, identity).orElse(shown),
        true,
        nameOf(found).or(() -> heldBy(slug, members.of(slug, identity))));
  }

  private boolean isHost(RoomInfo room, String identity) {
    return role(room, identity).filter(role -> role == Role.HOST).isPresent();
  }

  private boolean isSpectator(RoomInfo room, String identity) {
    return role(room, identity).filter(role -> role == Role.SPECTATOR).isPresent();
  }

  private static boolean isHostLink(Found found) {
    return found instanceof Found.Good(var role, _, var invitation)
        && role == Role.HOST
        && invitation.isEmpty();
  }

  private static Role strongest(Optional<Role> before, Found found) {
    var shown =
        found instanceof Found.Good good ? Optional.of(good.role()) : Optional.<Role>empty();
    return Stream.concat(before.stream(), shown.stream())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static Role roleOf(Found found) {
    return switch (found) {
      case Found.Good good -> good.role();
      case Found.Bad _ -> throw new IllegalStateException("a bad key lets only members in");
    };
  }

  /** Whether an invitation has no place for this identity; takes one for who comes in. */
  private Optional<AccessRefusal> taken(String slug, Found.Good good, String identity, Coming how) {
    if (good.invitation().isEmpty()) {
      return Optional.empty();
    }
    if (how != Coming.LOOKS) {
      return invitations.use(slug, good.name(), identity) ? Optional.empty() : Optional.of(USED_UP);
    }
    return good.invitation()
        .filter(Invitation::usedUp)
        .filter(full -> !full.usedBy().contains(identity))
        .map(_ -> USED_UP);
  }

  /**
   * Why a caller who was let in may not be here any more: the link was ended, they were removed, or
   * they may do less now than they came with. The end of a link sends no member away who is a host.
   */
  public Optional<AccessRefusal> refusal(Caller caller) {
    var room = caller.scope().flatMap(rooms::byDocument);
    if (room.isEmpty()) {
      return Optional.empty();
    }
    var slug = room.get().slug();
    if (caller.identity().isPresent()) {
      var identity = caller.identity().get();
      if (members.of(slug, identity).kicked() && !owners.isOwner(room.get(), identity)) {
        return Optional.of(KICKED);
      }
      var role = role(room.get(), identity);
      if (role.filter(now -> caller.role().compareTo(now) < 0).isPresent()) {
        return Optional.of(ROLE_CHANGED);
      }
      if (isHost(room.get(), identity)) {
        return Optional.empty();
      }
    }
    return caller.link().flatMap(name -> links.ended(slug, name));
  }

  /** Of an identity that is no member, and of none. */
  public static final AccessRefusal NO_KEY =
      new AccessRefusal("AC5", 401, "unauthorized", "this needs the key of the room's link");

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
