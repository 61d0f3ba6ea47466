package dev.parlor.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.server.access.AccessRefusal;
import dev.parlor.server.access.Gate;
import dev.parlor.server.access.Invitation;
import dev.parlor.server.access.Invitations;
import dev.parlor.server.access.LinkExpiry;
import dev.parlor.server.access.LiveConnections;
import dev.parlor.server.access.Members;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomLinks;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import dev.parlor.server.config.Limits;
import dev.parlor.server.relay.CloseCodes;
import dev.parlor.server.rooms.EditPlan;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What hosts do about who is in the room: invitations, the three links, roles, removing people.
 * Every decision is on disk first, then acts on what is open at once, then stands in the document.
 */
final class AccessApi {
  private static final Pattern IDENTITY = Pattern.compile("[A-Za-z0-9_:.@|-]{1,200}");
  private static final String GUEST = "guest:";

  /**
   * What the endpoints work with.
   *
   * @param live everything that is open: sockets and event streams
   */
  record Parts(
      Door door,
      RoomDesk desk,
      RoomLinks roomLinks,
      Links links,
      Invitations invitations,
      LinkExpiry expiry,
      Members members,
      LiveConnections live,
      Limits.Invitations limits,
      InstantSource clock) {}

  private final Parts parts;

  AccessApi(Parts parts) {
    this.parts = parts;
  }

  /** A host, proved by key and identity. */
  private record Host(RoomInfo room, String identity, String link) {}

  private Host host(Ask ask) {
    var identity = parts.door().requireIdentity(ask);
    var visitor = parts.door().enter(ask);
    if (visitor.role() != Role.HOST) {
      throw Problem.forbidden("not-host", "only a host may do this").thrown();
    }
    return new Host(visitor.room(), identity, visitor.link());
  }

  // Links.

  Reply invite(Ask ask) {
    var fields = Fields.parse(ask.body(), "role", "expiresAt", "ttlSeconds", "uses");
    var host = host(ask);
    var role = role(fields);
    var uses = fields.optionalWhole("uses", 1, parts.limits().usesMax()).map(Math::toIntExact);
    var made =
        parts
            .invitations()
            .create(host.room().slug(), role, host.identity(), end(fields), uses)
            .orElseThrow(
                () ->
                    Problem.of(
                            409,
                            "too-many-invitations",
                            "a room has at most "
                                + parts.limits().perRoomMax()
                                + " invitations; end one first")
                        .thrown());
    parts.expiry().watch(host.room().slug(), made);
    return Reply.json(201, json(ask, host.room(), made)).header("Cache-Control", "no-store");
  }

  private Optional<Instant> end(Fields fields) {
    var now = parts.clock().instant();
    var most = now.plusSeconds(parts.limits().secondsMax());
    var ttl = fields.optionalWhole("ttlSeconds", 1, parts.limits().secondsMax());
    var at = fields.optionalWhole("expiresAt", now.toEpochMilli() + 1, most.toEpochMilli());
    if (ttl.isPresent() && at.isPresent()) {
      throw Problem.field(400, "ttlSeconds", "either expiresAt or ttlSeconds, not both").thrown();
    }
    return ttl.map(now::plusSeconds).or(() -> at.map(Instant::ofEpochMilli));
  }

  Reply list(Ask ask) {
    var room = host(ask).room();
    var all = Json.object();
    var array = all.putArray("invitations");
    parts.invitations().list(room.slug()).forEach(each -> array.add(json(ask, room, each)));
    return Reply.json(200, all).header("Cache-Control", "no-store");
  }

  Reply revoke(Ask ask) {
    var host = host(ask);
    refuseOwn(host, ask.part("invitation"));
    var ended =
        parts
            .invitations()
            .revoke(host.room().slug(), ask.part("invitation"))
            .orElseThrow(() -> Problem.notFound("there is no invitation of this name").thrown());
    closeLink(host, ended.id());
    return Reply.json(200, json(ask, host.room(), ended)).header("Cache-Control", "no-store");
  }

  /** Ends a role's link and answers with all three as they are from here on. */
  Reply replaceLink(Ask ask) {
    var host = host(ask);
    var slug = host.room().slug();
    var role = role(ask.part("role"), "role", 404);
    closeLink(host, parts.roomLinks().replace(slug, role));
    return Reply.json(
            200,
            Map.of(
                "links", parts.links().pages(ask, slug), "sync", parts.links().sockets(ask, slug)))
        .header("Cache-Control", "no-store");
  }

  /** Nobody saws off the branch: a host who came by a link has to come by another to end it. */
  private static void refuseOwn(Host host, String link) {
    if (link.equals(host.link())) {
      throw Problem.of(
              409, "own-link", "you came by this link yourself; come in by another to end it")
          .thrown();
    }
  }

