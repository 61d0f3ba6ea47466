package dev.parlor.room.program;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketEndpoint;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import dev.parlor.room.access.AccessRefusal;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.ClosingOrder;
import dev.parlor.room.access.LiveConnections;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.SocketAccess;
import dev.parlor.room.access.TokenVerifier;
import dev.parlor.room.http.RoomCommands;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.worker.RoomWorkers;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The JSON sockets of all rooms, at {@code /api/rooms/<slug>/json} and {@code /rooms/<slug>/json}.
 * It counts sockets before it authenticates them. Safe from any thread.
 */
public final class ProgramSockets implements WebSocketEndpoint, LiveConnections {
  private static final Pattern PATH = Pattern.compile("(?:/api)?/rooms/([^/]{1,100})/json");
  private static final HeaderName PARLOR_KEY = HeaderNames.create("Parlor-Key");
  private static final String BEARER = "Bearer ";

  private final AccessServices access;
  private final TokenVerifier tokens;
  private final RoomWorkers rooms;
  private final BooleanSupplier memoryIsFull;
  private final LongSupplier nanoTime;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<String, Integer> perAddress = new ConcurrentHashMap<>();
  private final Map<DocumentId, ProgramRoom> byRoom = new ConcurrentHashMap<>();
  private final Map<ProgramSocket, ProgramRoom> open = new ConcurrentHashMap<>();
  private volatile @Nullable RoomCommands commands;
  private volatile boolean stopped;

  /**
   * @param memoryIsFull whether the server should take no more data at present
   */
  public ProgramSockets(
      AccessServices access,
      RoomWorkers rooms,
      BooleanSupplier memoryIsFull,
      LongSupplier nanoTime) {
    this.access = access;
    this.tokens = new TokenVerifier(access.identities(), access.sessions(), access.jwtIdentities());
    this.rooms = rooms;
    this.memoryIsFull = memoryIsFull;
    this.nanoTime = nanoTime;
  }

  /** Sets the commands of sockets; must be called before the port opens. */
  public void serve(RoomCommands registry) {
    commands = registry;
  }

  @Override
  public boolean serves(String path) {
    return PATH.matcher(path).matches();
  }

  /** The number of open sockets of a room. */
  public int of(DocumentId room) {
    var found = byRoom.get(room);
    return found == null ? 0 : found.size();
  }

  @Override
  public Admission admit(HttpPrologue prologue, Headers headers, String address) {
    var host = headers.first(HeaderNames.HOST).orElse("");
    if (!access.origins().isOurHost(host)) {
      throw refusal(421, "this server does not accept that Host header");
    }
    // Without a token, a ticket or a key the socket is refused below.
    if (!access.origins().mayOpenSocket(headers.first(HeaderNames.ORIGIN), host, true)) {
      throw refusal(403, "[WS5] this page's origin may not connect");
    }
    var all = count.incrementAndGet();
    int ofAddress = perAddress.merge(address, 1, Integer::sum);
    try {
      if (all > FixedServiceLimits.JSON_SOCKETS_MAX || stopped || memoryIsFull.getAsBoolean()) {
        throw refusal(503, "the server accepts no more connections at present");
      }
      if (ofAddress > FixedServiceLimits.JSON_SOCKETS_PER_ADDRESS_MAX) {
        throw refusal(429, "this address has the maximum number of connections");
      }
      var room = room(prologue);
      var caller = authenticate(room, prologue, headers);
      if (of(room.documentId()) >= FixedServiceLimits.JSON_SOCKETS_PER_ROOM_MAX) {
        throw refusal(503, "this room has the maximum number of programs");
      }
      return new Granted(room, caller, address);
    } catch (RuntimeException e) {
      release(address);
      throw AccessServices.cannotAnswer(e)
          ? refusal(503, "the server cannot check this now; try again")
          : e;
    }
  }

  private RoomInfo room(HttpPrologue prologue) {
    var matcher = PATH.matcher(prologue.uriPath().path());
    return (matcher.matches()
            ? access.registry().findBySlug(matcher.group(1))
            : Optional.<RoomInfo>empty())
        .orElseThrow(() -> refusal(404, "there is no room with this name"));
  }

