package dev.parlor.server.access;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which identity stands behind a bearer token, of whichever kind: a session's, a lasting one, or a
 * JSON Web Token of the configured issuer.
 */
public final class TokenVerifier {
  private final Identities identities;
  private final Sessions sessions;
  private final @Nullable Jwts jwts;

  /**
   * @param jwts whose tokens count as well; empty for none
   */
  public TokenVerifier(Identities identities, Sessions sessions, Optional<Jwts> jwts) {
    this.identities = identities;
    this.sessions = sessions;
    this.jwts = jwts.orElse(null);
  }

  /** Who somebody is. */
  public sealed interface Proof {
    /**
     * It is this identity.
     *
     * @param name that the issuer of the token says, or empty
     */
    record Proved(String identity, Optional<String> name) implements Proof {}

    record Refused(AccessRefusal refusal) implements Proof {}
  }

  /** Judges a token. */
  public Proof judge(String token) {
    var issued = jwts;
    if (issued != null && Jwts.isToken(token)) {
      return issued.judge(token);
    }
    var own = Sessions.isToken(token) ? sessions.proved(token) : identities.proved(token);
    return own.<Proof>map(identity -> new Proof.Proved(identity, Optional.empty()))
        .orElseGet(() -> new Proof.Refused(UNKNOWN));
  }

  /** The identity that this token proves, or empty. */
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
          "the token in Authorization is unknown here or has run out; POST /api/identities makes a"
              + " new identity");
}
