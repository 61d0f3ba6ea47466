package dev.parlor.room.http;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.access.AccessRefusal;
import dev.parlor.room.access.ClosingOrder;
import dev.parlor.room.access.Invitations;
import dev.parlor.room.access.LinkExpiry;
import dev.parlor.room.access.LiveConnections;
import dev.parlor.room.access.Members;
import dev.parlor.room.access.Owners;
import dev.parlor.room.access.Recovery;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomLinks;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.worker.EditPlan;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Authorizes calls by the hosts of rooms, and makes their decisions effective. Each decision is
 * written to disk first. Then {@link #closeConnections} applies it to open connections, and {@link
 * #showInDocument} shows it in the document.
 */
final class HostDecisions {
  /**
   * The services that the endpoints use.
   *
   * @param roomLinks the links with their keys
   * @param links the URLs of links
   * @param connections the open sockets and event streams
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
      LiveConnections connections,
      ServiceLimits.Invitations limits,
      InstantSource clock) {}

  private final Parts parts;
  private final RoomLocks locks;

  /**
   * @param brief the records of all nodes; empty on one machine
   */
  HostDecisions(Parts parts, Optional<BriefRecords> brief) {
    this.parts = parts;
    this.locks = new RoomLocks(brief, Thread::sleep);
  }

  Parts parts() {
    return parts;
  }

  /**
   * Locks a room while a decision about these identities is checked and written, and learns what
   * other nodes decided about them before.
   */
  RoomLocks.Held startDecision(RoomInfo room, String... identities) {
    var held = locks.acquire(room.slug());
    try {
      for (var identity : identities) {
        parts.roomAuthorizer().refresh(room, identity);
      }
    } catch (RuntimeException | Error e) {
      held.close();
      throw e;
    }
    return held;
  }

  /**
   * A host with a proved identity.
   *
   * @param link the name of the valid link whose key the host sent, or else that the host used
   *     last; empty if there is none
   */
  record Host(RoomInfo room, String identity, Optional<String> link) {}

  /** The calling host; refuses with 403 if the caller is not a host of the room. */
  Host requireHost(HttpCall call) {
    var identity = parts.authorizer().requireIdentity(call);
    var visitor = parts.authorizer().enter(call);
    if (visitor.role() != Role.HOST) {
      throw ProblemDetail.forbidden("not-host", "only a host may do this").thrown();
    }
    return new Host(visitor.room(), identity, visitor.link());
  }

  /** Refuses to end a link with the host role that the calling host uses. */
  void refuseOwnLink(Host host, String link) {
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
  void closeConnectionsOfLink(Host host, String name) {
    parts
        .connections()
        .close(
            ClosingOrder.ofLink(
                host.room().documentId(),
                name,
                Optional.of(host.identity()),
                CloseCodes.NOT_ALLOWED,
                RoomLinks.REVOKED));
  }

  /**
   * Makes the edits in the document, so that people see the decision. Does nothing if the identity
   * is no participant in the document.
   */
  void showInDocument(RoomInfo room, String identity, List<Edit> edits) {
    parts
        .gateway()
        .edit(
            room,
            view ->
                view.participant(identity).isPresent()
                    ? new EditPlan<>(edits, true)
                    : EditPlan.withoutEdits(false));
  }

  /** Closes all connections of an identity to a room. */
  void closeConnections(RoomInfo room, String identity, int code, AccessRefusal refusal) {
    parts.connections().close(ClosingOrder.ofIdentity(room.documentId(), identity, code, refusal));
  }

  /** The role in the field {@code role} of a request. */
  static Role role(RequestFields fields) {
    return role(fields.line("role", 20), "role", 400);
  }

  /** The role of this name; refuses with {@code status} if there is no such role. */
  static Role role(String name, String field, int status) {
    for (var role : Role.values()) {
      if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
        return role;
      }
    }
    throw ProblemDetail.field(status, field, field + " is host, player or spectator").thrown();
  }
}
