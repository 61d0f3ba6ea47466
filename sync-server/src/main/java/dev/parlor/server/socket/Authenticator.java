package dev.parlor.server.socket;

import dev.parlor.server.admission.Caller;
import java.util.Optional;

/** Decides at the upgrade who a connection is. Called on connection threads; may read the disk. */
@FunctionalInterface
public interface Authenticator {

  /** The outcome. */
  sealed interface Outcome {
    /** The connection may open, as this caller. */
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
   * Why an accepted caller may not stay.
   *
   * @param code of the close
   */
  record Dismissal(int code, String rule, String reason) {}

  /** Asked once more when the connection is open and can be found by whoever closes some. */
  default Optional<Dismissal> dismissal(Caller caller) {
    return Optional.empty();
  }

  /** Everybody may do everything on {@code /sync}: the open relay, for tests and loopback. */
  static Authenticator open() {
    return request ->
        request.path().equals("/sync")
            ? new Outcome.Accepted(Caller.ofOpenRelay())
            : new Outcome.Refused(404, "no such endpoint");
  }
}
