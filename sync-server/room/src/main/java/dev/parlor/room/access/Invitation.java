package dev.parlor.room.access;

import dev.parlor.relay.admission.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A link to a room that a host created as an invitation. It can have an expiry time and a maximum
 * number of uses, and a host can revoke it.
 *
 * @param id the name of the link, which is not secret, for example {@code
 *     inv_5Kd3NBUAdUnhyzenEwVLy3}
 * @param by the identity that created the invitation
 * @param expiresAt the time from which the link is invalid, also for people who joined with it;
 *     empty if it never expires
 * @param usesMax the maximum number of identities that may join with the link; empty for no maximum
 * @param usedBy the identities that joined with the link; recorded only if there is a maximum
 * @param revoked whether a host revoked the invitation
 */
public record Invitation(
    String id,
    Role role,
    String by,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<Integer> usesMax,
    List<String> usedBy,
    boolean revoked) {

  public Invitation {
    usedBy = List.copyOf(usedBy);
  }

  public boolean isExpired(Instant now) {
    return expiresAt.filter(end -> !now.isBefore(end)).isPresent();
  }

  public boolean isUsedUp() {
    return usesMax.filter(max -> usedBy.size() >= max).isPresent();
  }

  /** Whether the link is invalid, also for people who joined with it. */
  boolean hasEnded(Instant now) {
    return revoked || isExpired(now);
  }

  /** A copy that a host has revoked. */
  Invitation withRevoked() {
    return new Invitation(id, role, by, createdAt, expiresAt, usesMax, usedBy, true);
  }

  /** A copy with one more identity in {@code usedBy}. */
  Invitation withUseBy(String identity) {
    var all = new ArrayList<>(usedBy);
    all.add(identity);
    return new Invitation(id, role, by, createdAt, expiresAt, usesMax, all, revoked);
  }
}
