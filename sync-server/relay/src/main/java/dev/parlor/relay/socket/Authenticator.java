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

  Outcome authenticate(UpgradeRequest request);

  /**
   * The reason why an accepted caller must leave.
   *
   * @param code the close code
   */
  record Dismissal(int code, String rule, String reason) {}

  /**
   * Checks the caller again once the connection is open and registered, so that a change of access
   * since the upgrade is not missed.
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
