package dev.parlor.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.server.access.AccessRefusal;
import dev.parlor.server.access.Invitation;
import dev.parlor.server.access.Invitations;
import dev.parlor.server.access.LinkExpiry;
import dev.parlor.server.access.LiveConnections;
import dev.parlor.server.access.Members;
import dev.parlor.server.access.Owners;
import dev.parlor.server.access.Recovery;
import dev.parlor.server.access.RoomAuthorizer;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomLinks;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import dev.parlor.server.config.FixedLimits;
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
 * The endpoints with which hosts control access to a room: invitations, role links, roles, and
 * removing people. Each decision is written to disk first. Then it is applied to open connections,
 * and the document shows it.
 */
final class AccessApi {
  private static final Pattern IDENTITY = Pattern.compile("[A-Za-z0-9_:.@|-]{1,200}");
  private static final String GUEST = "guest:";

  /**
   * The services that the endpoints use.
   *
   * @param live the open sockets and event streams
   */
  record Parts(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomLinks roomLinks,
      Links links,
      Invitations invitations,
      LinkExpiry expiry,
      Members members,
      RoomAuthorizer roomAuthorizer,
      Owners owners,
      Recovery recovery,
      RequestLimits requests,
      LiveConnections live,
      Limits.Invitations limits,
      InstantSource clock) {}

  private final Parts parts;
  private final RoomLocks locks = new RoomLocks();

  AccessApi(Parts parts) {
    this.parts = parts;
  }

  /** A host with a proved identity. An identity that has not joined is a host by its link. */
  private record Host(RoomInfo room, String identity, Optional<String> link) {}

  private Host host(HttpCall call) {
    var identity = parts.authorizer().requireIdentity(call);
    var visitor = parts.authorizer().enter(call);
    if (visitor.role() != Role.HOST) {
      throw ProblemDetail.forbidden("not-host", "only a host may do this").thrown();
    }
    return new Host(visitor.room(), identity, visitor.link());
  }

  // Links.

  Reply invite(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role", "expiresAt", "ttlSeconds", "uses");
    var host = host(call);
    var role = role(fields);
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
    var room = host(call).room();
    var all = Json.object();
    var array = all.putArray("invitations");
    parts.invitations().list(room.slug()).forEach(each -> array.add(json(call, room, each)));
    return Reply.json(200, all).header("Cache-Control", "no-store");
  }

  Reply revoke(HttpCall call) {
    var host = host(call);
    refuseOwn(host, call.part("invitation"));
    var ended =
        parts
            .invitations()
            .revoke(host.room().slug(), call.part("invitation"))
            .orElseThrow(
                () -> ProblemDetail.notFound("there is no invitation with this id").thrown());
    closeLink(host, ended.id());
    return Reply.json(200, json(call, host.room(), ended)).header("Cache-Control", "no-store");
  }

  /** Replaces a role's link and answers with the three current links. */
  Reply replaceLink(HttpCall call) {
    var host = host(call);
    var slug = host.room().slug();
    var role = role(call.part("role"), "role", 404);
    closeLink(host, parts.roomLinks().replace(slug, role));
    return Reply.json(
            200,
            Map.of(
                "links",
                parts.links().pages(call, slug),
                "sync",
                parts.links().sockets(call, slug)))
        .header("Cache-Control", "no-store");
  }

  /** Refuses to end the host link that the host itself uses. */
  private void refuseOwn(Host host, String link) {
    if (host.link().filter(link::equals).isPresent()
        && parts
            .roomLinks()
            .roleOf(host.room().slug(), link)
            .filter(Role.HOST::equals)
            .isPresent()) {
      throw ProblemDetail.of(
              409, "own-link", "you use this link yourself; enter with another host link to end it")
          .thrown();
    }
  }

  /**
   * Closes the connections of an ended link. Members who are hosts stay connected, and so does the
   * host who ended the link.
   */
  private void closeLink(Host host, String name) {
    close(
        host.room(),
        caller ->
            caller.link().filter(name::equals).isPresent()
                && caller.identity().filter(host.identity()::equals).isEmpty()
                && parts.roomAuthorizer().refusal(caller).isPresent(),
        CloseCodes.NOT_ALLOWED,
        RoomLinks.REVOKED);
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
    if (one.expiresAt().filter(end -> !parts.clock().instant().isBefore(end)).isPresent()) {
      return "expired";
    }
    return one.usesMax().filter(most -> one.usedBy().size() >= most).isPresent()
        ? "used-up"
        : "open";
  }

  // People.

  Reply changeRole(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role");
    var role = role(fields);
    var view = parts.gateway().read(host(call).room()).view();
    Host host;
    String identity;
    try (var _ = locks.hold(call.part("slug"))) {
      host = host(call);
      identity = other(call, host);
      refuseOwner(host, identity);
      RoomGateway.participant(view, identity);
      if (role != Role.HOST && isHost(host.room(), identity, view)) {
        requireOwner(host);
      }
      parts.members().setRole(host.room().slug(), identity, role);
    }
    show(host.room(), identity, RoomEdits.role(identity, RoomGateway.documentRole(role)));
    close(host.room(), is(identity), CloseCodes.COME_BACK, RoomAuthorizer.ROLE_CHANGED);
    return Reply.json(
        200, Map.of("identity", identity, "role", role.name().toLowerCase(Locale.ROOT)));
  }

  private void refuseOwner(Host host, String identity) {
    if (parts.owners().isOwner(host.room(), identity)) {
      throw ProblemDetail.forbidden(
              "owner", "the owner of the room cannot be removed or given another role")
          .thrown();
    }
  }

