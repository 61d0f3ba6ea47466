package dev.parlor.room.access;

import dev.parlor.relay.admission.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An invitation link that a host created. It can have an expiry time and a maximum number of uses,
 * and a host can revoke it.
 *
 * @param id the name of the link, which is not secret, for example {@code
 *     inv_5Kd3NBUAdUnhyzenEwVLy3}
 * @param by the identity that created the invitation
 * @param expiresAt the time from which the link is invalid for everyone; empty if it never expires
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

  public boolean expired(Instant now) {
    return expiresAt.filter(end -> !now.isBefore(end)).isPresent();
  }

  public boolean usedUp() {
    return usesMax.filter(most -> usedBy.size() >= most).isPresent();
  }

  /** Whether the link has ended for everyone, including the people who joined with it. */
  boolean over(Instant now) {
    return revoked || expired(now);
  }

  /** As revoked by a host. */
  Invitation ended() {
    return new Invitation(id, role, by, createdAt, expiresAt, usesMax, usedBy, true);
  }

  /** With one more identity that joined. */
  Invitation usedAlsoBy(String identity) {
    var all = new ArrayList<>(usedBy);
    all.add(identity);
    return new Invitation(id, role, by, createdAt, expiresAt, usesMax, all, revoked);
  }
}
