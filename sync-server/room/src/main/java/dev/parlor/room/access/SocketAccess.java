package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.access.SyncAccess;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.UpgradeRequest;
import dev.parlor.relay.storage.StoreUnavailableException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Authenticates WebSocket upgrades by their path: {@link SyncAccess} for documents that are not
 * rooms, {@code /sync/k/<slug>.<key>} for unmodified clients with a room's key, and {@code
 * /sync/t/<ticket>} for browsers.
 */
public final class SocketAccess implements Authenticator {
  private static final String KEY_PATH = "/sync/k/";
  private static final String TICKET_PATH = "/sync/t/";

  private final SyncAccess documents;
  private final Origins origins;
  private final RoomRegistry rooms;
  private final RoomAuthorizer roomAuthorizer;
  private final Tickets tickets;
  private final Consumer<DocumentId> onEnter;
  private final Predicate<DocumentId> outOfReach;

  /**
   * @param documents decides about clients of documents that are not rooms
   * @param onEnter called with a room's document before the socket is accepted, so that the room is
   *     open on the server before the first message
   * @param outOfReach whether a room cannot be opened at present, because the storage is away
   */
  public SocketAccess(
      SyncAccess documents,
      Origins origins,
      RoomRegistry rooms,
      RoomAuthorizer roomAuthorizer,
      Tickets tickets,
      Consumer<DocumentId> onEnter,
      Predicate<DocumentId> outOfReach) {
    this.documents = documents;
    this.origins = origins;
    this.rooms = rooms;
    this.roomAuthorizer = roomAuthorizer;
    this.tickets = tickets;
    this.onEnter = onEnter;
    this.outOfReach = outOfReach;
  }

  @Override
  public Outcome authenticate(UpgradeRequest request) {
    if (!origins.isOurHost(request.host())) {
      return new Outcome.Refused(421, "this server does not accept that Host header");
    }
    try {
      return authenticate(request, request.path());
    } catch (StoreUnavailableException _) {
      return new Outcome.Refused(503, "the server cannot check this now; try again");
    }
  }

  private Outcome authenticate(UpgradeRequest request, String path) {
    if (SyncAccess.serves(path)) {
      return documents.authenticate(request);
    }
    if (path.startsWith(KEY_PATH)) {
      return authenticateByKey(path.substring(KEY_PATH.length()));
    }
    if (path.startsWith(TICKET_PATH)) {
      return tickets
          .redeem(path.substring(TICKET_PATH.length()))
          .map(this::checkAgain)
          .orElseGet(() -> new Outcome.Refused(401, "the ticket is unknown, used or expired"));
    }
    return new Outcome.Refused(404, "there is no socket at this path");
  }

  /** Checks again whether the caller may enter: a host may have changed this after the ticket. */
  private Outcome checkAgain(Caller caller) {
    if (caller.scope().flatMap(rooms::findByDocument).isEmpty()) {
      return new Outcome.Refused(503, "the server does not know this room yet; try again");
    }
    return roomAuthorizer
        .refusalNow(caller)
        .map(SocketAccess::refused)
        .orElseGet(() -> accepted(caller));
  }

  @Override
  public Optional<Dismissal> dismissal(Caller caller) {
    return roomAuthorizer.refusal(caller).map(SocketAccess::dismissal);
  }

  /** The end of an open connection for this reason. */
  public static Dismissal dismissal(AccessRefusal refusal) {
    return new Dismissal(closeCode(refusal), refusal.rule(), refusal.reason());
  }

  /** The WebSocket close code of an open connection for this reason. */
  public static int closeCode(AccessRefusal refusal) {
    return refusal.equals(RoomAuthorizer.ROLE_CHANGED)
        ? CloseCodes.PERMISSIONS_CHANGED
        : CloseCodes.NOT_ALLOWED;
  }

  private Outcome accepted(Caller caller) {
    if (caller.scope().filter(outOfReach).isPresent()) {
      return OUT_OF_REACH;
    }
    caller.scope().ifPresent(onEnter);
    return new Outcome.Accepted(caller);
  }

  private static Outcome refused(AccessRefusal refusal) {
    return new Outcome.Refused(refusal.status(), "[" + refusal.rule() + "] " + refusal.reason());
  }

  /**
   * Authenticates by key. The response is the same for an unknown room and for a wrong key, so that
   * callers cannot find out which rooms exist.
   */
  private Outcome authenticateByKey(String slugAndKey) {
    var dot = slugAndKey.indexOf('.');
    var room =
        dot < 0 ? Optional.<RoomInfo>empty() : rooms.findBySlug(slugAndKey.substring(0, dot));
    if (room.isEmpty()) {
      return NO_ROOM;
    }
    return switch (roomAuthorizer.checkGuest(room.get(), slugAndKey.substring(dot + 1))) {
      case RoomAuthorizer.Decision.Allowed(var role, _, var link) ->
          accepted(new Caller(Optional.empty(), role, Optional.of(room.get().documentId()), link));
      case RoomAuthorizer.Decision.Refused(var refusal) ->
          refusal.equals(RoomLinks.WRONG) ? NO_ROOM : refused(refusal);
    };
  }

  private static final Outcome OUT_OF_REACH =
      new Outcome.Refused(503, "the server cannot reach its storage");

  private static final Outcome NO_ROOM = new Outcome.Refused(403, "this key opens no room");
}
