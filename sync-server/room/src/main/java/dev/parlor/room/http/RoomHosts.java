package dev.parlor.room.http;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.room.access.AccessRefusal;
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
import java.util.function.Predicate;

/**
 * The hosts of rooms: authorizes a call by a host, and makes a host's decision effective. Each
 * decision is written to disk first. Then {@link #close} applies it to open connections, and {@link
 * #show} shows it in the document.
 */
final class RoomHosts {
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
      ServiceLimits.Invitations limits,
      InstantSource clock) {}

  private final Parts parts;
  private final RoomLocks locks = new RoomLocks();

  RoomHosts(Parts parts) {
    this.parts = parts;
  }

  Parts parts() {
    return parts;
  }

  /** Held while a decision about one room is checked and written. */
  RoomLocks locks() {
    return locks;
  }

  /** A host with a proved identity. An identity that has not joined is a host by its link. */
  record Host(RoomInfo room, String identity, Optional<String> link) {}

  Host host(HttpCall call) {
    var identity = parts.authorizer().requireIdentity(call);
    var visitor = parts.authorizer().enter(call);
    if (visitor.role() != Role.HOST) {
      throw ProblemDetail.forbidden("not-host", "only a host may do this").thrown();
    }
    return new Host(visitor.room(), identity, visitor.link());
  }

  /** Refuses to end the host link that the host itself uses. */
  void refuseOwn(Host host, String link) {
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
  void closeLink(Host host, String name) {
    close(
        host.room(),
        caller ->
            caller.link().filter(name::equals).isPresent()
                && caller.identity().filter(host.identity()::equals).isEmpty()
                && parts.roomAuthorizer().refusal(caller).isPresent(),
        CloseCodes.NOT_ALLOWED,
        RoomLinks.REVOKED);
  }

  /**
   * Makes the edits in the document, so that people see the decision. Does nothing if the document
   * has no such participant.
   */
  void show(RoomInfo room, String identity, List<Edit> edits) {
    parts
        .gateway()
        .edit(
            room,
            view ->
                view.participant(identity).isPresent()
                    ? new EditPlan<>(edits, true)
                    : EditPlan.nothing(false));
  }

  void close(RoomInfo room, Predicate<Caller> callers, int code, AccessRefusal why) {
    parts.live().close(room.documentId(), callers, code, why.rule(), why.reason());
  }

  static Predicate<Caller> is(String identity) {
    return caller -> caller.identity().filter(identity::equals).isPresent();
  }

  /** The role in the field {@code role} of a request. */
  static Role role(RequestFields fields) {
    return role(fields.line("role", 20), "role", 400);
  }

  static Role role(String name, String field, int status) {
    for (var role : Role.values()) {
      if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
        return role;
      }
    }
    throw ProblemDetail.field(status, field, field + " is host, player or spectator").thrown();
  }
}
