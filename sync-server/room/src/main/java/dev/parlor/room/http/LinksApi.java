package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.access.Invitation;
import dev.parlor.room.access.RoomInfo;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The endpoints with which hosts create and revoke invitations, and replace the links of roles. */
final class LinksApi {
  private final HostDecisions hosts;
  private final HostDecisions.Parts parts;

  LinksApi(HostDecisions hosts) {
    this.hosts = hosts;
    this.parts = hosts.parts();
  }

  Reply invite(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role", "expiresAt", "ttlSeconds", "uses");
    var host = hosts.requireHost(call);
    var role = HostDecisions.role(fields);
    var uses = fields.optionalInteger("uses", 1, parts.limits().usesMax()).map(Math::toIntExact);
    var invitation =
        parts
            .invitations()
            .create(host.room().slug(), role, host.identity(), expiry(fields), uses)
            .orElseThrow(
                () ->
                    ProblemDetail.of(
                            409,
                            "too-many-invitations",
                            "a room has at most "
                                + parts.limits().perRoomMax()
                                + " invitations; end one first")
                        .thrown());
    parts.expiry().watch(host.room().slug(), invitation);
    return Reply.json(201, json(call, host.room(), invitation)).header("Cache-Control", "no-store");
  }

  /** The expiry time from one of two fields; empty if the invitation never expires. */
  private Optional<Instant> expiry(RequestFields fields) {
    var now = parts.clock().instant();
    var latest = now.plusSeconds(parts.limits().secondsMax());
    var ttl = fields.optionalInteger("ttlSeconds", 1, parts.limits().secondsMax());
    var at = fields.optionalInteger("expiresAt", now.toEpochMilli() + 1, latest.toEpochMilli());
    if (ttl.isPresent() && at.isPresent()) {
      throw ProblemDetail.field(400, "ttlSeconds", "send expiresAt or ttlSeconds, not both")
          .thrown();
    }
    return ttl.map(now::plusSeconds).or(() -> at.map(Instant::ofEpochMilli));
  }

  Reply list(HttpCall call) {
    var room = hosts.requireHost(call).room();
    var json = Json.object();
    var array = json.putArray("invitations");
    parts
        .invitations()
        .list(room.slug())
        .forEach(invitation -> array.add(json(call, room, invitation)));
    return Reply.json(200, json).header("Cache-Control", "no-store");
  }

  Reply revoke(HttpCall call) {
    var host = hosts.requireHost(call);
    hosts.refuseOwnLink(host, call.pathParameter("invitation"));
    var revoked =
        parts
            .invitations()
            .revoke(host.room().slug(), call.pathParameter("invitation"))
            .orElseThrow(
                () -> ProblemDetail.notFound("there is no invitation with this id").thrown());
    hosts.closeConnectionsOfLink(host, revoked.id());
    return Reply.json(200, json(call, host.room(), revoked)).header("Cache-Control", "no-store");
  }

  /** Replaces a role's link and returns the three current links. */
  Reply replaceLink(HttpCall call) {
    var host = hosts.requireHost(call);
    var slug = host.room().slug();
    var role = HostDecisions.role(call.pathParameter("role"), "role", 404);
    hosts.closeConnectionsOfLink(host, parts.roomLinks().replace(slug, role));
    return Reply.json(
            200,
            Map.of(
                "links",
                parts.links().pages(call, slug),
                "sync",
                parts.links().sockets(call, slug)))
        .header("Cache-Control", "no-store");
  }

  private ObjectNode json(HttpCall call, RoomInfo room, Invitation invitation) {
    var json = Json.object();
    var key = parts.roomLinks().key(room.slug(), invitation);
    json.put("id", invitation.id());
    json.put("role", invitation.role().name().toLowerCase(Locale.ROOT));
    json.put("by", invitation.by());
    json.put("createdAt", invitation.createdAt().toEpochMilli());
    json.put("expiresAt", invitation.expiresAt().map(Instant::toEpochMilli).orElse(null));
    json.put("uses", invitation.usesMax().orElse(null));
    json.put("used", invitation.usesMax().isPresent() ? invitation.usedBy().size() : null);
    json.put("state", state(invitation));
    json.put("link", parts.links().page(call, room.slug(), key));
    json.put(
        "sync",
        invitation.usesMax().isPresent() ? null : parts.links().socket(call, room.slug(), key));
    return json;
  }

  private String state(Invitation invitation) {
    if (invitation.revoked()) {
      return "revoked";
    }
    if (invitation.isExpired(parts.clock().instant())) {
      return "expired";
    }
    return invitation.isUsedUp() ? "used-up" : "open";
  }
}
