package dev.parlor.server.access;

import dev.parlor.server.config.Limits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Challenges that are good once and for seconds. Each carries its own end and a MAC for its subject
 * under a key that this process made at its start, so asking for many fills nothing and pushes out
 * nobody's. Only those that were <i>used</i> are remembered until they expire ({@link
 * Limits.Proofs}), and only a right answer uses one. Safe from any thread.
 */
public final class Nonces {
  private static final int RANDOM_CHARACTERS = 43;

  private final Limits.Proofs limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final Macs macs;

  /** Used ones by their random part, in the order of their use. */
  private final LinkedHashMap<String, Instant> used = new LinkedHashMap<>();

  public Nonces(Limits.Proofs limits, RandomIds ids, InstantSource clock) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
    this.macs = new Macs(ids.bytes(32));
  }

  /** What to answer. */
  public record Nonce(String value, Instant expiresAt) {
    /** Without the value. */
    @Override
    public String toString() {
      return "Nonce[until " + expiresAt + "]";
    }
  }

  /**
   * A fresh one: 32 random bytes, its end, and the MAC of both for this subject.
   *
   * @param subject who is to answer, and what
   */
  public Nonce issue(String subject) {
    var expiresAt = clock.instant().plusSeconds(limits.nonceSeconds());
    var random = ids.secret();
    var end = Long.toString(expiresAt.toEpochMilli());
    return new Nonce(random + "." + end + "." + macs.mac(subject, random, end), expiresAt);
  }

  /** Why a nonce is not one for this subject now; used or not is seen by {@link #use}. */
  Optional<AccessRefusal> problem(String subject, String nonce) {
    var parts = nonce.split("\\.", -1);
    if (parts.length != 3
        || parts[0].length() != RANDOM_CHARACTERS
        || !MessageDigest.isEqual(
            macs.mac(subject, parts[0], parts[1]).getBytes(StandardCharsets.UTF_8),
            parts[2].getBytes(StandardCharsets.UTF_8))) {
      return refusal("AC1", "nonce-unknown", "this nonce was not made here for this identity");
    }
    return clock.instant().isBefore(Instant.ofEpochMilli(Long.parseLong(parts[1])))
        ? Optional.empty()
        : refusal("AC2", "nonce-expired", "this nonce is too old; ask for another");
  }

  /** Uses up a nonce without {@link #problem} whose answer was right, or says why it cannot be. */
  Optional<AccessRefusal> use(String nonce) {
    var parts = nonce.split("\\.", -1);
    synchronized (used) {
      forgetExpired(clock.instant());
      if (used.containsKey(parts[0])) {
        return refusal("AC3", "nonce-used", "this nonce was used before; ask for another");
      }
      if (used.size() >= limits.noncesUsedMax()) {
        return Optional.of(
            new AccessRefusal("AC3", 503, "busy", "too many proofs at the moment; try again"));
      }
      used.put(parts[0], Instant.ofEpochMilli(Long.parseLong(parts[1])));
    }
    return Optional.empty();
  }

  /** How many used ones are remembered. */
  int remembered() {
    synchronized (used) {
      return used.size();
    }
  }

  /** All live equally long and are used within that time, so this clears what it must. */
  private void forgetExpired(Instant now) {
    while (!used.isEmpty() && !now.isBefore(used.firstEntry().getValue())) {
      used.pollFirstEntry();
    }
  }

  private static Optional<AccessRefusal> refusal(String rule, String code, String reason) {
    return Optional.of(new AccessRefusal(rule, 401, code, reason));
  }
}
