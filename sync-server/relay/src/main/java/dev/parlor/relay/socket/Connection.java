package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireDecoder;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sync protocol on one WebSocket: handshake, refusals and close. A {@link SyncSession} handles
 * the messages of a joined peer. All methods run on the socket's thread, except the methods of the
 * last section.
 */
final class Connection implements WebSocketHandler {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final String FOREIGN_ID = "this peer id belongs to another identity";

  private static final String MEMORY_RULE = "memory";
  private static final String MEMORY_REASON = "the server's memory is full, reconnect later";

  /** A time after the end of every connection. */
  private static final long NANOS_MAX = Long.MAX_VALUE / 2;

  /** The state of the protocol; each state holds only the values that exist in it. */
  private sealed interface State {

    /** The client has not joined yet. */
    record Handshaking(long since) implements State {}

    /** A peer has joined. */
    record Joined(SyncSession session) implements State {}

    /**
     * The connection is closing: further messages are read and discarded, until the client's close
     * frame arrives.
     *
     * @param session the session of the joined peer; null if no peer had joined
     */
    record Closing(@Nullable SyncSession session) implements State {}
  }

  private final SyncSockets sockets;
  private final WebSocket socket;
  private final Caller caller;
  private final @Nullable DocumentAccess documents;
  private final long expiresAt;
  private final String address;
  private final boolean closesOnRefusal;
  private final InputGate gate;
  private final WireDecoder decoder = new WireDecoder();

  /** Written on the socket's thread only, read on any thread. */
  private volatile State state;

  /**
   * Creates the connection of a socket that is not open yet.
   *
   * @param accepted the caller, and the rules of a connection by token
   * @param address the client's address without the port, for limits per address
   * @param closesOnRefusal whether the first refusal closes the connection, as the room's page
   *     needs
   */
  Connection(
      SyncSockets sockets,
      WebSocket socket,
      Authenticator.Outcome.Accepted accepted,
      String address,
      boolean closesOnRefusal) {
    this.sockets = sockets;
    this.socket = socket;
    this.caller = accepted.caller();
    this.address = address;
    this.closesOnRefusal = closesOnRefusal;
    var now = sockets.now();
    var token = accepted.token();
    this.documents = token.map(Authenticator.TokenSession::documents).orElse(null);
    this.expiresAt = now + token.map(session -> nanos(session.validFor())).orElse(NANOS_MAX);
    this.state = new State.Handshaking(now);
    this.gate =
        new InputGate(socket, new Throttle(sockets.limits().traffic(), now), sockets.metrics());
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(Duration.ofNanos(NANOS_MAX)) < 0 ? duration.toNanos() : NANOS_MAX;
  }

  // Events of the socket.

  @Override
  public void opened() {
    sockets.opened(this);
    closeIfExpired(sockets.now());
  }

  @Override
  public int messageBytesMax() {
    return state instanceof State.Handshaking
        ? sockets.limits().handshake().bytesMax()
        : sockets.limits().frames().bytesMax();
  }

  @Override
  public void binary(Bytes frame) {
    var current = state;
    if (current instanceof State.Closing) {
      return;
    }
    sockets.metrics().frameIn(frame.length());
    switch (decoder.decode(frame)) {
      case Decoding.Malformed<WireMessage>(var rule, var reason) -> malformed(rule, reason);
      case Decoding.Decoded<WireMessage>(var message) -> {
        switch (current) {
          case State.Handshaking _ -> handshake(message);
          case State.Joined(var session) -> session.receive(message);
          case State.Closing _ -> {}
        }
      }
    }
  }

  @Override
  public void frameRead(int payloadBytes) {
    gate.charge(1, payloadBytes, sockets.now());
  }

  @Override
  public void awaitsInput() {
    closeIfMemoryIsFull();
  }

  @Override
  public void violated(int code, String rule, String reason) {
    refuse(code, rule, reason);
  }

  @Override
  public void closing() {
    state = new State.Closing(session());
  }

  @Override
  public void checkTimeouts(long now) {
    if (state instanceof State.Handshaking(var since)
        && now - since > sockets.limits().handshake().joinSecondsMax() * NANOS_PER_SECOND) {
      refuse(CloseCodes.HANDSHAKE, "HS1", "no join arrived in time");
    } else {
      closeIfExpired(now);
      closeIfMemoryIsFull();
      if (state instanceof State.Joined(var session)) {
        session.checkDecisions(now);
      }
    }
  }

  @Override
  public void ended(int code) {
    var session = session();
    if (session != null) {
      var peer = session.peer();
      session.end(sockets.registry().release(peer.caller().scope(), peer.id(), this));
    }
    gate.discard();
    sockets.closed(this, code);
  }

  // The handshake.

