package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Issues and checks nonces: challenges that are valid once and for a few seconds. Each nonce
 * contains its expiry time and a MAC for its subject, under a key that this process creates at
 * start, or that all nodes of a cluster share. Issued nonces are therefore not stored, so a client
 * that requests many nonces uses no memory and evicts no other nonce. Only <i>used</i> nonces are
 * stored until they expire ({@link ServiceLimits.Proofs}), and only a correct answer uses a nonce.
 * In a cluster the used nonces are brief records, so that no two nodes accept the same nonce.
 * Thread-safe.
 */
public final class Nonces {
  private static final int RANDOM_CHARACTERS = 43;

  private final ServiceLimits.Proofs limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final Macs macs;
  private final @Nullable BriefRecords brief;

  /** Used nonces by their random part, in the order of use. */
  private final LinkedHashMap<String, Instant> used = new LinkedHashMap<>();

  /** Creates the nonces of a server on one machine. */
  public Nonces(ServiceLimits.Proofs limits, RandomIds ids, InstantSource clock) {
    this(limits, ids, clock, ids.bytes(32), null);
  }

  /**
   * Creates the nonces of a node.
   *
   * @param key the key of the MACs, which all nodes share
   * @param brief the used nonces of all nodes; null on one machine
   */
  Nonces(
      ServiceLimits.Proofs limits,
      RandomIds ids,
      InstantSource clock,
      byte[] key,
      @Nullable BriefRecords brief) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
    this.macs = new Macs(key);
    this.brief = brief;
  }

  /** A challenge. */
  public record Nonce(String value, Instant expiresAt) {
    /** Omits the value. */
    @Override
    public String toString() {
      return "Nonce[until " + expiresAt + "]";
    }
  }

  /**
   * Creates a nonce: 32 random bytes, the expiry time, and the MAC of both for this subject.
   *
   * @param subject the caller and the purpose that the nonce is for
   */
  public Nonce issue(String subject) {
    var expiresAt = clock.instant().plusSeconds(limits.nonceSeconds());
    var random = ids.secret();
    var expiryMillis = Long.toString(expiresAt.toEpochMilli());
    var mac = macs.mac(subject, random, expiryMillis);
    return new Nonce(random + "." + expiryMillis + "." + mac, expiresAt);
  }

  /**
   * The reason why a nonce is invalid for this subject; empty if it is valid. Does not check
   * whether the nonce was used; see {@link #use}.
   */
  Optional<AccessRefusal> problem(String subject, String nonce) {
    var parts = nonce.split("\\.", -1);
    if (parts.length != 3
        || parts[0].length() != RANDOM_CHARACTERS
        || !MessageDigest.isEqual(
            macs.mac(subject, parts[0], parts[1]).getBytes(StandardCharsets.UTF_8),
            parts[2].getBytes(StandardCharsets.UTF_8))) {
      return refusal("AC1", "nonce-unknown", "this nonce was not issued to this identity");
    }
    return clock.instant().isBefore(Instant.ofEpochMilli(Long.parseLong(parts[1])))
        ? Optional.empty()
        : refusal("AC2", "nonce-expired", "this nonce has expired; request a new one");
  }

  /**
   * Marks a nonce as used, or returns the reason why it cannot be used. Call this only if {@link
   * #problem} is empty and the answer is correct. In a cluster, waits for it.
   *
   * @throws StoreUnavailableException if the cluster does not answer
   */
  Optional<AccessRefusal> use(String nonce) {
    var parts = nonce.split("\\.", -1);
    if (brief != null) {
      return ClusterReply.await(
              brief.putOnce(
                  "nonce/" + parts[0],
                  Bytes.EMPTY,
                  Duration.ofSeconds(
                      limits.nonceSeconds() + FixedServiceLimits.CLOCK_DIFFERENCE_SECONDS_MAX)))
          ? Optional.empty()
          : USED;
    }
    synchronized (used) {
      removeExpired(clock.instant());
      if (used.containsKey(parts[0])) {
        return USED;
      }
      if (used.size() >= limits.noncesUsedMax()) {
        return Optional.of(
            new AccessRefusal(
                "AC3", 503, "busy", "the server has too many proofs at the moment; try again"));
      }
      used.put(parts[0], Instant.ofEpochMilli(Long.parseLong(parts[1])));
    }
    return Optional.empty();
  }

  /** The number of stored used nonces. */
  int usedCount() {
    synchronized (used) {
      return used.size();
    }
  }

  /**
   * Removes expired nonces from the front. The map is in the order of use, not of expiry. So an
   * expired nonce may be removed late, but by no more than the lifetime of a nonce.
   */
  private void removeExpired(Instant now) {
    while (!used.isEmpty() && !now.isBefore(used.firstEntry().getValue())) {
      used.pollFirstEntry();
    }
  }

  private static final Optional<AccessRefusal> USED =
      refusal("AC3", "nonce-used", "this nonce was used before; request a new one");

  private static Optional<AccessRefusal> refusal(String rule, String code, String reason) {
    return Optional.of(new AccessRefusal(rule, 401, code, reason));
  }
}
