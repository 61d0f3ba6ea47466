package dev.parlor.room.access;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies bearer tokens of all three kinds: session tokens, lasting tokens, and JSON Web Tokens of
 * the configured issuer.
 */
public final class TokenVerifier {
  private final Identities identities;
  private final Sessions sessions;
  private final @Nullable Jwts jwts;

  /**
   * @param jwts the verifier of JSON Web Tokens; empty if no issuer is configured
   */
  public TokenVerifier(Identities identities, Sessions sessions, Optional<Jwts> jwts) {
    this.identities = identities;
    this.sessions = sessions;
    this.jwts = jwts.orElse(null);
  }

  /** The result of a verification. */
  public sealed interface Proof {
    /**
     * The token proves this identity.
     *
     * @param name the person's name according to the token's issuer, if given
     */
    record Proved(String identity, Optional<String> name) implements Proof {}

    record Refused(AccessRefusal refusal) implements Proof {}
  }

  /** Verifies a token. */
  public Proof judge(String token) {
    var issued = jwts;
    if (issued != null && Jwts.isToken(token)) {
      return issued.judge(token);
    }
    var own = Sessions.isToken(token) ? sessions.proved(token) : identities.proved(token);
    return own.<Proof>map(identity -> new Proof.Proved(identity, Optional.empty()))
        .orElseGet(() -> new Proof.Refused(UNKNOWN));
  }

  /** The identity that this token proves, if any. */
  public Optional<String> proved(String token) {
    return judge(token) instanceof Proof.Proved(var identity, _)
        ? Optional.of(identity)
        : Optional.empty();
  }

  private static final AccessRefusal UNKNOWN =
      new AccessRefusal(
          "AC1",
          401,
          "unauthorized",
          "the token in Authorization is unknown or has expired; POST /api/identities creates a"
              + " new identity");
}
