package dev.parlor.room.access;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomLinks.Found;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides whether a caller may enter a room, and with which role. It uses the current memberships,
 * links and invitations, and the hosts' decisions about people. HTTP, tickets and sockets use this
 * class.
 *
 * <p>An identity that has joined has the role of its membership, regardless of the key that it
 * sends. The owner and hosts may enter with any key or none. Other members need a valid link: the
 * one that they send or the one that they joined with. An identity that has not joined gets its
 * role from its link.
 *
 * <p>A caller can connect while a host changes access. The host's decision is therefore written
 * first, and then live connections are closed. A connection that was authorized before the decision
 * and opened after it is checked again with {@link #refusal}.
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

  /** The decision. */
  public sealed interface Entry {
    /**
     * The caller may enter.
     *
     * @param role the role of the membership, or of the link for an identity that has not joined
     * @param member whether the role comes from a membership
     * @param link the name of the valid link that the caller sent or joined with; empty if there is
     *     none
     */
    record Open(Role role, boolean member, Optional<String> link) implements Entry {}

    record Closed(AccessRefusal refusal) implements Entry {}
  }

  /**
   * Decides without counting a use or recording a membership. An invitation with a maximum shows
   * the room while it has uses left, and always to people who joined with it.
   *
   * @param key the key that the caller sent; empty if none
   */
  public Entry look(RoomInfo room, String key, Optional<String> identity) {
    var found = found(room, key);
    return identity.isPresent()
        ? decide(room, found, identity.get(), Purpose.LOOK)
        : switch (found) {
          case Found.Bad(var refusal) -> new Entry.Closed(refusal);
          case Found.Good _ when room.secret().isPresent() -> new Entry.Closed(SECRET);
          case Found.Good good when good.invitation().filter(Invitation::usedUp).isPresent() ->
              new Entry.Closed(USED_UP);
          case Found.Good good -> new Entry.Open(good.role(), false, Optional.of(good.name()));
        };
  }

  /**
   * As {@link #look}, for an identity that joins: it becomes a member. A link with a higher role
   * raises the role of a member, unless a host gave the member a role.
   */
  public Entry join(RoomInfo room, String key, String identity) {
    return decide(room, found(room, key), identity, Purpose.JOIN);
  }

  /**
   * As {@link #join}, for a connection: the link does not raise the role of a member, and does not
   * make an identity that has not joined a host for good. The rights of such an identity end with
   * the link.
   */
  public Entry connect(RoomInfo room, String key, String identity) {
    return decide(room, found(room, key), identity, Purpose.CONNECT);
  }

  /**
   * Decides about a socket without an identity. An invitation with a maximum opens no such socket.
   */
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

  /**
   * Whether a caller may try to prove the room's secret: checks the key, and whether a host removed
   * the identity.
   */
  public Optional<AccessRefusal> mayAnswer(RoomInfo room, String key, String identity) {
    return switch (links.find(room.slug(), key)) {
      case Found.Bad(var refusal) -> Optional.of(refusal);
      case Found.Good _ ->
          members.of(room.slug(), identity).kicked() ? Optional.of(KICKED) : Optional.empty();
    };
  }

  /**
   * The role of a member, regardless of its key; empty for an identity that has not joined. For a
   * record of an earlier version it is the role of the link that the member used last.
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
   * The key of the player link, if the page must show it in its address bar instead of the key that
   * was sent. This applies to the key of a host link, and to the key of an ended link that a host
   * sent. A spectator gets the key of the spectator link instead.
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

  private enum Purpose {
    LOOK,
    CONNECT,
    JOIN
  }

  private Entry decide(RoomInfo room, Found found, String identity, Purpose purpose) {
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
      return open(room, found, identity, purpose);
    }
    var shown = found;
    if (found instanceof Found.Good good) {
      var full = taken(slug, good, identity, purpose);
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
    return open(room, shown, identity, purpose);
  }

  /** The link that a member joined with, if it is still valid. */
  private Optional<String> heldBy(String slug, Members.Member member) {
    return Optional.ofNullable(member.link()).filter(name -> links.ended(slug, name).isEmpty());
  }

  private Entry open(RoomInfo room, Found found, String identity, Purpose purpose) {
    if (purpose != Purpose.LOOK) {
      return enter(room, found, identity, purpose);
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
   * Records the membership. A host that joins with the host link becomes the owner if the room has
   * none. A connection alone makes no member of a host.
   */
  private Entry enter(RoomInfo room, Found found, String identity, Purpose purpose) {
    var slug = room.slug();
    var before = role(room, identity);
    var shown =
        before.isPresent() && purpose != Purpose.JOIN ? before.get() : strongest(before, found);
    if (before.isEmpty() && purpose != Purpose.JOIN && shown == Role.HOST) {
      return new Entry.Open(shown, false, nameOf(found));
    }
    members.joinedBy(slug, identity, nameOf(found), shown);
    if (purpose == Purpose.JOIN && isHostLink(found) && isHost(room, identity)) {
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

  /**
   * The refusal if an invitation has no use left for this identity. Unless the identity only looks,
   * counts the use.
   */
  private Optional<AccessRefusal> taken(
      String slug, Found.Good good, String identity, Purpose purpose) {
    if (good.invitation().isEmpty()) {
      return Optional.empty();
    }
    if (purpose != Purpose.LOOK) {
      return invitations.use(slug, good.name(), identity) ? Optional.empty() : Optional.of(USED_UP);
    }
    return good.invitation()
        .filter(Invitation::usedUp)
        .filter(full -> !full.usedBy().contains(identity))
        .map(_ -> USED_UP);
  }

  /**
   * Why an authorized caller must leave the room now, if it must: its link ended, a host removed
   * it, or its role is lower than when it connected. The end of a link does not affect members who
   * are hosts.
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

  /** The refusal without a key, for callers that are not members or have no identity. */
  public static final AccessRefusal NO_KEY =
      new AccessRefusal("AC5", 401, "unauthorized", "send the key of the room's link");

  static final AccessRefusal SECRET =
      new AccessRefusal(RoomSecret.RULE, 403, "secret-needed", "this room needs its secret");

  static final AccessRefusal USED_UP =
      new AccessRefusal(
          "AC8",
          403,
          "used-up",
          "this link has been used the maximum number of times; ask for a new one");

  static final AccessRefusal COUNTED =
      new AccessRefusal(
          "AC8",
          403,
          "used-up",
          "this link has a maximum number of uses: join over HTTP with an identity first");

  public static final AccessRefusal KICKED =
      new AccessRefusal("AC9", 403, "kicked", "a host removed you from this room");

  public static final AccessRefusal ROLE_CHANGED =
      new AccessRefusal(
          "AC10", 403, "role-changed", "a host changed what you may do here; come in again");
}
