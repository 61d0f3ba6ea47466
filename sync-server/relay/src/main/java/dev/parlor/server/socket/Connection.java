package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireDecoder;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.rate.TokenBucket;
import dev.parlor.server.rate.TokenBucket.Rate;
import dev.parlor.server.relay.CloseCodes;
import dev.parlor.server.relay.DocumentHandle;
import dev.parlor.server.relay.Inbound;
import dev.parlor.server.relay.InboundDecoder;
import dev.parlor.server.relay.StepExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket: its frames, its handshake and its incoming messages. All methods run on the thread
 * of its {@link IoLoop}, unless their comment says otherwise. Everything that it sends goes through
 * the outbox.
 */
final class Connection implements IoLoop.Handler, StepExecutor {

  /** The code in metrics for a socket that ended without a close frame. */
  private static final int VANISHED = 1006;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private static final long LINGER_NANOS = FixedLimits.LINGER_MILLIS_MAX * NANOS_PER_MILLI;

  private static final String MEMORY = "memory";
  private static final String MEMORY_IS_FULL = "the server's memory is full, reconnect later";

  /** The maximum number of bytes that one system call writes to a socket. */
  private static final int WRITE_BYTES_MAX = 64 << 10;

  /** The state of the conversation; each state holds only the values that exist in it. */
  private sealed interface State {
    record Handshaking() implements State {}

    record Joined(SocketPeer peer) implements State {}

    /** Further messages are read and discarded, until the client's close frame. */
    record Closing() implements State {}
  }

  /** A message that a full mailbox did not take. */
  private record Held(DocumentHandle handle, SocketPeer peer, Inbound inbound) {}

  private final SyncSockets sockets;
  private final IoLoop loop;
  private final SocketChannel channel;
  private final Caller caller;
  private final String address;
  private final boolean page;
  private final Outbox outbox;
  private final FrameReader frames = new FrameReader();
  private final WireDecoder decoder = new WireDecoder();
  private final Fragments fragments = new Fragments();
  private final Map<DocumentId, DocumentHandle> handles = new HashMap<>(2);
  private final TokenBucket ephemerals;
  private final long openedAt;

  private @Nullable SelectionKey key;
  private volatile @Nullable SocketPeer joined;
  private State state = new State.Handshaking();
  private final Throttle throttle;
  private @Nullable Held held;

  /** A message of this connection is being decoded on another thread. */
  private boolean decoding;

  private boolean throttled;

  /** The number of waits so far: only the end of the newest wait counts. */
  private int waits;

  /** The cost of the last message beyond its size, in bytes; the throttle charges both together. */
  private long extraCost;

  private @Nullable ByteBuffer unread;

  /** Input is no longer decoded; it is read and discarded until the client is gone. */
  private boolean inputClosed;

  /** The client's close frame was received. */
  private boolean closeReceived;

  private boolean activeSincePing = true;

  /** Consecutive pings without any input after them. */
  private int silentPings;

  private boolean finished;
  private long pingedAt;
  private long closingSince;
  private boolean sawClosing;

  /**
   * Creates a connection that is not served yet.
   *
   * @param address the address that the connection counts for, without its port
   * @param page whether the connection was opened with a ticket: a refusal closes it
   */
  Connection(
      SyncSockets sockets,
      IoLoop loop,
      SocketChannel channel,
      Caller caller,
      String address,
      boolean page) {
    this.page = page;
    this.sockets = sockets;
    this.loop = loop;
    this.channel = channel;
    this.caller = caller;
    this.address = address;
    this.openedAt = sockets.now();
    this.pingedAt = openedAt;
    this.outbox = new Outbox(new Writer(), sockets.limits().outbox(), sockets.metrics());
    this.throttle = new Throttle(sockets.limits().traffic(), openedAt);
    this.ephemerals =
        new TokenBucket(Rate.perSecond(sockets.limits().ephemeral().perSecondMax()), openedAt);
  }

  /**
   * Starts serving; {@code leftOver} holds the bytes that came directly after the upgrade request.
   */
  void open(@Nullable ByteBuffer leftOver) {
    try {
      key = loop.register(channel, this);
    } catch (IOException _) {
      finish(VANISHED);
      return;
    }
    sockets.opened(this);
    if (leftOver != null) {
      feed(leftOver);
    }
  }

  // The socket.