  private void handshake(WireMessage message) {
    if (!(message instanceof WireMessage.Join join)) {
      refuse(CloseCodes.HANDSHAKE, "HS1", "the first message must be join");
      return;
    }
    var id = join.senderId();
    var peer = new SocketPeer(id, caller, sockets.serverPeerId(), socket.outbox(), closesOnRefusal);
    if (!join.versions().contains(WireCodec.VERSION)) {
      refuseJoin(peer, CloseCodes.VERSION, "HS3", "only protocol version 1 is supported");
      return;
    }
    var scope = caller.scope();
    var holder = sockets.registry().holder(scope, id);
    if (id.equals(sockets.serverPeerId())
        || (holder.isPresent() && !PeerRegistry.mayReplace(holder.get().caller(), caller))) {
      refuseJoin(peer, CloseCodes.NOT_ALLOWED, "HS4", FOREIGN_ID);
      return;
    }
    state =
        new State.Joined(
            new SyncSession(sockets, this, gate, peer, sockets.acks(socket.threadNumber())));
    sockets.registry().take(scope, id, this).ifPresent(Connection::replaced);
    socket
        .outbox()
        .offer(
            WireCodec.shared(
                new WireMessage.PeerMessage(
                    sockets.serverPeerId(),
                    id,
                    new PeerMetadata(Optional.of(sockets.storageId()), false, true),
                    WireCodec.VERSION)),
            WireCodec.target(id));
    socket.outbox().flush();
  }

  private void refuseJoin(SocketPeer peer, int code, String rule, String reason) {
    state = new State.Closing(null);
    sockets.metrics().refused(rule);
    peer.close(code, rule, reason);
  }

  // Refusals.

  /**
   * Refuses a malformed message. Every fault closes the connection, except a malformed document id,
   * which {@link SocketPeer#refuseWithoutDocument} may only report.
   */
  private void malformed(String rule, String reason) {
    if (rule.equals("HS7")
        && state instanceof State.Joined(var session)
        && session.peer().refuseWithoutDocument(CloseCodes.BAD_MESSAGE, rule, reason)) {
      sockets.refused(this, rule, reason);
    } else {
      refuse(rule.equals("WS1") ? CloseCodes.NOT_CBOR : CloseCodes.BAD_MESSAGE, rule, reason);
    }
  }

  /**
   * Closes the connection because of a rule, like {@link #dismiss}. Also counts and logs the
   * refusal, and discards further messages.
   */
  void refuse(int code, String rule, String reason) {
    if (state instanceof State.Closing) {
      return;
    }
    sockets.refused(this, rule, reason);
    dismiss(code, rule, reason);
    state = new State.Closing(session());
  }

  /** Closes this connection if its token has expired [TK4]; the app comes with another token. */
  private void closeIfExpired(long now) {
    if (now - expiresAt >= 0) {
      refuse(CloseCodes.TOKEN_EXPIRED, "TK4", "the token has expired; connect with another token");
    }
  }

  void refuseForMemory() {
    refuse(CloseCodes.OVERLOAD, MEMORY_RULE, MEMORY_REASON);
  }

  /**
   * Closes this connection if the heap is full and the connection holds too many bytes: parts of
   * messages, input that waits, and output that the client does not read.
   */
  private void closeIfMemoryIsFull() {
    if (sockets.memoryIsFull()
        && socket.heldBytes() + gate.heldBytes() > sockets.limits().memory().heldBytesMax()) {
      gate.discard();
      socket.discard();
      refuseForMemory();
    }
  }

  /** The peer sent {@code leave}. */
  void peerLeft() {
    state = new State.Closing(session());
    close(CloseCodes.NORMAL, "");
  }

  boolean isClosing() {
    return socket.isEnded() || state instanceof State.Closing;
  }

  // Called from any thread.

  Caller caller() {
    return caller;
  }

  String address() {
    return address;
  }

  /** Decides which documents this connection may open; null if its caller alone decides that. */
  @Nullable DocumentAccess documents() {
    return documents;
  }

  /** The session of the joined peer; null if no peer has joined. */
  private @Nullable SyncSession session() {
    return switch (state) {
      case State.Handshaking _ -> null;
      case State.Joined(var session) -> session;
      case State.Closing(var session) -> session;
    };
  }

  String peerIdForLog() {
    var session = session();
    return session == null ? "(not joined)" : session.peer().id().value();
  }

  /** The peer joined on a newer connection. */
  void replaced() {
    dismiss(CloseCodes.REPLACED, "HS4", "this peer id joined on a newer connection");
  }

  /** The peer id belongs to another identity, which is connected to another node. */
  void refuseForeignId() {
    sockets.refused(this, "HS4", FOREIGN_ID);
    dismiss(CloseCodes.NOT_ALLOWED, "HS4", FOREIGN_ID);
  }

  /**
   * Decides again which documents this connection may have open.
   *
   * @param document the only document to decide about; empty for all
   */
  void decideAgain(Optional<DocumentId> document) {
    execute(
        () -> {
          if (state instanceof State.Joined(var session)) {
            session.decideAgain(document);
          }
        });
  }

  /** Closes with a rule and its reason. A joined peer receives them in an error message first. */
  void dismiss(int code, String rule, String reason) {
    var session = session();
    if (session != null) {
      session.peer().close(code, rule, reason);
    } else {
      close(code, "[" + rule + "] " + reason);
    }
  }

  /** Closes after the queued messages are sent; sends no error message. */
  void close(int code, String reason) {
    socket.outbox().close(code, reason, null);
  }

  /** Runs a task on the socket's thread, in order. */
  void execute(Runnable task) {
    socket.execute(task);
  }

  /** Closes the socket at once, without a close frame. */
  void kill() {
    socket.kill();
  }
}
