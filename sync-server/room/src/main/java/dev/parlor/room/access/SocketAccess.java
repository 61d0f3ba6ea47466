package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.UpgradeRequest;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Authenticates WebSocket upgrades by their path: {@code /sync} for documents that are not rooms,
 * {@code /sync/k/<slug>.<key>} for unmodified clients with a room's key, and {@code
 * /sync/t/<ticket>} for browsers.
 */
public final class SocketAccess implements Authenticator {
  private static final String BY_KEY = "/sync/k/";
  private static final String BY_TICKET = "/sync/t/";

  private final boolean openSync;
  private final Origins origins;
  private final RoomRegistry rooms;
  private final RoomAuthorizer roomAuthorizer;
  private final Tickets tickets;
  private final Consumer<DocumentId> entering;

  /**
   * @param openSync whether {@code /sync} is open to anyone
   * @param entering called with a room's document before the socket is accepted, so that the server
   *     already watches the room
   */
  public SocketAccess(
      boolean openSync,
      Origins origins,
      RoomRegistry rooms,
      RoomAuthorizer roomAuthorizer,
      Tickets tickets,
      Consumer<DocumentId> entering) {
    this.openSync = openSync;
    this.origins = origins;
    this.rooms = rooms;
    this.roomAuthorizer = roomAuthorizer;
    this.tickets = tickets;
    this.entering = entering;
  }

  @Override
  public Outcome authenticate(UpgradeRequest request) {
    if (!origins.isOurHost(request.host())) {
      return new Outcome.Refused(421, "this server does not accept that Host header");
    }
    var path = request.path();
    if (path.equals("/sync")) {
      return openSync
          ? new Outcome.Accepted(Caller.ofOpenRelay())
          : new Outcome.Refused(403, "/sync is disabled here; use the socket URL of a room");
    }
    if (path.startsWith(BY_KEY)) {
      return byKey(path.substring(BY_KEY.length()));
    }
    if (path.startsWith(BY_TICKET)) {
      return tickets
          .redeem(path.substring(BY_TICKET.length()))
          .map(this::judged)
          .orElseGet(() -> new Outcome.Refused(401, "the ticket is unknown, used or expired"));
    }
    return new Outcome.Refused(404, "there is no socket at this path");
  }

  /** Checks the caller again: its access may have changed since the ticket was issued. */
  private Outcome judged(Caller caller) {
    return roomAuthorizer
        .refusal(caller)
        .map(SocketAccess::refused)
        .orElseGet(() -> accepted(caller));
  }

  @Override
  public Optional<Dismissal> dismissal(Caller caller) {
    return roomAuthorizer
        .refusal(caller)
        .map(
            why ->
                new Dismissal(
                    why.equals(RoomAuthorizer.ROLE_CHANGED)
                        ? CloseCodes.PERMISSIONS_CHANGED
                        : CloseCodes.NOT_ALLOWED,
                    why.rule(),
                    why.reason()));
  }

  private Outcome accepted(Caller caller) {
    caller.scope().ifPresent(entering);
    return new Outcome.Accepted(caller);
  }

  private static Outcome refused(AccessRefusal why) {
    return new Outcome.Refused(why.status(), "[" + why.rule() + "] " + why.reason());
  }

  /**
   * Authenticates by key. An unknown room and a wrong key get the same answer, so that callers
   * cannot find out which rooms exist.
   */
  private Outcome byKey(String slugAndKey) {
    var dot = slugAndKey.indexOf('.');
    var room = dot < 0 ? Optional.<RoomInfo>empty() : rooms.bySlug(slugAndKey.substring(0, dot));
    if (room.isEmpty()) {
      return NO_ROOM;
    }
    return switch (roomAuthorizer.guest(room.get(), slugAndKey.substring(dot + 1))) {
      case RoomAuthorizer.Entry.Open(var role, _, var link) ->
          accepted(new Caller(Optional.empty(), role, Optional.of(room.get().documentId()), link));
      case RoomAuthorizer.Entry.Closed(var why) ->
          why.equals(RoomLinks.WRONG) ? NO_ROOM : refused(why);
    };
  }

  private static final Outcome NO_ROOM = new Outcome.Refused(403, "this key opens no room");
}
