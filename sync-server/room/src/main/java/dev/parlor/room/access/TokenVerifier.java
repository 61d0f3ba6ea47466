package dev.parlor.room.access;

import dev.parlor.relay.token.JwtVerifier;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies bearer tokens of all three kinds: session tokens, tokens of identities without a key
 * pair, and JSON Web Tokens of the configured issuer.
 */
public final class TokenVerifier {
  private final Identities identities;
  private final Sessions sessions;
  private final @Nullable JwtIdentities jwtIdentities;

  /**
   * @param jwtIdentities the identities by JSON Web Tokens; empty if no issuer is configured
   */
  public TokenVerifier(
      Identities identities, Sessions sessions, Optional<JwtIdentities> jwtIdentities) {
    this.identities = identities;
    this.sessions = sessions;
    this.jwtIdentities = jwtIdentities.orElse(null);
  }

  /** The result of a verification. */
  public sealed interface Verification {
    /**
     * The token proves this identity.
     *
     * @param name the person's name according to the token's issuer, if given
     */
    record Proved(String identity, Optional<String> name) implements Verification {}

    /** The token is invalid, or cannot be verified now. */
    record Refused(AccessRefusal refusal) implements Verification {}
  }

  public Verification verify(String token) {
    var verifier = jwtIdentities;
    if (verifier != null && JwtVerifier.isToken(token)) {
      return verifier.verify(token);
    }
    var identityOfToken =
        Sessions.isToken(token) ? sessions.identityOf(token) : identities.identityOf(token);
    return identityOfToken
        .<Verification>map(identity -> new Verification.Proved(identity, Optional.empty()))
        .orElseGet(() -> new Verification.Refused(UNKNOWN));
  }

  /** The identity that this token proves; empty if the token is refused. */
  public Optional<String> identityOf(String token) {
    return verify(token) instanceof Verification.Proved(var identity, _)
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
