package dev.parlor.relay.socket;

import dev.parlor.relay.admission.Caller;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides at the upgrade which caller a connection has. Called on connection threads; may read the
 * disk.
 */
@FunctionalInterface
public interface Authenticator {

  /** The outcome of the decision. */
  sealed interface Outcome {
    /**
     * The connection may open, with this caller.
     *
     * @param token the further rules of a connection by token; empty for other connections
     */
    record Accepted(Caller caller, Optional<TokenSession> token) implements Outcome {
      /** The connection may open, without a token. */
      public Accepted(Caller caller) {
        this(caller, Optional.empty());
      }
    }

    /**
     * The upgrade is answered with an HTTP error.
     *
     * @param reason one sentence without secrets; the client sees it
     */
    record Refused(int httpStatus, String reason) implements Outcome {}
  }

  /**
   * The rules of a connection by token.
   *
   * @param documents decides which documents the connection may open
   * @param validFor the time until the token expires; then the connection is closed. Zero or less
   *     for a token that has expired: the connection opens, because a client sees no code of a
   *     refused upgrade, and is closed before anything is read
   */
  record TokenSession(DocumentAccess documents, Duration validFor) {}

  /** Decides which caller the connection of this request has. */
  Outcome authenticate(UpgradeRequest request);

  /**
   * The decision to close the connection of a caller who has lost access.
   *
   * @param code the close code
   */
  record Dismissal(int code, String rule, String reason) {}

  /**
   * Checks the caller again when the connection is open and registered. Otherwise a change of
   * access during the upgrade would be missed.
   */
  default Optional<Dismissal> dismissal(Caller caller) {
    return Optional.empty();
  }

  /** The open relay, for tests and loopback: every caller may read and write on {@code /sync}. */
  static Authenticator open() {
    return request ->
        request.path().equals("/sync")
            ? new Outcome.Accepted(Caller.ofOpenRelay())
            : new Outcome.Refused(404, "no such endpoint");
  }
}
