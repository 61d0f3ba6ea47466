package dev.parlor.server.access;

import dev.parlor.server.admission.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A link that a host made, with a life of its own.
 *
 * @param id its name, which anybody may know, for example {@code inv_5Kd3NBUAdUnhyzenEwVLy3}
 * @param by the identity that made it
 * @param expiresAt from when it opens nothing for anybody
 * @param usesMax how many identities may come in by it; empty for any number
 * @param usedBy those who came in, counted only where there is a maximum
 * @param revoked whether a host ended it
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

  boolean expired(Instant now) {
    return expiresAt.filter(end -> !now.isBefore(end)).isPresent();
  }

  boolean usedUp() {
    return usesMax.filter(most -> usedBy.size() >= most).isPresent();
  }

  /** Whether it lets nobody in any more, not even those who came by it. */
  boolean over(Instant now) {
    return revoked || expired(now);
  }
}
