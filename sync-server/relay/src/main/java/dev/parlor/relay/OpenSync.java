package dev.parlor.relay;

import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.UpgradeRequest;

/**
 * Admits every client to {@code /sync}, or no client if the operator closed {@code /sync}. Protects
 * against DNS rebinding: the Host header must name this server.
 */
record OpenSync(boolean open, Origins origins) implements Authenticator {

  @Override
  public Outcome authenticate(UpgradeRequest request) {
    if (!origins.isOurHost(request.host())) {
      return new Outcome.Refused(421, "this server does not accept that Host header");
    }
    if (!request.path().equals("/sync")) {
      return new Outcome.Refused(404, "there is no socket at this path; use /sync");
    }
    return open
        ? new Outcome.Accepted(Caller.ofOpenRelay())
        : new Outcome.Refused(403, "/sync is closed; PARLOR_OPEN_SYNC=open opens it to anyone");
  }
}
