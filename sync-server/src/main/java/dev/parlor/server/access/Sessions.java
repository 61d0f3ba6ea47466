package dev.parlor.server.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * How a key pair proves an identity: the server gives a nonce, the browser signs it, the server
 * gives a token for some minutes. A token carries its own end and a MAC under a key of this
 * process: a restart ends every session, and the browser proves itself again.
 *
 * <p>What is signed is {@link #text}, which names the page's origin: a signature that another site
 * was given is worth nothing here.
 */
public final class Sessions {

  /** Every session token begins so; identities never do. */
  private static final String TOKEN_HEAD = "ps1.";

  private final Limits.Proofs limits;
  private final Nonces nonces;
  private final InstantSource clock;
  private final Macs macs;

  public Sessions(Limits.Proofs limits, Nonces nonces, RandomIds ids, InstantSource clock) {
    this.limits = limits;
    this.nonces = nonces;
    this.clock = clock;
    this.macs = new Macs(ids.bytes(32));
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

  /** What this identity has to sign. */
  public Nonces.Nonce nonce(String identity) {
    return nonces.issue(subject(identity));
  }

  private static String subject(String identity) {
    return "identity " + identity;
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
    var problem = nonces.problem(subject(identity), nonce);
    if (problem.isPresent()) {
      return new Outcome.Refused(problem.get());
    }
    if (!key.verifies(Bytes.utf8(text(origin, identity, nonce)), signature)) {
      return new Outcome.Refused(
          new AccessRefusal(
              "AC4",
              401,
              "bad-signature",
              "the signature is not this identity's for this nonce at " + origin));
    }
    return nonces.use(nonce).<Outcome>map(Outcome.Refused::new).orElseGet(() -> open(identity));
  }

  private Outcome open(String identity) {
    var expiresAt = clock.instant().plusSeconds(limits.sessionSeconds());
    var end = Long.toString(expiresAt.toEpochMilli());
    var token = TOKEN_HEAD + identity + "." + end + "." + macs.mac(identity, end);
    return new Outcome.Opened(token, expiresAt);
  }

  /** Whether the token is one of ours by its form, good or not. */
  public static boolean isToken(String token) {
    return token.startsWith(TOKEN_HEAD);
  }

  /** The identity whose session this is, while it lasts; compares in constant time. */
  public Optional<String> proved(String token) {
    if (!isToken(token) || token.length() > FixedLimits.SESSION_TOKEN_LENGTH_MAX) {
      return Optional.empty();
    }
    var parts = token.substring(TOKEN_HEAD.length()).split("\\.", -1);
    if (parts.length != 3
        || !MessageDigest.isEqual(
            macs.mac(parts[0], parts[1]).getBytes(StandardCharsets.UTF_8),
            parts[2].getBytes(StandardCharsets.UTF_8))) {
      return Optional.empty();
    }
    return clock.instant().isBefore(Instant.ofEpochMilli(Long.parseLong(parts[1])))
        ? Optional.of(parts[0])
        : Optional.empty();
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
