package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.access.Invitation;
import dev.parlor.room.access.RoomInfo;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The endpoints with which hosts make and end invitations, and replace the links of roles. */
final class LinksApi {
  private final RoomHosts hosts;
  private final RoomHosts.Parts parts;

  LinksApi(RoomHosts hosts) {
    this.hosts = hosts;
    this.parts = hosts.parts();
  }

  Reply invite(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role", "expiresAt", "ttlSeconds", "uses");
    var host = hosts.host(call);
    var role = RoomHosts.role(fields);
    var uses = fields.optionalWhole("uses", 1, parts.limits().usesMax()).map(Math::toIntExact);
    var made =
        parts
            .invitations()
            .create(host.room().slug(), role, host.identity(), end(fields), uses)
            .orElseThrow(
                () ->
                    ProblemDetail.of(
                            409,
                            "too-many-invitations",
                            "a room has at most "
                                + parts.limits().perRoomMax()
                                + " invitations; end one first")
                        .thrown());
    parts.expiry().watch(host.room().slug(), made);
    return Reply.json(201, json(call, host.room(), made)).header("Cache-Control", "no-store");
  }

  private Optional<Instant> end(RequestFields fields) {
    var now = parts.clock().instant();
    var most = now.plusSeconds(parts.limits().secondsMax());
    var ttl = fields.optionalWhole("ttlSeconds", 1, parts.limits().secondsMax());
    var at = fields.optionalWhole("expiresAt", now.toEpochMilli() + 1, most.toEpochMilli());
    if (ttl.isPresent() && at.isPresent()) {
      throw ProblemDetail.field(400, "ttlSeconds", "send expiresAt or ttlSeconds, not both")
          .thrown();
    }
    return ttl.map(now::plusSeconds).or(() -> at.map(Instant::ofEpochMilli));
  }

  Reply list(HttpCall call) {
    var room = hosts.host(call).room();
    var all = Json.object();
    var array = all.putArray("invitations");
    parts.invitations().list(room.slug()).forEach(each -> array.add(json(call, room, each)));
    return Reply.json(200, all).header("Cache-Control", "no-store");
  }

  Reply revoke(HttpCall call) {
    var host = hosts.host(call);
    hosts.refuseOwn(host, call.part("invitation"));
    var ended =
        parts
            .invitations()
            .revoke(host.room().slug(), call.part("invitation"))
            .orElseThrow(
                () -> ProblemDetail.notFound("there is no invitation with this id").thrown());
    hosts.closeLink(host, ended.id());
    return Reply.json(200, json(call, host.room(), ended)).header("Cache-Control", "no-store");
  }

  /** Replaces a role's link and answers with the three current links. */
  Reply replaceLink(HttpCall call) {
    var host = hosts.host(call);
    var slug = host.room().slug();
    var role = RoomHosts.role(call.part("role"), "role", 404);
    hosts.closeLink(host, parts.roomLinks().replace(slug, role));
    return Reply.json(
            200,
            Map.of(
                "links",
                parts.links().pages(call, slug),
                "sync",
                parts.links().sockets(call, slug)))
        .header("Cache-Control", "no-store");
  }

  private ObjectNode json(HttpCall call, RoomInfo room, Invitation one) {
    var json = Json.object();
    var key = parts.roomLinks().key(room.slug(), one);
    json.put("id", one.id());
    json.put("role", one.role().name().toLowerCase(Locale.ROOT));
    json.put("by", one.by());
    json.put("createdAt", one.createdAt().toEpochMilli());
    json.put("expiresAt", one.expiresAt().map(Instant::toEpochMilli).orElse(null));
    json.put("uses", one.usesMax().orElse(null));
    json.put("used", one.usesMax().isPresent() ? one.usedBy().size() : null);
    json.put("state", state(one));
    json.put("link", parts.links().page(call, room.slug(), key));
    json.put(
        "sync", one.usesMax().isPresent() ? null : parts.links().socket(call, room.slug(), key));
    return json;
  }

  private String state(Invitation one) {
    if (one.revoked()) {
      return "revoked";
    }
    if (one.isExpired(parts.clock().instant())) {
      return "expired";
    }
    return one.isUsedUp() ? "used-up" : "open";
  }
}
