package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireDecoder;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.relay.CloseCodes;
import dev.parlor.server.relay.Inbound;
import dev.parlor.server.relay.RoomDoor;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket: its handshake and the messages that come in, on its reader thread. The pulse
 * thread only looks at the clockwork below {@link #pulse}; whatever goes out goes through the
 * outbox.
 *
 * <p>A client that vanishes triggers neither {@code onClose} nor {@code onError}: Helidon's reader
 * thread just ends. So the pulse looks whether it is alive, and cleans up when it is not.
 */
final class Connection implements WsListener {

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** The code that stands in metrics for a socket that vanished. */
  private static final int VANISHED = 1006;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** How long a client has to answer our close before the socket is broken. */
  private static final long LINGER_NANOS = 3_000 * NANOS_PER_MILLI;

  /** Where the conversation stands; each state holds only what is true in it. */
  private sealed interface State {
    record Handshaking() implements State {}

    record Joined(SocketPeer peer) implements State {}

    record Closing() implements State {}
  }

  private final SyncSockets sockets;
  private final WireDecoder decoder = new WireDecoder();
  private final Fragments fragments = new Fragments();
  private final Map<DocumentId, RoomDoor> doors = new HashMap<>();
  private final AtomicBoolean cleaned = new AtomicBoolean();

  private @Nullable Caller caller;
  private @Nullable Outbox outbox;
  private @Nullable SocketWriter writer;
  private @Nullable Thread reader;
  private @Nullable RateLimit ephemerals;
  private volatile @Nullable SocketPeer joined;
  private State state = new State.Handshaking();

  private volatile boolean heard = true;
  private volatile boolean busy;
  private long openedAt;
  private long pingedAt;
  private long closingSince;
  private boolean sawClosing;

  Connection(SyncSockets sockets) {
    this.sockets = sockets;
  }

  // Helidon's callbacks, on the reader thread.

  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    caller = sockets.admit(prologue, headers);
    return Optional.empty();
  }

  @Override
  public void onOpen(WsSession session) {
    var out = new HelidonWriter(session);
    writer = out;
    reader = Thread.currentThread();
    openedAt = sockets.now();
    pingedAt = openedAt;
    ephemerals = new RateLimit(sockets.limits().ephemeral().perSecondMax(), openedAt);
    var box =
        new Outbox(
            out,
            session.socketContext().childSocketId(),
            sockets.limits().outbox(),
            sockets.metrics());
    outbox = box;
    box.start();
    sockets.opened(this);
  }

  @Override
  public void onMessage(WsSession session, String text, boolean last) {
    heard = true;
    refuse(CloseCodes.TEXT, "WS1", "only binary frames are understood");
  }

  @Override
  public void onMessage(WsSession session, BufferData buffer, boolean last) {
    heard = true;
    var part = Bytes.wrap(buffer.readBytes());
    if (state instanceof State.Closing) {
      return;
    }
    var most =
        state instanceof State.Handshaking
            ? sockets.limits().handshake().bytesMax()
            : sockets.limits().frames().bytesMax();
    if (fragments.length() + part.length() > most) {
      fragments.clear();
      refuse(CloseCodes.TOO_BIG, "WS1", "a message has at most " + most + " bytes");
      return;
    }
    busy = true;
    try {
      fragments.add(part, last).ifPresent(this::message);
    } finally {
      busy = false;
    }
  }

  @Override
  public void onPing(WsSession session, BufferData buffer) {
    heard = true;
    outbox().pong(Bytes.wrap(buffer.readBytes()));
  }

  @Override
  public void onPong(WsSession session, BufferData buffer) {
    heard = true;
  }

  @Override
  public void onClose(WsSession session, int status, String reason) {
    clean(status);
  }

  @Override
  public void onError(WsSession session, Throwable error) {
    LOG.error("a connection failed", error);
    clean(CloseCodes.DEFECT);
  }

  // Messages, on the reader thread.

  private void message(Bytes frame) {
    sockets.metrics().frameIn(frame.length());
    switch (decoder.decode(frame)) {
      case Decoding.Malformed<WireMessage>(var rule, var reason) ->
          refuse(rule.equals("WS1") ? CloseCodes.NOT_CBOR : CloseCodes.BAD_MESSAGE, rule, reason);
      case Decoding.Decoded<WireMessage>(var message) -> {
        switch (state) {
          case State.Handshaking() -> handshake(message);
          case State.Joined(var peer) -> receive(peer, message);
          case State.Closing() -> {}
        }
      }
    }
  }

  private void handshake(WireMessage message) {
    if (!(message instanceof WireMessage.Join join)) {
      refuse(CloseCodes.HANDSHAKE, "HS1", "the first message is join");
      return;
    }
    var id = join.senderId();
    var peer = new SocketPeer(id, caller(), sockets.serverPeerId(), outbox());
    if (!join.versions().contains(WireCodec.VERSION)) {
      state = new State.Closing();
      sockets.metrics().refused("HS3");
      peer.close(CloseCodes.VERSION, "HS3", "only protocol version 1 is spoken here");
      return;
    }
    var scope = caller().scope();
    var holder = sockets.registry().holder(scope, id);
    if (id.equals(sockets.serverPeerId())
        || (holder.isPresent() && !holder.get().caller().identity().equals(caller().identity()))) {
      state = new State.Closing();
      sockets.metrics().refused("HS4");
      peer.close(CloseCodes.NOT_ALLOWED, "HS4", "this peer id belongs to somebody else");
      return;
    }
    joined = peer;
    state = new State.Joined(peer);
    sockets.registry().take(scope, id, this).ifPresent(Connection::replaced);
    outbox()
        .offer(
            WireCodec.shared(
                new WireMessage.PeerMessage(
                    sockets.serverPeerId(),
                    id,
                    new PeerMetadata(Optional.of(sockets.storageId()), false),
                    WireCodec.VERSION)),
            WireCodec.target(id));
  }

  private void receive(SocketPeer peer, WireMessage message) {
    if (!message.senderId().equals(peer.id())) {
      if (message instanceof WireMessage.Ephemeral) {
        // A repo with several neighbours passes others' messages on; those come here themselves.
        sockets.metrics().ephemeralDropped("foreign");
      } else {
        refuse(CloseCodes.BAD_MESSAGE, "HS5", "senderId is not the peer id that joined");
      }
      return;
    }
    try {
      switch (message) {
        case WireMessage.Sync(_, _, var document, var data) -> sync(peer, document, data);
        case WireMessage.Request(_, _, var document, var data) -> sync(peer, document, data);
        case WireMessage.Ephemeral ephemeral -> say(peer, ephemeral);
        case WireMessage.Leave _ -> {
          state = new State.Closing();
          outbox().close(CloseCodes.NORMAL, "", null);
        }
        case WireMessage.Join _ ->
            refuse(CloseCodes.BAD_MESSAGE, "HS4", "this connection has joined already");
        // Nothing to do: a hub asks nobody for documents, and gossip of heads is between clients.
        case WireMessage.DocUnavailable _,
            WireMessage.RemoteSubscriptionChange _,
            WireMessage.RemoteHeadsChanged _,
            WireMessage.PeerMessage _,
            WireMessage.ErrorMessage _,
            WireMessage.Unknown _ -> {}
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      state = new State.Closing();
    }
  }

  private void sync(SocketPeer peer, DocumentId document, Bytes data) throws InterruptedException {
    var door = doors.get(document);
    if (door == null) {
      if (!sockets.reachable(peer.caller(), document)
          || doors.size() >= sockets.limits().frames().documentsPerConnectionMax()) {
        peer.offer(
            WireCodec.shared(
                new WireMessage.DocUnavailable(sockets.serverPeerId(), peer.id(), document)),
            WireCodec.target(peer.id()));
        return;
      }
      door = sockets.door(document);
      doors.put(document, door);
    }
    switch (sockets.inbound().decode(data)) {
      case Decoding.Malformed<Inbound>(var rule, var reason) ->
          refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<Inbound>(var inbound) -> door.receive(peer, inbound);
    }
  }

  private void say(SocketPeer peer, WireMessage.Ephemeral message) throws InterruptedException {
    var door = doors.get(message.documentId());
    if (door == null) {
      sockets.metrics().ephemeralDropped("unread");
    } else if (message.data().length() > sockets.limits().ephemeral().dataBytesMax()) {
      sockets.metrics().ephemeralDropped("size");
    } else if (!Objects.requireNonNull(ephemerals).allows(sockets.now())) {
      sockets.metrics().ephemeralDropped("rate");
    } else {
      door.say(peer, message);
    }
  }

  private void refuse(int code, String rule, String reason) {
    if (state instanceof State.Closing) {
      return;
    }
    sockets.refused(rule, reason);
    if (state instanceof State.Joined(var peer)) {
      peer.close(code, rule, reason);
    } else {
      outbox().close(code, CloseReason.fit("[" + rule + "] " + reason), null);
    }
    state = new State.Closing();
  }

  // From other threads.

  Caller caller() {
    return Objects.requireNonNull(caller, "the upgrade comes first");
  }

  /** The same peer id joined on a newer connection [HS4]. */
  private void replaced() {
    var peer = joined;
    if (peer != null) {
      peer.close(CloseCodes.REPLACED, "HS4", "this peer id joined on a newer connection");
    }
  }

  /** Closes with a rule, from another thread. */
  void dismiss(int code, String rule, String reason) {
    var peer = joined;
    if (peer != null) {
      peer.close(code, rule, reason);
    } else {
      close(code, CloseReason.fit("[" + rule + "] " + reason));
    }
  }

  /** Says goodbye with a code of the server's own; what waits is sent before. */
  void close(int code, String reason) {
    outbox().close(code, reason, null);
  }

  /** Breaks the connection without a word; the next pulse cleans up. */
  void kill() {
    Objects.requireNonNull(writer).kill();
  }

  /** Called by the pulse thread, some times a second. */
  void pulse(long now) {
    if (!Objects.requireNonNull(reader).isAlive()) {
      clean(VANISHED);
    } else if (outbox().closeCode() != 0) {
      if (!sawClosing) {
        sawClosing = true;
        closingSince = now;
      } else if (now - closingSince > LINGER_NANOS) {
        kill();
      }
    } else if (joined == null
        && now - openedAt
            > sockets.limits().handshake().joinSecondsMax() * 1_000L * NANOS_PER_MILLI) {
      close(CloseCodes.HANDSHAKE, "[HS1] no join came in time");
    } else if (now - pingedAt >= sockets.limits().liveness().pingMillis() * NANOS_PER_MILLI) {
      if (!heard && !busy) {
        close(CloseCodes.SILENT, "[WS4] nothing was heard since the previous ping");
        sawClosing = true;
        closingSince = now - LINGER_NANOS;
        return;
      }
      heard = false;
      pingedAt = now;
      outbox().ping();
    }
  }

  /** Once, when the reader is done: after this nobody writes to the socket or holds the peer. */
  private void clean(int status) {
    if (!cleaned.compareAndSet(false, true)) {
      return;
    }
    var box = outbox();
    var code = box.closeCode();
    box.stop();
    var peer = joined;
    if (peer != null) {
      var last = sockets.registry().release(peer.caller().scope(), peer.id(), this);
      for (var door : doors.values()) {
        door.leave(peer, last);
      }
    }
    doors.clear();
    sockets.closed(this, code == 0 ? status : code);
  }

  private Outbox outbox() {
    return Objects.requireNonNull(outbox, "opening comes first");
  }

  /** For messages about this connection. */
  Optional<PeerId> peerId() {
    var peer = joined;
    return peer == null ? Optional.empty() : Optional.of(peer.id());
  }
}
