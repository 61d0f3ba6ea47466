package dev.parlor.room.access;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomLinks.Lookup;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Decides whether a caller may enter a room, and with which role. A decision depends on the current
 * memberships, links and invitations, and on what hosts decided about people. HTTP requests,
 * tickets and sockets are all authorized here.
 *
 * <p>An identity that has joined has the role of its membership, regardless of the key that it
 * sends. The owner and hosts may enter with any key or without a key. Other members need a valid
 * link: the link whose key they send, or the link that they used last. An identity that has not
 * joined gets its role from its link.
 *
 * <p>A caller can connect while a host changes access. A host's decision is therefore written
 * first, and then open connections are closed. {@link #refusal} checks again a connection that was
 * authorized before the decision and opened after it.
 */
public final class RoomAuthorizer {
  private final RoomRegistry rooms;
  private final RoomLinks links;
  private final Invitations invitations;
  private final Members members;
  private final Owners owners;
  private final FreshRecords fresh;

  public RoomAuthorizer(
      RoomRegistry rooms,
      RoomLinks links,
      Invitations invitations,
      Members members,
      Owners owners,
      FreshRecords fresh) {
    this.rooms = rooms;
    this.links = links;
    this.invitations = invitations;
    this.members = members;
    this.owners = owners;
    this.fresh = fresh;
  }

  /** Whether a caller may enter a room. */
  public sealed interface Decision {
    /**
     * The caller may enter.
     *
     * @param role the role of the membership, or of the link for an identity that has not joined
     * @param isMember whether the role comes from a membership
     * @param link the name of the valid link whose key the caller sent, or else that the caller
     *     used last; empty if there is none
     */
    record Allowed(Role role, boolean isMember, Optional<String> link) implements Decision {}

    /** The caller may not enter. */
    record Refused(AccessRefusal refusal) implements Decision {}
  }

  /**
   * Decides without counting a use or recording a membership. An invitation with a maximum number
   * of uses opens the room while uses remain, and always for people who joined with it.
   *
   * @param key the key that the caller sent; an empty text without a key
   */
  public Decision check(RoomInfo room, String key, Optional<String> identity) {
    return decideTwice(room, key, identity, () -> checkOnce(room, key, identity));
  }

  /**
   * Takes a decision. In a cluster another node may have written a moment ago what permits the
   * caller to enter. So before a refusal, asks the cluster for the records that decide, and decides
   * once more.
   */
  private Decision decideTwice(
      RoomInfo room, String key, Optional<String> identity, Supplier<Decision> decide) {
    var decision = decide.get();
    if (decision instanceof Decision.Allowed || (key.isEmpty() && identity.isEmpty())) {
      return decision;
    }
    var slug = room.slug();
    var wasAsked = links.refresh(fresh, slug, key);
    if (identity.isPresent()) {
      wasAsked |= members.refresh(fresh, slug, identity.get());
      wasAsked |= owners.refresh(fresh, slug);
    }
    return wasAsked ? decide.get() : decision;
  }

  private Decision checkOnce(RoomInfo room, String key, Optional<String> identity) {
    var found = lookUp(room, key);
    return identity.isPresent()
        ? decide(room, found, identity.get(), Purpose.CHECK)
        : switch (found) {
          case Lookup.Invalid(var refusal) -> new Decision.Refused(refusal);
          case Lookup.Valid _ when room.isLocked() -> new Decision.Refused(LOCKED);
          case Lookup.Valid valid when room.single() && valid.role() != Role.HOST ->
              new Decision.Refused(SINGLE);
          case Lookup.Valid _ when room.secret().isPresent() -> new Decision.Refused(SECRET_NEEDED);
          case Lookup.Valid valid
              when valid.invitation().filter(Invitation::isUsedUp).isPresent() ->
              new Decision.Refused(USED_UP);
          case Lookup.Valid valid ->
              new Decision.Allowed(valid.role(), false, Optional.of(valid.name()));
        };
  }

  /**
   * As {@link #check}, for an identity that joins: it becomes a member. A link with a higher role
   * raises the role of a member, unless a host gave the member a role.
   */
  public Decision join(RoomInfo room, String key, String identity) {
    return decideTwice(
        room,
        key,
        Optional.of(identity),
        () -> decide(room, lookUp(room, key), identity, Purpose.JOIN));
  }

  /**
   * As {@link #join}, for a connection. The link does not raise the role of a member. An identity
   * that has not joined and connects with a host link does not become a member, so its rights end
   * with the link.
   */
  public Decision connect(RoomInfo room, String key, String identity) {
    return decideTwice(
        room,
        key,
        Optional.of(identity),
        () -> decide(room, lookUp(room, key), identity, Purpose.CONNECT));
  }

  /**
   * Decides about a socket without an identity. An invitation with a maximum number of uses allows
   * no such socket, because a use is counted for an identity.
   */
  public Decision checkGuest(RoomInfo room, String key) {
    return decideTwice(room, key, Optional.empty(), () -> checkGuestOnce(room, key));
  }

  private Decision checkGuestOnce(RoomInfo room, String key) {
    return switch (links.find(room.slug(), key)) {
      case Lookup.Invalid(var refusal) -> new Decision.Refused(refusal);
      case Lookup.Valid _ when room.isLocked() -> new Decision.Refused(LOCKED);
      case Lookup.Valid _ when room.single() -> new Decision.Refused(SINGLE);
      case Lookup.Valid _ when room.secret().isPresent() -> new Decision.Refused(SECRET_NEEDED);
      case Lookup.Valid(var role, var name, var invitation) ->
          invitation.flatMap(Invitation::usesMax).isPresent()
              ? new Decision.Refused(JOIN_REQUIRED)
              : new Decision.Allowed(role, false, Optional.of(name));
    };
  }

  /**
   * The reason why a caller may not try to prove the room's secret: an invalid key, or a host has
   * removed the identity. Empty if the caller may try.
   */
  public Optional<AccessRefusal> refusalToProveSecret(RoomInfo room, String key, String identity) {
    return switch (links.find(room.slug(), key)) {
      case Lookup.Invalid(var refusal) -> Optional.of(refusal);
      case Lookup.Valid _ ->
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
   * The key that the page must show in its address bar instead of the key that the caller sent;
   * empty if the sent key can stay. A key is replaced if it belongs to a host link. It is also
   * replaced if it belongs to an ended link and the caller is a host. The new key belongs to the
   * player link, or to the spectator link if the caller is a spectator.
   */
  public Optional<String> addressKey(RoomInfo room, String sentKey, String identity) {
    var slug = room.slug();
    var replaced =
        links.isHostLink(slug, sentKey)
            || (links.isEndedLink(slug, sentKey) && isHost(room, identity));
    var role = isSpectator(room, identity) ? Role.SPECTATOR : Role.PLAYER;
    return replaced ? Optional.of(links.key(slug, role)) : Optional.empty();
  }

  private Lookup lookUp(RoomInfo room, String key) {
    return key.isEmpty() ? new Lookup.Invalid(NO_KEY) : links.find(room.slug(), key);
  }

  /** The action for which a caller is authorized. {@code CHECK} never records anything. */
  private enum Purpose {
    CHECK,
    CONNECT,
    JOIN
  }

  private Decision decide(RoomInfo room, Lookup found, String identity, Purpose purpose) {
    var slug = room.slug();
    var isOwner = owners.isOwner(room, identity);
    var member = members.of(slug, identity);
    if (member.kicked() && !isOwner) {
      return new Decision.Refused(KICKED);
    }
    if (room.single() && !isOwner && !mayClaim(room, found)) {
      return new Decision.Refused(found instanceof Lookup.Invalid(var refusal) ? refusal : SINGLE);
    }
    if (room.isLocked() && role(room, identity).isEmpty()) {
      return new Decision.Refused(found instanceof Lookup.Invalid(var refusal) ? refusal : LOCKED);
    }
    if (room.secret().isPresent() && !member.knowsSecret() && !isOwner) {
      return new Decision.Refused(
          found instanceof Lookup.Invalid(var refusal) ? refusal : SECRET_NEEDED);
    }
    if (isHost(room, identity)) {
      return allow(room, found, identity, purpose);
    }
    var usable = found;
    if (found instanceof Lookup.Valid valid) {
      var usedUp = countUse(slug, valid, identity, purpose);
      if (usedUp.isPresent()) {
        usable = new Lookup.Invalid(usedUp.get());
      }
    }
    if (usable instanceof Lookup.Invalid(var refusal)) {
      var mayUseLastLink = role(room, identity).isPresent() && lastLink(slug, member).isPresent();
      if (!mayUseLastLink || refusal.equals(RoomLinks.WRONG)) {
        return new Decision.Refused(refusal);
      }
    }
    return allow(room, usable, identity, purpose);
  }

  /** Whether a caller can become the owner of a room that has none: by the host link. */
  private boolean mayClaim(RoomInfo room, Lookup found) {
    return owners.of(room).isEmpty() && isHostLink(found);
  }

  /** The name of the link that a member used last, if that link is still valid. */
  private Optional<String> lastLink(String slug, Members.Member member) {
    return Optional.ofNullable(member.link()).filter(name -> links.end(slug, name).isEmpty());
  }

  private Decision allow(RoomInfo room, Lookup found, String identity, Purpose purpose) {
    if (purpose != Purpose.CHECK) {
      return admit(room, found, identity, purpose);
    }
    var memberRole = role(room, identity);
    return new Decision.Allowed(
        memberRole.orElseGet(() -> roleOf(found)),
        memberRole.isPresent(),
        nameOf(found).or(() -> lastLink(room.slug(), members.of(room.slug(), identity))));
  }

  private static Optional<String> nameOf(Lookup found) {
    return found instanceof Lookup.Valid valid ? Optional.of(valid.name()) : Optional.empty();
  }

  /**
   * Records the membership. A host that joins with the host link becomes the owner if the room has
   * no owner. An identity that has not joined and only connects with a host link is not recorded.
   */
  private Decision admit(RoomInfo room, Lookup found, String identity, Purpose purpose) {
    var slug = room.slug();
    var previousRole = role(room, identity);
    var newRole =
        previousRole.isPresent() && purpose != Purpose.JOIN
            ? previousRole.get()
            : highestRole(previousRole, found);
    if (previousRole.isEmpty() && purpose != Purpose.JOIN && newRole == Role.HOST) {
      return new Decision.Allowed(newRole, false, nameOf(found));
    }
    members.recordJoin(slug, identity, nameOf(found), newRole);
    if (purpose == Purpose.JOIN && isHostLink(found) && isHost(room, identity)) {
      owners.claim(room, identity);
    }
    return new Decision.Allowed(
        role(room, identity).orElse(newRole),
        true,
        nameOf(found).or(() -> lastLink(slug, members.of(slug, identity))));
  }

  private boolean isHost(RoomInfo room, String identity) {
    return role(room, identity).filter(role -> role == Role.HOST).isPresent();
  }

  private boolean isSpectator(RoomInfo room, String identity) {
    return role(room, identity).filter(role -> role == Role.SPECTATOR).isPresent();
  }

  private static boolean isHostLink(Lookup found) {
    return found instanceof Lookup.Valid(var role, _, var invitation)
        && role == Role.HOST
        && invitation.isEmpty();
  }

  private static Role highestRole(Optional<Role> memberRole, Lookup found) {
    var linkRole =
        found instanceof Lookup.Valid valid ? Optional.of(valid.role()) : Optional.<Role>empty();
    // The host role has the lowest ordinal, so the highest role is the smallest value.
    return Stream.concat(memberRole.stream(), linkRole.stream())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static Role roleOf(Lookup found) {
    return switch (found) {
      case Lookup.Valid valid -> valid.role();
      case Lookup.Invalid _ ->
          throw new IllegalStateException("only a member may enter with an invalid key");
    };
  }

  /**
   * Counts a use of an invitation, except for {@code CHECK}.
   *
   * @return the refusal if the invitation is used up and the identity did not join with it
   */
  private Optional<AccessRefusal> countUse(
      String slug, Lookup.Valid valid, String identity, Purpose purpose) {
    if (valid.invitation().isEmpty()) {
      return Optional.empty();
    }
    if (purpose != Purpose.CHECK) {
      return invitations.countUse(slug, valid.name(), identity)
          ? Optional.empty()
          : Optional.of(USED_UP);
    }
    return valid
        .invitation()
        .filter(Invitation::isUsedUp)
        .filter(usedUp -> !usedUp.usedBy().contains(identity))
        .map(_ -> USED_UP);
  }

  /**
   * The reason why an authorized caller must leave the room; empty if it may stay. It must leave if
   * its link ended, if a host removed it, or if its role is lower than when it connected. The end
   * of a link does not affect members who are hosts.
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
      if (role.filter(current -> caller.role().compareTo(current) < 0).isPresent()) {
        return Optional.of(ROLE_CHANGED);
      }
      if (isHost(room.get(), identity)) {
        return Optional.empty();
      }
    }
    return caller.link().flatMap(name -> links.end(slug, name));
  }

  /**
   * As {@link #refusal}, for an open connection after a change of the records. It must also close
   * if a host gave its caller a higher role, so that the caller connects again with that role.
   */
  public Optional<AccessRefusal> refusalOfOpen(Caller caller) {
    return refusal(caller).or(() -> hasHigherRole(caller) ? Optional.of(ROLE_CHANGED) : NONE);
  }

  private boolean hasHigherRole(Caller caller) {
    var room = caller.scope().flatMap(rooms::byDocument);
    if (room.isEmpty() || caller.identity().isEmpty()) {
      return false;
    }
    var identity = caller.identity().get();
    var given =
        owners.isOwner(room.get(), identity)
            ? Role.HOST
            : members.of(room.get().slug(), identity).role();
    return given != null && given.compareTo(caller.role()) < 0;
  }

  /** Whether a caller is a member of its room with the host role. */
  boolean isHost(Caller caller) {
    var room = caller.scope().flatMap(rooms::byDocument);
    return room.isPresent()
        && caller.identity().filter(identity -> isHost(room.get(), identity)).isPresent();
  }

  private static final Optional<AccessRefusal> NONE = Optional.empty();

  /** Learns what other nodes have decided about an identity, and who owns the room. */
  public void refresh(RoomInfo room, String identity) {
    var _ = members.refresh(fresh, room.slug(), identity);
    var _ = owners.refresh(fresh, room.slug());
  }

  /**
   * As {@link #refusal}, for a caller that another node of the cluster may have authorized a moment
   * ago: before a refusal, asks the cluster for the records that decide.
   *
   * @throws dev.parlor.relay.storage.StoreUnavailableException if the cluster does not answer
   */
  public Optional<AccessRefusal> refusalNow(Caller caller) {
    var refusal = refusal(caller);
    var room = caller.scope().flatMap(rooms::byDocument);
    if (refusal.isEmpty() || room.isEmpty()) {
      return refusal;
    }
    var slug = room.get().slug();
    var wasAsked =
        caller.link().isPresent() && links.refreshNamed(fresh, slug, caller.link().get());
    if (caller.identity().isPresent()) {
      wasAsked |= members.refresh(fresh, slug, caller.identity().get());
      wasAsked |= owners.refresh(fresh, slug);
    }
    return wasAsked ? refusal(caller) : refusal;
  }

  /** The refusal of callers without a key that are not members or have no identity. */
  public static final AccessRefusal NO_KEY =
      new AccessRefusal("AC5", 401, "unauthorized", "send the key of the room's link");

  static final AccessRefusal SECRET_NEEDED =
      new AccessRefusal(RoomSecret.RULE, 403, "secret-needed", "this room needs its secret");

  /** The refusal of callers that are not members of a room that a host has locked. */
  static final AccessRefusal LOCKED =
      new AccessRefusal(
          "AC15", 403, "room-locked", "a host locked this room; new people cannot enter now");

  static final AccessRefusal USED_UP =
      new AccessRefusal(
          "AC8",
          403,
          "used-up",
          "this link has been used the maximum number of times; ask for a new one");

  static final AccessRefusal JOIN_REQUIRED =
      new AccessRefusal(
          "AC8",
          403,
          "used-up",
          "this link has a maximum number of uses: join over HTTP with an identity first");

  static final AccessRefusal SINGLE =
      new AccessRefusal(
          "AC14", 403, "single", "this room is for one person; only its owner can enter");

  public static final AccessRefusal KICKED =
      new AccessRefusal("AC9", 403, "kicked", "a host removed you from this room");

  public static final AccessRefusal ROLE_CHANGED =
      new AccessRefusal(
          "AC10", 403, "role-changed", "a host changed what you may do here; come in again");
}
