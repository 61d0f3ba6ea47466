package dev.parlor.relay.socket;

import dev.parlor.relay.admission.Caller;
import java.util.Optional;

/**
 * Decides at the upgrade which caller a connection has. Called on connection threads; may read the
 * disk.
 */
@FunctionalInterface
public interface Authenticator {

  /** The outcome of the decision. */
  sealed interface Outcome {
    /** The connection may open, with this caller. */
    record Accepted(Caller caller) implements Outcome {}

    /**
     * The upgrade is answered with an HTTP error.
     *
     * @param reason one sentence without secrets; the client sees it
     */
    record Refused(int httpStatus, String reason) implements Outcome {}
  }

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
