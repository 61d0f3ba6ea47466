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

/** The endpoints with which hosts change roles, remove people, and undo a removal. */
final class ParticipantsApi {
  private static final Pattern IDENTITY = Pattern.compile("[A-Za-z0-9_:.@|-]{1,200}");

  private final HostDecisions hosts;
  private final HostDecisions.Parts parts;

  ParticipantsApi(HostDecisions hosts) {
    this.hosts = hosts;
    this.parts = hosts.parts();
  }

  Reply changeRole(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "role");
    var role = HostDecisions.role(fields);
    var caller = hosts.requireHost(call);
    var view = parts.gateway().read(caller.room()).view();
    HostDecisions.Host host;
    String identity;
    try (var _ = startDecision(call, caller)) {
      host = hosts.requireHost(call);
      identity = otherIdentity(call, host);
      refuseOwner(host, identity);
      RoomGateway.requireParticipant(view, identity);
      if (role != Role.HOST && isHost(host.room(), identity, view)) {
        requireOwner(host);
      }
      parts.members().setRole(host.room().slug(), identity, role);
    }
    hosts.showInDocument(
        host.room(), identity, RoomEdits.role(identity, RoomGateway.documentRole(role)));
    hosts.closeConnections(
        host.room(), identity, CloseCodes.PERMISSIONS_CHANGED, RoomAuthorizer.ROLE_CHANGED);
    return Reply.json(
        200, Map.of("identity", identity, "role", role.name().toLowerCase(Locale.ROOT)));
  }

  private RoomLocks.Held startDecision(HttpCall call, HostDecisions.Host caller) {
    return hosts.startDecision(caller.room(), caller.identity(), otherIdentity(call, caller));
  }

  /** Refuses to change the owner of the room. */
  private void refuseOwner(HostDecisions.Host host, String identity) {
    if (parts.owners().isOwner(host.room(), identity)) {
      throw ProblemDetail.forbidden(
              "owner", "the owner of the room cannot be removed or given another role")
          .thrown();
    }
  }

  /**
   * Refuses hosts other than the owner. In a room without an owner, all hosts have the same rights.
   */
  private void requireOwner(HostDecisions.Host host) {
    var owner = parts.owners().of(host.room());
    if (owner.isPresent() && !owner.get().equals(host.identity())) {
      throw ProblemDetail.forbidden(
              "not-owner", "only the owner of the room can remove a host or change a host's role")
          .thrown();
    }
  }

  /** Whether a person is a host; for members of earlier versions, the document has the role. */
  private boolean isHost(RoomInfo room, String identity, RoomView view) {
    var documentRole = view.participant(identity).map(Participant::role);
    return parts.roomAuthorizer().role(room, identity).filter(Role.HOST::equals).isPresent()
        || (parts.members().of(room.slug(), identity).fromEarlierVersion()
            && documentRole.filter(Participant.Role.HOST::equals).isPresent());
  }

  /** Removes a person. A person who was a host is a player after {@link #undoKick}. */
  Reply kick(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "endLink");
    var endLink = fields.optionalFlag("endLink");
    var caller = hosts.requireHost(call);
    var view = parts.gateway().read(caller.room()).view();
    var slug = call.pathParameter("slug");
    HostDecisions.Host host;
    String identity;
    String link;
    try (var _ = startDecision(call, caller)) {
      host = hosts.requireHost(call);
      identity = otherIdentity(call, host);
      refuseOwner(host, identity);
      var wasHost = isHost(host.room(), identity, view);
      if (wasHost) {
        requireOwner(host);
      }
      link = parts.members().of(slug, identity).link();
      if (endLink && link != null) {
        hosts.refuseOwnLink(host, link);
      }
      parts.members().setKicked(slug, identity, true);
      if (wasHost) {
        parts.members().setRole(slug, identity, Role.PLAYER);
      }
    }
    hosts.closeConnections(host.room(), identity, CloseCodes.NOT_ALLOWED, RoomAuthorizer.KICKED);
    hosts.showInDocument(
        host.room(),
        identity,
        RoomEdits.removePerson(identity, host.identity(), Participant.Role.SPECTATOR));
    var linkEnded = false;
    if (endLink && link != null) {
      endLink(host, link);
      linkEnded = true;
    }
    return Reply.json(200, Map.of("identity", identity, "kicked", true, "linkEnded", linkEnded));
  }

  /** Ends the link of this name: revokes an invitation, or replaces the link of a role. */
  private void endLink(HostDecisions.Host host, String name) {
    var slug = host.room().slug();
    if (name.startsWith("inv_")) {
      var _ = parts.invitations().revoke(slug, name);
    } else {
      var _ = parts.roomLinks().replace(slug, RoomLinks.roleOf(name));
    }
    hosts.closeConnectionsOfLink(host, name);
  }

  /** Lets a removed person enter the room again. */
  Reply undoKick(HttpCall call) {
    var host = hosts.requireHost(call);
    var identity = otherIdentity(call, host);
    parts.members().setKicked(host.room().slug(), identity, false);
    hosts.showInDocument(host.room(), identity, RoomEdits.readmitPerson(identity));
    return Reply.json(200, Map.of("identity", identity, "kicked", false));
  }

  /**
   * The identity in the path. It must differ from the calling host's identity, so that hosts cannot
   * remove or demote themselves.
   */
  private static String otherIdentity(HttpCall call, HostDecisions.Host host) {
    var identity = call.pathParameter("identity");
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
