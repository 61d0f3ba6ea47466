package dev.parlor.room.http;

import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.access.Recovery;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import java.util.Map;

/** The endpoints about the owner of a room: its recovery key, and recovery by that key. */
final class OwnerApi {
  private final HostDecisions hosts;
  private final HostDecisions.Parts parts;

  OwnerApi(HostDecisions hosts) {
    this.hosts = hosts;
    this.parts = hosts.parts();
  }

  /** Creates a recovery key, which replaces the previous one. Only this reply contains the key. */
  Reply newRecoveryKey(HttpCall call) {
    RequestFields.parse(call.body());
    var host = hosts.requireHost(call);
    var key =
        parts
            .owners()
            .newRecoveryKey(host.room(), host.identity())
            .orElseThrow(() -> NOT_OWNER.thrown());
    return Reply.json(201, Map.of("recoveryKey", key)).header("Cache-Control", "no-store");
  }

  /** Returns when the recovery key was created, or null without one. Never returns the key. */
  Reply recoveryKey(HttpCall call) {
    var host = hosts.requireHost(call);
    if (!parts.owners().isOwner(host.room(), host.identity())) {
      throw NOT_OWNER.thrown();
    }
    var json = Json.object();
    json.put("madeAt", parts.owners().recoveryKeyCreatedAt(host.room()).orElse(null));
    return Reply.json(200, json).header("Cache-Control", "no-store");
  }

  private static final ProblemDetail NOT_OWNER =
      ProblemDetail.forbidden("not-owner", "only the owner of the room has a recovery key");

  /**
   * Makes the caller the owner if the recovery key is correct. Needs no link, because an owner who
   * lost the browser may have no valid link.
   */
  Reply recover(HttpCall call) {
    var key =
        RequestFields.parse(call.body(), "recoveryKey")
            .line("recoveryKey", FixedServiceLimits.RECOVERY_KEY_LENGTH_MAX);
    var identity = parts.authorizer().requireIdentity(call);
    var room = parts.authorizer().room(call);
    parts.requests().countRecovery(call, room.slug());
    String previousOwner;
    try (var _ = hosts.startDecision(room, identity)) {
      previousOwner =
          parts
              .recovery()
              .restoreOwner(room, identity, key)
              .orElseThrow(() -> ProblemDetail.of(Recovery.WRONG).thrown());
    }
    if (!previousOwner.equals(identity)) {
      hosts.showInDocument(
          room, previousOwner, RoomEdits.role(previousOwner, Participant.Role.PLAYER));
      hosts.closeConnections(
          room, previousOwner, CloseCodes.PERMISSIONS_CHANGED, RoomAuthorizer.ROLE_CHANGED);
    }
    hosts.showInDocument(room, identity, RoomEdits.role(identity, Participant.Role.HOST));
    hosts.showInDocument(room, identity, RoomEdits.readmitPerson(identity));
    hosts.closeConnections(
        room, identity, CloseCodes.PERMISSIONS_CHANGED, RoomAuthorizer.ROLE_CHANGED);
    return Reply.json(200, Map.of("identity", identity, "owner", true))
        .header("Cache-Control", "no-store");
  }
}