  /** Gives the outbox access to the socket; from any thread. */
  private final class Writer implements SocketWriter {

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        // For a heap buffer, the system call copies all bytes before it finds out how many the
        // socket takes.
        var end = bytes.limit();
        var sliced = Math.min(end, bytes.position() + WRITE_BYTES_MAX);
        bytes.limit(sliced);
        channel.write(bytes);
        var took = bytes.position() == sliced;
        bytes.limit(end);
        if (!took) {
          return;
        }
      }
    }

    @Override
    public @Nullable ByteBuffer scratch(int length) {
      return loop.scratch(length);
    }

    @Override
    public void awaitWritable() {
      loop.execute(Connection.this::watchWritable);
    }

    @Override
    public void kill() {
      Connection.this.kill();
    }
  }

  private void watchWritable() {
    if (!finished) {
      Objects.requireNonNull(key).interestOpsOr(SelectionKey.OP_WRITE);
    }
  }

  @Override
  public void readable() {
    var buffer = loop.buffer();
    int count;
    try {
      count = channel.read(buffer);
    } catch (IOException _) {
      count = -1;
    }
    if (count < 0) {
      finish(VANISHED);
      return;
    }
    activeSincePing = true;
    if (!inputClosed) {
      feed(buffer.flip());
    }
  }

  @Override
  public void writable() {
    // A socket that takes bytes is alive too: on a slow line a ping waits behind a large document.
    activeSincePing = true;
    outbox.writable();
    finishIfClosed();
  }

  private void feed(ByteBuffer in) {
    while (!isPaused() && !inputClosed && !finished) {
      switch (frames.read(in, messageBytesMax())) {
        case FrameReader.Read.Incomplete() -> {
          endIfMemoryIsFull();
          return;
        }
        case FrameReader.Read.Broken(var code, var reason) -> {
          inputClosed = true;
          refuse(code, code == CloseCodes.TOO_BIG ? "WS1" : "WS6", reason);
        }
        case FrameReader.Read.Frame frame -> {
          extraCost = 0;
          frame(frame);
          spend(1, frame.payload().length() + extraCost);
        }
      }
    }
    if (isPaused() && in.hasRemaining()) {
      unread = ByteBuffer.allocate(in.remaining()).put(in).flip();
    }
  }

  /**
   * Ends the connection when the heap is full and it holds too many bytes: parts of messages, input
   * that waits, and output that the client does not read.
   */
  private void endIfMemoryIsFull() {
    if (sockets.memoryIsFull() && heldBytes() > sockets.limits().memory().heldBytesMax()) {
      inputClosed = true;
      frames.forget();
      fragments.clear();
      unread = null;
      held = null;
      outbox.letGo();
      refuse(CloseCodes.OVERLOAD, MEMORY, MEMORY_IS_FULL);
    }
  }

  private long heldBytes() {
    var message = held;
    var rest = unread;
    return frames.heldBytes()
        + fragments.length()
        + (rest == null ? 0 : rest.remaining())
        + (message == null ? 0 : message.inbound.bytes())
        + outbox.bytes();
  }

  private int messageBytesMax() {
    return state instanceof State.Handshaking
        ? sockets.limits().handshake().bytesMax()
        : sockets.limits().frames().bytesMax();
  }

  private void frame(FrameReader.Read.Frame frame) {
    switch (frame.opcode()) {
      case FrameReader.PING -> outbox.pong(frame.payload());
      case FrameReader.PONG -> {}
      case FrameReader.CLOSE -> closed(frame.payload());
      case FrameReader.TEXT -> refuse(CloseCodes.TEXT, "WS1", "only binary frames are understood");
      default -> part(frame.payload(), frame.last());
    }
  }

  private void part(Bytes part, boolean last) {
    if (state instanceof State.Closing) {
      return;
    }
    if (fragments.length() + part.length() > messageBytesMax()) {
      fragments.clear();
      refuse(CloseCodes.TOO_BIG, "WS1", "a message has at most " + messageBytesMax() + " bytes");
      return;
    }
    var whole = fragments.add(part, last);
    if (whole.isPresent()) {
      message(whole.get());
    }
  }

  /**
   * Handles the client's close frame. It is answered with its own code, unless the server closed
   * first.
   */
  private void closed(Bytes payload) {
    inputClosed = true;
    state = new State.Closing();
    var code = CloseReason.codeOf(payload);
    if (code < 0) {
      outbox.close(CloseReason.PROTOCOL_ERROR, "[WS6] no such close code", null);
    } else {
      outbox.close(code, "", null);
    }
    closeReceived = true;
    finishIfClosed();
  }

  /** Ends the connection when both sides have sent a close frame. */
  private void finishIfClosed() {
    if (closeReceived && outbox.isDone()) {
      finish(outbox.closeCode());
    }
  }

  // Backpressure.

  @Override
  public void later(Runnable step) {
    loop.later(step);
  }

  @Override
  public void drained() {
    loop.execute(this::resume);
  }

  private boolean isPaused() {
    return held != null || decoding || throttled;
  }

  private void hold(Held message) {
    held = message;
    watchReadable(false);
  }

  private void spend(int messages, long bytes) {
    var wait = throttle.spend(messages, bytes, sockets.now());
    if (wait > 0) {
      throttled = true;
      sockets.metrics().throttled();
      watchReadable(false);
      var mine = ++waits;
      loop.after(
          wait,
          () -> {
            if (mine == waits) {
              throttled = false;
              readOn();
            }
          });
    }
  }

  private void resume() {
    var message = held;
    if (message != null
        && !finished
        && message.handle.receive(message.peer, message.inbound, this)) {
      held = null;
      readOn();
    }
  }

  private void readOn() {
    if (isPaused() || finished) {
      return;
    }
    activeSincePing = true;
    var rest = unread;
    unread = null;
    if (rest != null) {
      feed(rest);
    }
    if (!isPaused()) {
      watchReadable(true);
    }
  }

  private void watchReadable(boolean on) {
    if (!finished) {
      var registered = Objects.requireNonNull(key);
      if (on) {
        registered.interestOpsOr(SelectionKey.OP_READ);
      } else {
        registered.interestOpsAnd(~SelectionKey.OP_READ);
      }
    }
  }

  // Messages.

  private void message(Bytes frame) {
    sockets.metrics().frameIn(frame.length());
    switch (decoder.decode(frame)) {
      case Decoding.Malformed<WireMessage>(var rule, var reason) -> malformed(rule, reason);
      case Decoding.Decoded<WireMessage>(var message) -> {
        switch (state) {
          case State.Handshaking() -> handshake(message);
          case State.Joined(var peer) -> receive(peer, message);
          case State.Closing() -> {}
        }
      }
    }
  }

  /**
   * Handles a malformed message. A wrong document id concerns only that document; every other fault
   * concerns the connection.
   */
  private void malformed(String rule, String reason) {
    if (rule.equals("HS7")
        && state instanceof State.Joined(var peer)
        && peer.refuseWithoutDocument(CloseCodes.BAD_MESSAGE, rule, reason)) {
      sockets.refused(this, rule, reason);
    } else {
      refuse(rule.equals("WS1") ? CloseCodes.NOT_CBOR : CloseCodes.BAD_MESSAGE, rule, reason);
    }
  }

  private void handshake(WireMessage message) {
    if (!(message instanceof WireMessage.Join join)) {
      refuse(CloseCodes.HANDSHAKE, "HS1", "the first message must be join");
      return;
    }
    var id = join.senderId();
    var peer = new SocketPeer(id, caller, sockets.serverPeerId(), outbox, page);
    if (!join.versions().contains(WireCodec.VERSION)) {
      state = new State.Closing();
      sockets.metrics().refused("HS3");
      peer.close(CloseCodes.VERSION, "HS3", "only protocol version 1 is supported");
      return;
    }
    var scope = caller.scope();
    var holder = sockets.registry().holder(scope, id);
    if (id.equals(sockets.serverPeerId())
        || (holder.isPresent() && !mayReplace(holder.get().caller()))) {
      state = new State.Closing();
      sockets.metrics().refused("HS4");
      peer.close(CloseCodes.NOT_ALLOWED, "HS4", "this peer id belongs to another identity");
      return;
    }
    joined = peer;
    state = new State.Joined(peer);
    sockets.registry().take(scope, id, this).ifPresent(Connection::replaced);
    outbox.offer(
        WireCodec.shared(
            new WireMessage.PeerMessage(
                sockets.serverPeerId(),
                id,
                new PeerMetadata(Optional.of(sockets.storageId()), false),
                WireCodec.VERSION)),
        WireCodec.target(id));
    outbox.flush();
  }

  private void receive(SocketPeer peer, WireMessage message) {
    if (!message.senderId().equals(peer.id())) {
      if (message instanceof WireMessage.Ephemeral) {
        // A repo with several peers forwards their messages; those peers send the messages to this
        // server themselves.
        sockets.metrics().ephemeralDropped("foreign");
      } else {
        refuse(CloseCodes.BAD_MESSAGE, "HS5", "senderId is not the peer id that joined");
      }
      return;
    }
    switch (message) {
      case WireMessage.Sync(_, _, var document, var data) -> sync(peer, document, data);
      case WireMessage.Request(_, _, var document, var data) -> sync(peer, document, data);
      case WireMessage.Ephemeral ephemeral -> say(peer, ephemeral);
      case WireMessage.Ping(_, var count) -> {
        peer.offer(
            WireCodec.shared(new WireMessage.Pong(sockets.serverPeerId(), peer.id(), count)),
            WireCodec.target(peer.id()));
        peer.flush();
      }
      case WireMessage.Leave _ -> {
        state = new State.Closing();
        outbox.close(CloseCodes.NORMAL, "", null);
      }
      case WireMessage.Join _ ->
          refuse(CloseCodes.BAD_MESSAGE, "HS4", "this connection has joined already");
      // These are ignored: a hub does not request documents, and heads are gossiped between
      // clients.
      case WireMessage.DocUnavailable _,
          WireMessage.RemoteSubscriptionChange _,
          WireMessage.RemoteHeadsChanged _,
          WireMessage.PeerMessage _,
          WireMessage.ErrorMessage _,
          WireMessage.Pong _,
          WireMessage.Unknown _ -> {}
    }
  }

  private void sync(SocketPeer peer, DocumentId document, Bytes data) {
    var handle = handles.get(document);
    if (handle == null) {
      if (!sockets.reachable(peer.caller(), document)
          || handles.size() >= sockets.limits().frames().documentsPerConnectionMax()) {
        peer.offer(
            WireCodec.shared(
                new WireMessage.DocUnavailable(sockets.serverPeerId(), peer.id(), document)),
            WireCodec.target(peer.id()));
        peer.flush();
        return;
      }
      handle = sockets.handle(document);
      handles.put(document, handle);
    }
    var known = loop.acks().find(data);
    if (known != null) {
      deliver(handle, peer, known);
      return;
    }
    if (sockets.inbound().isLong(data)) {
      var open = handle;
      decodeElsewhere(open, peer, () -> read(peer, open, data));
      return;
    }
    switch (sockets.inbound().open(data)) {
      case Decoding.Malformed<InboundDecoder.Unread>(var rule, var reason) ->
          refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<InboundDecoder.Unread>(var unread) -> {
        if (peer.ignores(document)) {
          deliver(handle, peer, ignoring(unread));
        } else if (sockets.inbound().isLong(unread)) {
          decodeElsewhere(handle, peer, () -> sockets.inbound().read(unread));
        } else {
          var decoded = sockets.inbound().read(unread);
          if (decoded instanceof Decoding.Decoded<Inbound>(var inbound)) {
            loop.acks().add(data, inbound);
          }
          deliver(handle, peer, decoded);
        }
      }
    }
  }

  /** Decodes a whole message; runs on a separate thread. */
  private Decoding<Inbound> read(SocketPeer peer, DocumentHandle handle, Bytes data) {
    return sockets
        .inbound()
        .open(data)
        .flatMap(
            unread ->
                peer.ignores(handle.document())
                    ? Decoding.of(ignoring(unread))
                    : sockets.inbound().read(unread));
  }

  /**
   * The message without its changes. Too many changes of the document were refused, so further
   * changes are not decoded.
   */
  private Inbound ignoring(InboundDecoder.Unread unread) {
    sockets.metrics().changesDropped(unread.chunks().size());
    return sockets.inbound().withoutChanges(unread);
  }

  /**
   * Decodes on another thread. Until it is done nothing is read from the socket, so that messages
   * keep their order.
   */
  private void decodeElsewhere(
      DocumentHandle handle, SocketPeer peer, Supplier<Decoding<Inbound>> reading) {
    decoding = true;
    watchReadable(false);
    sockets.decode(
        this,
        reading,
        decoded ->
            loop.execute(
                () -> {
                  decoding = false;
                  if (finished || state instanceof State.Closing) {
                    readOn();
                    return;
                  }
                  extraCost = 0;
                  deliver(handle, peer, decoded);
                  spend(0, extraCost);
                  readOn();
                }));
  }

  private void deliver(DocumentHandle handle, SocketPeer peer, Decoding<Inbound> decoded) {
    switch (decoded) {
      case Decoding.Malformed<Inbound>(var rule, var reason) ->
          refuse(CloseCodes.MALFORMED, rule, reason);
      case Decoding.Decoded<Inbound>(var inbound) -> deliver(handle, peer, inbound);
    }
  }

  private void deliver(DocumentHandle handle, SocketPeer peer, Inbound inbound) {
    if (sockets.memoryIsFull()
        && !(inbound.changes().isEmpty() && sockets.isInMemory(handle.document()))) {
      refuse(CloseCodes.OVERLOAD, MEMORY, MEMORY_IS_FULL);
      return;
    }
    extraCost = inbound.weight() - inbound.bytes();
    if (!handle.receive(peer, inbound, this)) {
      hold(new Held(handle, peer, inbound));
    }
  }

  private void say(SocketPeer peer, WireMessage.Ephemeral message) {
    var handle = handles.get(message.documentId());
    if (handle == null) {
      sockets.metrics().ephemeralDropped("unread");
    } else if (message.data().length() > sockets.limits().ephemeral().dataBytesMax()) {
      sockets.metrics().ephemeralDropped("size");
    } else if (ephemerals.take(sockets.now()) > 0) {
      sockets.metrics().ephemeralDropped("rate");
    } else {
      handle.say(peer, message, this);
    }
  }

  private void refuse(int code, String rule, String reason) {
    if (state instanceof State.Closing) {
      return;
    }
    sockets.refused(this, rule, reason);
    if (state instanceof State.Joined(var peer)) {
      peer.close(code, rule, reason);
    } else {
      outbox.close(code, CloseReason.fit("[" + rule + "] " + reason), null);
    }
    state = new State.Closing();
  }

  /** Called by the loop several times a second. */
  void pulse(long now) {
    if (outbox.closeCode() != 0) {
      if (!sawClosing) {
        sawClosing = true;
        closingSince = now;
      } else if (now - closingSince > LINGER_NANOS) {
        finish(VANISHED);
      }
    } else if (joined == null
        && now - openedAt
            > sockets.limits().handshake().joinSecondsMax() * 1_000L * NANOS_PER_MILLI) {
      sockets.refused(this, "HS1", "no join came in time");
      close(CloseCodes.HANDSHAKE, "[HS1] no join came in time");
    } else if (now - pingedAt >= sockets.limits().liveness().pingMillis() * NANOS_PER_MILLI) {
      silentPings = activeSincePing || isPaused() ? 0 : silentPings + 1;
      if (silentPings >= sockets.limits().liveness().silentPingsMax()) {
        close(CloseCodes.SILENT, "[WS4] nothing was received since the last pings");
        sawClosing = true;
        closingSince = now - LINGER_NANOS;
        return;
      }
      activeSincePing = false;
      pingedAt = now;
      outbox.ping();
    }
    if (outbox.closeCode() == 0) {
      endIfMemoryIsFull();
    }
  }

  /** Ends the connection, once. After this no thread writes to the socket or uses the peer. */
  private void finish(int status) {
    if (finished) {
      return;
    }
    finished = true;
    var code = outbox.closeCode();
    outbox.stop();
    if (key != null) {
      key.cancel();
    }
    try {
      channel.close();
    } catch (IOException _) {
      // The channel was closed already.
    }
    var peer = joined;
    if (peer != null) {
      var last = sockets.registry().release(peer.caller().scope(), peer.id(), this);
      for (var handle : handles.values()) {
        handle.leave(peer, last);
      }
    }
    handles.clear();
    held = null;
    unread = null;
    sockets.closed(this, code == 0 ? status : code);
  }

  // From any thread.

  Caller caller() {
    return caller;
  }

  String address() {
    return address;
  }

  IoLoop loop() {
    return loop;
  }

  /** The peer id for a log line. */
  String who() {
    var peer = joined;
    return peer == null ? "(not joined)" : peer.id().value();
  }

  /**
   * Whether this caller may take over the peer id of another one. Guests have no identity, so a
   * guest takes over from a guest only with the same role: otherwise a spectator could end the seat
   * of a player.
   */
  private boolean mayReplace(Caller holder) {
    return holder.identity().equals(caller.identity())
        && (caller.identity().isPresent() || holder.role() == caller.role());
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

  /** Closes with a code of the server's choice; queued messages are sent first. */
  void close(int code, String reason) {
    outbox.close(code, reason, null);
  }

  /** Breaks the connection without a close frame. */
  @Override
  public void kill() {
    loop.execute(() -> finish(VANISHED));
  }
}
