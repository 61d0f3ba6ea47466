package dev.parlor.room.http;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomLinks;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The endpoints with which hosts change roles, remove people and let them in again. */
final class ParticipantsApi {
  private static final Pattern IDENTITY = Pattern.compile("[A-Za-z0-9_:.@|-]{1,200}");

  private final RoomHosts hosts;
  private final RoomHosts.Parts parts;

  ParticipantsApi(RoomHosts hosts) {
    this.hosts = hosts;
    this.parts = hosts.parts();
  }

  Reply changeRole(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role");
    var role = RoomHosts.role(fields);
    var view = parts.gateway().read(hosts.host(call).room()).view();
    RoomHosts.Host host;
    String identity;
    try (var _ = hosts.locks().hold(call.part("slug"))) {
      host = hosts.host(call);
      identity = other(call, host);
      refuseOwner(host, identity);
      RoomGateway.participant(view, identity);
      if (role != Role.HOST && isHost(host.room(), identity, view)) {
        requireOwner(host);
      }
      parts.members().setRole(host.room().slug(), identity, role);
    }
    hosts.show(host.room(), identity, RoomEdits.role(identity, RoomGateway.documentRole(role)));
    hosts.close(
        host.room(), RoomHosts.is(identity), CloseCodes.COME_BACK, RoomAuthorizer.ROLE_CHANGED);
    return Reply.json(
        200, Map.of("identity", identity, "role", role.name().toLowerCase(Locale.ROOT)));
  }

  private void refuseOwner(RoomHosts.Host host, String identity) {
    if (parts.owners().isOwner(host.room(), identity)) {
      throw ProblemDetail.forbidden(
              "owner", "the owner of the room cannot be removed or given another role")
          .thrown();
    }
  }

  /**
   * Refuses hosts other than the owner. In a room without an owner, all hosts have the same rights.
   */
  private void requireOwner(RoomHosts.Host host) {
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
    var view = parts.gateway().read(hosts.host(call).room()).view();
    var slug = call.part("slug");
    RoomHosts.Host host;
    String identity;
    String link;
    try (var _ = hosts.locks().hold(slug)) {
      host = hosts.host(call);
      identity = other(call, host);
      refuseOwner(host, identity);
      var wasHost = isHost(host.room(), identity, view);
      if (wasHost) {
        requireOwner(host);
      }
      link = parts.members().of(slug, identity).link();
      if (endLink && link != null) {
        hosts.refuseOwn(host, link);
      }
      parts.members().setKicked(slug, identity, true);
      if (wasHost) {
        parts.members().setRole(slug, identity, Role.PLAYER);
      }
    }
    hosts.close(host.room(), RoomHosts.is(identity), CloseCodes.NOT_ALLOWED, RoomAuthorizer.KICKED);
    hosts.show(
        host.room(),
        identity,
        RoomEdits.removePerson(identity, host.identity(), Participant.Role.SPECTATOR));
    var ended = endLink && link != null;
    if (ended && link != null) {
      endLink(host, link);
    }
    return Reply.json(200, Map.of("identity", identity, "kicked", true, "linkEnded", ended));
  }

  private void endLink(RoomHosts.Host host, String name) {
    var slug = host.room().slug();
    if (name.startsWith("inv_")) {
      var _ = parts.invitations().revoke(slug, name);
    } else {
      var _ = parts.roomLinks().replace(slug, RoomLinks.roleOf(name));
    }
    hosts.closeLink(host, name);
  }

  Reply letInAgain(HttpCall call) {
    var host = hosts.host(call);
    var identity = other(call, host);
    parts.members().setKicked(host.room().slug(), identity, false);
    hosts.show(host.room(), identity, RoomEdits.readmitPerson(identity));
    return Reply.json(200, Map.of("identity", identity, "kicked", false));
  }

  /**
   * The identity in the path. It must not be the host's own, so that hosts cannot remove or demote
   * themselves.
   */
  private static String other(HttpCall call, RoomHosts.Host host) {
    var identity = call.part("identity");
    if (identity.startsWith(Caller.GUEST)) {
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
}
