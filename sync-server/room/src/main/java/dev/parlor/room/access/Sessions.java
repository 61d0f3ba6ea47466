package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Sessions of identities with a key pair. The server issues a nonce, the browser signs it, and the
 * server issues a token that is valid for some minutes. A token contains its expiry time and a MAC.
 * On one machine the key of the MAC exists only in this process: a restart ends every session, and
 * the browser signs a new nonce. In a cluster all nodes have the same key in the table {@code
 * secrets}: a session is valid on every node, and also after all nodes were restarted.
 *
 * <p>The browser signs {@link #textToSign}, which contains the page's origin. A signature for
 * another site is therefore invalid here.
 */
public final class Sessions {

  /** The prefix of session tokens; identities never begin with it. */
  private static final String TOKEN_PREFIX = "ps1.";

  private final ServiceLimits.Proofs limits;
  private final Nonces nonces;
  private final InstantSource clock;
  private final Macs macs;

  /** Creates the sessions of a server on one machine. */
  public Sessions(ServiceLimits.Proofs limits, Nonces nonces, RandomIds ids, InstantSource clock) {
    this(limits, nonces, ids.bytes(32), clock);
  }

  /**
   * Creates the sessions of a node.
   *
   * @param key the key of the MACs, which all nodes share
   */
  Sessions(ServiceLimits.Proofs limits, Nonces nonces, byte[] key, InstantSource clock) {
    this.limits = limits;
    this.nonces = nonces;
    this.clock = clock;
    this.macs = new Macs(key);
  }

  /** The result of {@link #open}. */
  public sealed interface Outcome {
    /** The signature is valid: a bearer token and its expiry time. */
    record Opened(String token, Instant expiresAt) implements Outcome {
      /** Omits the token. */
      @Override
      public String toString() {
        return "Opened[until " + expiresAt + "]";
      }
    }

    /** The nonce or the signature is not valid. */
    record Refused(AccessRefusal refusal) implements Outcome {}
  }

  /** Issues the nonce that this identity must sign. */
  public Nonces.Nonce issueNonce(String identity) {
    return nonces.issue(subject(identity));
  }

  private static String subject(String identity) {
    return "identity " + identity;
  }

  /** The text that a browser signs. */
  public static String textToSign(String origin, String identity, String nonce) {
    return "parlor identity proof 1\norigin: "
        + origin
        + "\nidentity: "
        + identity
        + "\nnonce: "
        + nonce
        + "\n";
  }

  /**
   * Opens a session if the signature is valid. A valid signature uses its nonce.
   *
   * @param origin the origin of the page, as the server determines it from the request
   */
  public Outcome open(String identity, ProofKey key, String origin, String nonce, Bytes signature) {
    var problem = nonces.problem(subject(identity), nonce);
    if (problem.isPresent()) {
      return new Outcome.Refused(problem.get());
    }
    if (!key.verifies(Bytes.utf8(textToSign(origin, identity, nonce)), signature)) {
      return new Outcome.Refused(
          new AccessRefusal(
              "AC4",
              401,
              "bad-signature",
              "the signature does not match this identity and nonce at origin " + origin));
    }
    return nonces
        .use(nonce)
        .<Outcome>map(Outcome.Refused::new)
        .orElseGet(() -> newSession(identity));
  }

  private Outcome newSession(String identity) {
    var expiresAt = clock.instant().plusSeconds(limits.sessionSeconds());
    var expiryMillis = Long.toString(expiresAt.toEpochMilli());
    var mac = macs.mac(identity, expiryMillis);
    var token = TOKEN_PREFIX + identity + "." + expiryMillis + "." + mac;
    return new Outcome.Opened(token, expiresAt);
  }

  /** Whether the token has the form of a session token, valid or not. */
  public static boolean isToken(String token) {
    return token.startsWith(TOKEN_PREFIX);
  }

  /** The identity of this session; empty if the token is invalid. Compares in constant time. */
  public Optional<String> identityOf(String token) {
    if (!isToken(token) || token.length() > FixedServiceLimits.SESSION_TOKEN_LENGTH_MAX) {
      return Optional.empty();
    }
    var parts = token.substring(TOKEN_PREFIX.length()).split("\\.", -1);
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

  /** Decodes a signature from base64url without padding; empty if it is malformed. */
  public static Optional<Bytes> decodeSignature(String text) {
    try {
      return Optional.of(Bytes.wrap(Base64.getUrlDecoder().decode(text)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
