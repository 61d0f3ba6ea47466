package dev.parlor.server.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.server.config.Limits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * How a key pair proves an identity: the server gives a nonce, the browser signs it, the server
 * gives a token for some minutes.
 *
 * <h2>What is kept</h2>
 *
 * Nonces and tokens carry their own end and a MAC under a key that this process made at its start;
 * so asking for nonces fills nothing, and nobody can push out another's. Only nonces that were
 * <i>used</i> are remembered until they expire ({@link Limits.Proofs}), and only the owner of a key
 * can use one. A restart ends every session; the browser proves itself again.
 *
 * <h2>What is signed</h2>
 *
 * The text of {@link #text}, which names the page's origin: a signature that another site was given
 * is worth nothing here.
 */
public final class Sessions {

  /** Every session token begins so; identities never do. */
  private static final String TOKEN_HEAD = "ps1.";

  private static final int TOKEN_LENGTH_MAX = 256;
  private static final int RANDOM_CHARACTERS = 43;

  private final Limits.Proofs limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final Macs macs;

  /** Used nonces by their random part, in the order of their use. */
  private final LinkedHashMap<String, Instant> used = new LinkedHashMap<>();

  public Sessions(Limits.Proofs limits, RandomIds ids, InstantSource clock) {
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
    this.macs = new Macs(ids.bytes(32));
  }

  /** What to sign, good once and for seconds. */
  public record Nonce(String value, Instant expiresAt) {
    /** Without the value. */
    @Override
    public String toString() {
      return "Nonce[until " + expiresAt + "]";
    }
  }

  /** Whether a proof was good. */
  public sealed interface Outcome {
    /** It was: a bearer token until then. */
    record Opened(String token, Instant expiresAt) implements Outcome {
      /** Without the token. */
      @Override
      public String toString() {
        return "Opened[until " + expiresAt + "]";
      }
    }

    /** It was not. */
    record Refused(AccessRefusal refusal) implements Outcome {}
  }

  /** A fresh nonce: 32 random bytes, its end, and the MAC of both for this identity. */
  public Nonce nonce(String identity) {
    var expiresAt = clock.instant().plusSeconds(limits.nonceSeconds());
    var random = ids.secret();
    var end = Long.toString(expiresAt.toEpochMilli());
    return new Nonce(
        random + "." + end + "." + macs.mac("nonce", identity, random, end), expiresAt);
  }

  /** The text that a browser signs. */
  public static String text(String origin, String identity, String nonce) {
    return "parlor identity proof 1\norigin: "
        + origin
        + "\nidentity: "
        + identity
        + "\nnonce: "
        + nonce
        + "\n";
  }

  /**
   * Judges a proof and uses its nonce up.
   *
   * @param origin what the page has as its origin, as the server sees it
   */
  public Outcome prove(
      String identity, ProofKey key, String origin, String nonce, Bytes signature) {
    var parts = nonce.split("\\.", -1);
    if (parts.length != 3
        || parts[0].length() != RANDOM_CHARACTERS
        || !same(macs.mac("nonce", identity, parts[0], parts[1]), parts[2])) {
      return refused("AC1", "nonce-unknown", "this nonce was not made here for this identity");
    }
    var expiresAt = Instant.ofEpochMilli(Long.parseLong(parts[1]));
    var now = clock.instant();
    if (!now.isBefore(expiresAt)) {
      return refused("AC2", "nonce-expired", "this nonce is too old; ask for another");
    }
    if (!key.verifies(Bytes.utf8(text(origin, identity, nonce)), signature)) {
      return refused(
          "AC4",
          "bad-signature",
          "the signature is not this identity's for this nonce at " + origin);
    }
    synchronized (used) {
      forgetExpired(now);
      if (used.containsKey(parts[0])) {
        return refused("AC3", "nonce-used", "this nonce was used before; ask for another");
      }
      if (used.size() >= limits.noncesUsedMax()) {
        return new Outcome.Refused(
            new AccessRefusal("AC3", 503, "busy", "too many proofs at the moment; try again"));
      }
      used.put(parts[0], expiresAt);
    }
    return open(identity, now);
  }

  private Outcome open(String identity, Instant now) {
    var expiresAt = now.plusSeconds(limits.sessionSeconds());
    var end = Long.toString(expiresAt.toEpochMilli());
    var token = TOKEN_HEAD + identity + "." + end + "." + macs.mac("session", identity, end);
    return new Outcome.Opened(token, expiresAt);
  }

  /** Whether the token is one of ours by its form, good or not. */
  public static boolean isToken(String token) {
    return token.startsWith(TOKEN_HEAD);
  }

  /** The identity whose session this is, while it lasts; compares in constant time. */
  public Optional<String> proved(String token) {
    if (!isToken(token) || token.length() > TOKEN_LENGTH_MAX) {
      return Optional.empty();
    }
    var parts = token.substring(TOKEN_HEAD.length()).split("\\.", -1);
    if (parts.length != 3 || !same(macs.mac("session", parts[0], parts[1]), parts[2])) {
      return Optional.empty();
    }
    return clock.instant().isBefore(Instant.ofEpochMilli(Long.parseLong(parts[1])))
        ? Optional.of(parts[0])
        : Optional.empty();
  }

  /** How many used nonces are remembered. */
  int remembered() {
    synchronized (used) {
      return used.size();
    }
  }

  /** All nonces live equally long and are used within that time, so this clears what it must. */
  private void forgetExpired(Instant now) {
    while (!used.isEmpty() && !now.isBefore(used.firstEntry().getValue())) {
      used.pollFirstEntry();
    }
  }

  private static Outcome refused(String rule, String code, String reason) {
    return new Outcome.Refused(new AccessRefusal(rule, 401, code, reason));
  }

  private static boolean same(String ours, String shown) {
    return MessageDigest.isEqual(
        ours.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
  }

  /** Base64url without padding as the browser sends a signature; empty when it is none. */
  public static Optional<Bytes> signature(String text) {
    try {
      return Optional.of(Bytes.wrap(Base64.getUrlDecoder().decode(text)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