  /**
   * Refuses hosts other than the owner. In a room without an owner, all hosts have the same rights.
   */
  private void requireOwner(Host host) {
    var owner = parts.owners().of(host.room());
    if (owner.isPresent() && !owner.get().equals(host.identity())) {
      throw ProblemDetail.forbidden(
              "not-owner", "only the owner of the room can remove a host or change a host's role")
          .thrown();
    }
  }

  private boolean isHost(RoomInfo room, String identity, RoomView view) {
    var shown = view.participant(identity).map(Participant::role);
    return parts.roomAuthorizer().role(room, identity).filter(Role.HOST::equals).isPresent()
        || (parts.members().of(room.slug(), identity).fromEarlierVersion()
            && shown.filter(Participant.Role.HOST::equals).isPresent());
  }

  /** Removes a person. A removed host who is let in again is a player. */
  Reply kick(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "endLink");
    var endLink = fields.optionalFlag("endLink");
    var view = parts.gateway().read(host(call).room()).view();
    var slug = call.part("slug");
    Host host;
    String identity;
    String link;
    try (var _ = locks.hold(slug)) {
      host = host(call);
      identity = other(call, host);
      refuseOwner(host, identity);
      var wasHost = isHost(host.room(), identity, view);
      if (wasHost) {
        requireOwner(host);
      }
      link = parts.members().of(slug, identity).link();
      if (endLink && link != null) {
        refuseOwn(host, link);
      }
      parts.members().setKicked(slug, identity, true);
      if (wasHost) {
        parts.members().setRole(slug, identity, Role.PLAYER);
      }
    }
    close(host.room(), is(identity), CloseCodes.NOT_ALLOWED, RoomAuthorizer.KICKED);
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
      var _ = parts.roomLinks().replace(slug, RoomLinks.roleOf(name));
    }
    closeLink(host, name);
  }

  Reply letInAgain(HttpCall call) {
    var host = host(call);
    var identity = other(call, host);
    parts.members().setKicked(host.room().slug(), identity, false);
    show(host.room(), identity, RoomEdits.returnPerson(identity));
    return Reply.json(200, Map.of("identity", identity, "kicked", false));
  }

  // The owner.

  /** Creates a recovery key, which replaces the previous one. Only this reply contains the key. */
  Reply newRecoveryKey(HttpCall call) {
    RequestFields.parse(call.body());
    var host = host(call);
    var key =
        parts
            .owners()
            .newRecoveryKey(host.room(), host.identity())
            .orElseThrow(() -> NOT_OWNER.thrown());
    return Reply.json(201, Map.of("recoveryKey", key)).header("Cache-Control", "no-store");
  }

  /** Returns when the recovery key was created, or null if there is none. Never returns the key. */
  Reply recoveryKey(HttpCall call) {
    var host = host(call);
    if (!parts.owners().isOwner(host.room(), host.identity())) {
      throw NOT_OWNER.thrown();
    }
    var json = Json.object();
    json.put("madeAt", parts.owners().recoveryKeyMadeAt(host.room()).orElse(null));
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
            .line("recoveryKey", FixedLimits.RECOVERY_KEY_LENGTH_MAX);
    var identity = parts.authorizer().requireIdentity(call);
    var room = parts.authorizer().room(call);
    parts.requests().recovery(call, room.slug());
    String before;
    try (var _ = locks.hold(room.slug())) {
      before =
          parts
              .recovery()
              .use(room, identity, key)
              .orElseThrow(() -> ProblemDetail.of(Recovery.WRONG).thrown());
    }
    if (!before.equals(identity)) {
      show(room, before, RoomEdits.role(before, Participant.Role.PLAYER));
      close(room, is(before), CloseCodes.COME_BACK, RoomAuthorizer.ROLE_CHANGED);
    }
    show(room, identity, RoomEdits.role(identity, Participant.Role.HOST));
    show(room, identity, RoomEdits.returnPerson(identity));
    close(room, is(identity), CloseCodes.COME_BACK, RoomAuthorizer.ROLE_CHANGED);
    return Reply.json(200, Map.of("identity", identity, "owner", true))
        .header("Cache-Control", "no-store");
  }

  /**
   * The identity in the path. It must not be the host's own, so that hosts cannot remove or demote
   * themselves.
   */
  private static String other(HttpCall call, Host host) {
    var identity = call.part("identity");
    if (identity.startsWith(GUEST)) {
      throw ProblemDetail.of(
              409, "guest", "a client without an identity cannot be removed by name; end its link")
          .thrown();
    }
    if (!IDENTITY.matcher(identity).matches()) {
      throw ProblemDetail.notFound("there is no person with this identity").thrown();
    }
    if (identity.equals(host.identity())) {
      throw ProblemDetail.of(409, "yourself", "you cannot do this to yourself; ask another host")
          .thrown();
    }
    return identity;
  }

  /**
   * Makes the edits in the document, so that people see the decision. Does nothing if the document
   * has no such participant.
   */
  private void show(RoomInfo room, String identity, List<dev.parlor.crdt.replica.Edit> edits) {
    parts
        .gateway()
        .edit(
            room,
            view ->
                view.participant(identity).isPresent()
                    ? new EditPlan<>(edits, true)
                    : EditPlan.nothing(false));
  }

  private void close(RoomInfo room, Predicate<Caller> callers, int code, AccessRefusal why) {
    parts.live().close(room.documentId(), callers, code, why.rule(), why.reason());
  }

  private static Predicate<Caller> is(String identity) {
    return caller -> caller.identity().filter(identity::equals).isPresent();
  }

  private static Role role(RequestFields fields) {
    return role(fields.line("role", 20), "role", 400);
  }

  private static Role role(String name, String field, int status) {
    for (var role : Role.values()) {
      if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
        return role;
      }
    }
    throw ProblemDetail.field(status, field, field + " is host, player or spectator").thrown();
  }
}