  private Caller authenticate(RoomInfo room, HttpPrologue prologue, Headers headers) {
    var query = prologue.query();
    if (query.contains("ticket")) {
      return byTicket(room, query.get("ticket"));
    }
    var identity = headers.first(HeaderNames.AUTHORIZATION).map(this::identity);
    var key = headers.first(PARLOR_KEY).orElse("");
    var authorizer = access.authorizer();
    var decision =
        identity.isPresent()
            ? authorizer.connect(room, key, identity.get())
            : authorizer.check(room, key, Optional.empty());
    return switch (decision) {
      case RoomAuthorizer.Decision.Allowed(var role, _, var link) ->
          new Caller(identity, role, Optional.of(room.documentId()), link);
      case RoomAuthorizer.Decision.Refused(var refusal) -> throw refusal(refusal);
    };
  }

  private String identity(String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw refusal(401, "Authorization must be Bearer followed by a token");
    }
    return switch (tokens.verify(authorization.substring(BEARER.length()).strip())) {
      case TokenVerifier.Verification.Proved(var identity, _) -> identity;
      case TokenVerifier.Verification.Refused(var refusal) -> throw refusal(refusal);
    };
  }

  private Caller byTicket(RoomInfo room, String ticket) {
    var caller =
        access
            .tickets()
            .redeem(ticket)
            .filter(each -> each.scope().filter(room.documentId()::equals).isPresent())
            .orElseThrow(() -> refusal(401, "the ticket is unknown, used or expired"));
    access
        .authorizer()
        .refusalNow(caller)
        .ifPresent(
            refusal -> {
              throw refusal(refusal);
            });
    return caller;
  }

  /** An upgrade that the server has granted. */
  private final class Granted implements Admission {
    private final RoomInfo info;
    private final Caller caller;
    private final String address;

    Granted(RoomInfo info, Caller caller, String address) {
      this.info = info;
      this.caller = caller;
      this.address = address;
    }

    @Override
    public WebSocketHandler open(WebSocket socket) {
      var room = byRoom.computeIfAbsent(info.documentId(), _ -> newRoom(info));
      var registry = commands;
      if (registry == null) {
        throw new IllegalStateException("the commands are not known yet");
      }
      var handler =
          new ProgramSocket(
              room,
              registry,
              caller,
              socket,
              "program-" + access.ids().slug(),
              nanoTime,
              ended -> {
                open.remove(ended);
                release(address);
                // The socket may end while a message is queued, under its lock.
                Thread.ofVirtual().name("room-program").start(() -> room.remove(ended));
              });
      open.put(handler, room);
      if (stopped) {
        handler.close(CloseCodes.RESTART, "the server restarts");
      } else {
        // A host may have changed access after the authorization, before the socket was in the map.
        access
            .authorizer()
            .refusal(caller)
            .ifPresent(refusal -> handler.close(CloseCodes.NOT_ALLOWED, refusal.reason()));
      }
      return handler;
    }

    @Override
    public void abandon() {
      release(address);
    }
  }

  private ProgramRoom newRoom(RoomInfo info) {
    return new ProgramRoom(
        info,
        () -> rooms.of(info.documentId()),
        emptied -> byRoom.remove(info.documentId(), emptied));
  }

  @Override
  public void close(ClosingOrder order) {
    for (var socket : open.keySet()) {
      if (order.concerns(socket.caller(), access.authorizer())) {
        socket.close(order.code(), "[" + order.rule() + "] " + order.reason());
      }
    }
  }

  @Override
  public void review(Set<DocumentId> rooms) {
    for (var socket : open.keySet()) {
      if (socket.caller().scope().filter(rooms::contains).isPresent()) {
        access
            .authorizer()
            .refusalOfOpen(socket.caller())
            .ifPresent(
                refusal ->
                    socket.close(
                        SocketAccess.closeCode(refusal),
                        "[" + refusal.rule() + "] " + refusal.reason()));
      }
    }
  }

  /** For each open socket an action that closes it with 1012. */
  public List<Runnable> moves(String reason) {
    return open.keySet().stream()
        .<Runnable>map(socket -> () -> socket.close(CloseCodes.RESTART, reason))
        .toList();
  }

  /** Refuses new sockets and closes the open ones with 1012. Returns without waiting. */
  public void shutdown() {
    stopped = true;
    open.keySet().forEach(each -> each.close(CloseCodes.RESTART, "the server restarts"));
  }

  private void release(String address) {
    count.decrementAndGet();
    perAddress.computeIfPresent(address, (_, sockets) -> sockets == 1 ? null : sockets - 1);
  }

  private static RequestException refusal(AccessRefusal refusal) {
    return refusal(refusal.status(), "[" + refusal.rule() + "] " + refusal.reason());
  }

  private static RequestException refusal(int status, String reason) {
    return RequestException.builder()
        .type(DirectHandler.EventType.OTHER)
        .status(Status.create(status))
        .message(reason)
        .safeMessage(true)
        .build();
  }
}
