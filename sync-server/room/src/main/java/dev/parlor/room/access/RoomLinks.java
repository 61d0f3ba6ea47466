package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.limits.FixedServiceLimits;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;

/**
 * The links of rooms: one link for each role, and the invitations. Each role's link exists from the
 * creation of the room. Replacing it ends the link and starts its next generation.
 *
 * <p>A link has a name and a key. The name is not secret ({@code player.2}, {@code inv_…}). Only
 * hosts and people who have the link see the key.
 */
public final class RoomLinks {

  private static final int ID_LENGTH = 4 + RandomIds.LENGTH;
  private static final int INVITATION_LENGTH = ID_LENGTH + 1 + LinkKeys.LENGTH;

  private final LinkKeys keys;
  private final RecordTable generations;
  private final Invitations invitations;
  private final InstantSource clock;

  /**
   * @param generations the durable table {@code links}: for {@code <slug>/<role>}, how many times
   *     the link was replaced
   */
  public RoomLinks(
      LinkKeys keys, RecordTable generations, Invitations invitations, InstantSource clock) {
    this.keys = keys;
    this.generations = generations;
    this.invitations = invitations;
    this.clock = clock;
  }

  /** The result of a key lookup. */
  sealed interface Lookup {
    /** The key of a valid link. */
    record Valid(Role role, String name, Optional<Invitation> invitation) implements Lookup {}

    /** The key of a link that has ended, or of no link. */
    record Invalid(AccessRefusal refusal) implements Lookup {}
  }

  /** The key of a role's current link. */
  public String key(String slug, Role role) {
    return keys.roleKey(slug, role, generation(slug, role));
  }

  /** The key of an invitation's link. */
  public String key(String slug, Invitation invitation) {
    return invitation.id() + "_" + keys.invitationKey(slug, invitation.id());
  }

  /**
   * Ends a role's link and starts the next generation; on disk when this returns.
   *
   * @return the name of the ended link
   */
  public String replace(String slug, Role role) {
    return RecordUpdate.run(
        generations,
        slug + "/" + lower(role),
        stored -> {
          var ended = generation(stored);
          return RecordUpdate.Decision.put(
              Bytes.utf8(Integer.toString(ended + 1)), name(role, ended));
        });
  }

  /** Looks up a key. Compares it with the keys of all roles, each in constant time. */
  Lookup find(String slug, String key) {
    if (key.length() == INVITATION_LENGTH) {
      return invitation(slug, key);
    }
    Optional<Lookup> found = Optional.empty();
    for (var role : Role.values()) {
      var current = generation(slug, role);
      for (var generation = Math.max(0, current - FixedServiceLimits.ENDED_LINKS_MAX);
          generation <= current;
          generation++) {
        if (LinkKeys.isEqual(keys.roleKey(slug, role, generation), key)) {
          found =
              Optional.of(
                  generation == current
                      ? new Lookup.Valid(role, name(role, generation), Optional.empty())
                      : new Lookup.Invalid(REVOKED));
        }
      }
    }
    return found.orElseGet(() -> new Lookup.Invalid(WRONG));
  }

  private Lookup invitation(String slug, String key) {
    var id = key.substring(0, ID_LENGTH);
    if (!LinkKeys.isEqual(keys.invitationKey(slug, id), key.substring(ID_LENGTH + 1))) {
      return new Lookup.Invalid(WRONG);
    }
    var found = invitations.find(slug, id);
    if (found.isEmpty()) {
      return new Lookup.Invalid(REVOKED);
    }
    return end(found.get())
        .<Lookup>map(Lookup.Invalid::new)
        .orElseGet(() -> new Lookup.Valid(found.get().role(), id, found));
  }

  /** The reason why the invitation has ended; empty if it is valid. */
  private Optional<AccessRefusal> end(Invitation invitation) {
    if (invitation.revoked()) {
      return Optional.of(REVOKED);
    }
    return invitation.isExpired(clock.instant()) ? Optional.of(EXPIRED) : Optional.empty();
  }

  /** The reason why the link of this name has ended; empty if it is valid. */
  Optional<AccessRefusal> end(String slug, String name) {
    if (name.startsWith("inv_")) {
      return invitations.find(slug, name).map(this::end).orElseGet(() -> Optional.of(REVOKED));
    }
    for (var role : Role.values()) {
      if (name.equals(name(role, generation(slug, role)))) {
        return Optional.empty();
      }
    }
    return Optional.of(REVOKED);
  }

  /**
   * The role of the link of this name, which may have ended; empty for an invitation that was
   * deleted.
   */
  public Optional<Role> roleOf(String slug, String name) {
    return name.startsWith("inv_")
        ? invitations.find(slug, name).map(Invitation::role)
        : Optional.of(roleOf(name));
  }

  /** The role in the name of a role's link, such as {@code player.2}. */
  public static Role roleOf(String name) {
    return Role.valueOf(name.substring(0, name.indexOf('.')).toUpperCase(Locale.ROOT));
  }

  /** Whether this is the key of a role's link that has ended. */
  boolean isEndedLink(String slug, String key) {
    return key.length() != INVITATION_LENGTH && find(slug, key).equals(new Lookup.Invalid(REVOKED));
  }

  /**
   * Whether this is or was the key of the host link. Invitations with the host role do not count.
   */
  boolean isHostLink(String slug, String key) {
    var current = generation(slug, Role.HOST);
    var isHostLink = false;
    for (var generation = Math.max(0, current - FixedServiceLimits.ENDED_LINKS_MAX);
        generation <= current;
        generation++) {
      isHostLink |= LinkKeys.isEqual(keys.roleKey(slug, Role.HOST, generation), key);
    }
    return isHostLink;
  }

  private int generation(String slug, Role role) {
    return generation(generations.get(slug + "/" + lower(role)));
  }

  private static int generation(Optional<Bytes> stored) {
    return stored.map(Bytes::toUtf8).map(Integer::parseInt).orElse(0);
  }

  /**
   * Asks the cluster for the record of the link of this name.
   *
   * @return whether the cluster was asked
   */
  boolean refreshNamed(FreshRecords fresh, String slug, String name) {
    return name.startsWith("inv_")
        ? invitations.refresh(fresh, slug, name)
        : fresh.refresh(generations, slug + "/" + lower(roleOf(name)));
  }

  /**
   * Asks the cluster for the records that decide about a key.
   *
   * @return whether the cluster was asked
   */
  boolean refresh(FreshRecords fresh, String slug, String key) {
    if (key.length() == INVITATION_LENGTH) {
      var id = key.substring(0, ID_LENGTH);
      return LinkKeys.isEqual(keys.invitationKey(slug, id), key.substring(ID_LENGTH + 1))
          && invitations.refresh(fresh, slug, id);
    }
    var wasAsked = false;
    if (key.length() == LinkKeys.LENGTH) {
      for (var role : Role.values()) {
        wasAsked |= fresh.refresh(generations, slug + "/" + lower(role));
      }
    }
    return wasAsked;
  }

  private static String name(Role role, int generation) {
    return lower(role) + "." + generation;
  }

  private static String lower(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  static final AccessRefusal WRONG =
      new AccessRefusal("AC5", 403, "wrong-key", "this key does not open this room");

  public static final AccessRefusal REVOKED =
      new AccessRefusal("AC6", 403, "revoked", "a host ended this link; ask for a new one");

  public static final AccessRefusal EXPIRED =
      new AccessRefusal("AC7", 403, "expired", "this link has expired; ask for a new one");
}
