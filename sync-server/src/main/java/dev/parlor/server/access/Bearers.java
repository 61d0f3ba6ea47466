package dev.parlor.server.access;

import java.util.Optional;

/** Which identity stands behind a bearer token, of whichever kind: a session's or a lasting one. */
public final class Bearers {
  private final Identities identities;
  private final Sessions sessions;

  public Bearers(Identities identities, Sessions sessions) {
    this.identities = identities;
    this.sessions = sessions;
  }

  /** The identity that this token proves, or empty. */
  public Optional<String> proved(String token) {
    return Sessions.isToken(token) ? sessions.proved(token) : identities.proved(token);
  }
}