  /** The host who ends a link stays until they leave, also when they came by it themselves. */
  private void closeLink(Host host, String name) {
    close(
        host.room(),
        caller ->
            caller.link().filter(name::equals).isPresent()
                && caller.identity().filter(host.identity()::equals).isEmpty(),
        CloseCodes.NOT_ALLOWED,
        RoomLinks.REVOKED);
  }

  private ObjectNode json(Ask ask, RoomInfo room, Invitation one) {
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
    json.put("link", parts.links().page(ask, room.slug(), key));
    json.put(
        "sync", one.usesMax().isPresent() ? null : parts.links().socket(ask, room.slug(), key));
    return json;
  }

  private String state(Invitation one) {
    if (one.revoked()) {
      return "revoked";
    }
    if (one.expiresAt().filter(end -> !parts.clock().instant().isBefore(end)).isPresent()) {
      return "expired";
    }
    return one.usesMax().filter(most -> one.usedBy().size() >= most).isPresent()
        ? "used-up"
        : "open";
  }

  // People.

  Reply changeRole(Ask ask) {
    var fields = Fields.parse(ask.body(), "role");
    var host = host(ask);
    var identity = other(ask, host);
    var role = role(fields);
    RoomDesk.participant(parts.desk().read(host.room()).view(), identity);
    parts.members().setRole(host.room().slug(), identity, role);
    show(host.room(), identity, RoomEdits.role(identity, RoomDesk.documentRole(role)));
    close(host.room(), is(identity), CloseCodes.COME_BACK, Gate.ROLE_CHANGED);
    return Reply.json(
        200, Map.of("identity", identity, "role", role.name().toLowerCase(Locale.ROOT)));
  }

  Reply kick(Ask ask) {
    var fields = Fields.parse(ask.body(), "endLink");
    var host = host(ask);
    var identity = other(ask, host);
    var endLink = fields.optionalFlag("endLink");
    var slug = host.room().slug();
    var link = parts.members().of(slug, identity).link();
    if (endLink && link != null) {
      refuseOwn(host, link);
    }
    parts.members().setKicked(slug, identity, true);
    close(host.room(), is(identity), CloseCodes.NOT_ALLOWED, Gate.KICKED);
    show(
        host.room(),
        identity,
        RoomEdits.removePerson(identity, host.identity(), Participant.Role.SPECTATOR));
    var ended = endLink && link != null;
    if (ended && link != null) {
      endLink(host, link);
    }
    return Reply.json(200, Map.of("identity", identity, "kicked", true, "linkEnded", ended));
  }

  private void endLink(Host host, String name) {
    var slug = host.room().slug();
    if (name.startsWith("inv_")) {
      var _ = parts.invitations().revoke(slug, name);
    } else {
      var role = Role.valueOf(name.substring(0, name.indexOf('.')).toUpperCase(Locale.ROOT));
      var _ = parts.roomLinks().replace(slug, role);
    }
    closeLink(host, name);
  }

  Reply letInAgain(Ask ask) {
    var host = host(ask);
    var identity = other(ask, host);
    parts.members().setKicked(host.room().slug(), identity, false);
    show(host.room(), identity, RoomEdits.returnPerson(identity));
    return Reply.json(200, Map.of("identity", identity, "kicked", false));
  }

  /** Somebody else: hosts cannot lock themselves out, so a room never loses its last. */
  private static String other(Ask ask, Host host) {
    var identity = ask.part("identity");
    if (identity.startsWith(GUEST)) {
      throw Problem.of(
              409, "guest", "a program without an identity is known by its link only: end the link")
          .thrown();
    }
    if (!IDENTITY.matcher(identity).matches()) {
      throw Problem.notFound("there is nobody of this name").thrown();
    }
    if (identity.equals(host.identity())) {
      throw Problem.of(409, "yourself", "another host has to do this to you").thrown();
    }
    return identity;
  }

  /** Writes it into the document for people to see, if they stand there. */
  private void show(RoomInfo room, String identity, List<dev.parlor.crdt.replica.Edit> edits) {
    parts
        .desk()
        .edit(
            room,
            view ->
                view.participant(identity).isPresent()
                    ? new EditPlan<>(edits, true)
                    : EditPlan.nothing(false));
  }

  private void close(RoomInfo room, Predicate<Caller> who, int code, AccessRefusal why) {
    parts.live().close(room.documentId(), who, code, why.rule(), why.reason());
  }

  private static Predicate<Caller> is(String identity) {
    return caller -> caller.identity().filter(identity::equals).isPresent();
  }

  private static Role role(Fields fields) {
    return role(fields.line("role", 20), "role", 400);
  }

  private static Role role(String name, String field, int status) {
    for (var role : Role.values()) {
      if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
        return role;
      }
    }
    throw Problem.field(status, field, field + " is host, player or spectator").thrown();
  }
}
