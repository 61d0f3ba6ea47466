package dev.parlor.room.worker;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.room.schema.RoomView;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A client of one document that behaves like a browser: a replica that syncs over a WebSocket, with
 * the sync engine of {@code crdt-core}. It can disconnect and reconnect, and edit online and
 * offline. Safe from any thread.
 */
public final class TestPeer implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private final PeerId id;
  private final DocumentId document;
  private final Replica replica;
  private final ChangeGraph graph = new ChangeGraph();
  private final SyncEncoder encoder = new SyncEncoder(graph);
  private final List<Bytes> ephemeral = new ArrayList<>();
  private final SessionId session = new SessionId(UUID.randomUUID().toString());
  private int ephemeralSent;

  private @Nullable WebSocket socket;
  private @Nullable PeerSync sync;
  private @Nullable PeerId server;
  private CompletableFuture<Void> handshake = new CompletableFuture<>();
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);
  private @Nullable Throwable failure;
  private final List<Bytes> unreadFrames = new ArrayList<>();
  private boolean isReadingPaused;

  public TestPeer(String name, DocumentId document) {
    this.id = new PeerId(name + "-" + UUID.randomUUID());
    this.document = document;
    byte[] actor = UUID.randomUUID().toString().substring(0, 16).getBytes(StandardCharsets.UTF_8);
    this.replica = Replica.create(new ActorId(Bytes.wrap(actor)));
  }

  /** Connects and waits until the server has answered the handshake. */
  public TestPeer connect(URI url) throws Exception {
    CompletableFuture<Void> open = new CompletableFuture<>();
    synchronized (this) {
      handshake = open;
      sync = new PeerSync(graph);
      server = null;
    }
    WebSocket opened =
        HTTP.newWebSocketBuilder().buildAsync(url, new Listener()).get(10, TimeUnit.SECONDS);
    synchronized (this) {
      socket = opened;
      sending = CompletableFuture.completedFuture(null);
      send(
          new WireMessage.Join(
              id, new PeerMetadata(Optional.empty(), true), List.of(WireCodec.VERSION)));
    }
    open.get(10, TimeUnit.SECONDS);
    return this;
  }

  /** Goes offline without a close frame. */
  public synchronized void disconnect() {
    if (socket != null) {
      socket.abort();
      socket = null;
    }
    sync = null;
  }

  /** Whether the server has not closed the connection. */
  public synchronized boolean isConnected() {
    return socket != null && !socket.isInputClosed();
  }

  /** Makes one change; sends it at once if online. */
  public synchronized void edit(Function<RoomView, List<Edit>> edits) {
    replica.transact(edits.apply(view())).ifPresent(this::add);
    flush();
  }

  /** Sends an ephemeral message about the document. */
  public synchronized void sendEphemeral(Bytes data) {
    if (server != null) {
      send(new WireMessage.Ephemeral(id, server, document, session, ++ephemeralSent, data));
    }
  }

  /** Waits until the server has acknowledged all changes that this peer has. */
  public void awaitSaved() throws InterruptedException, TimeoutException {
    await("an acknowledgement", () -> sync != null && sync.peerHeads().equals(graph.heads()));
  }

  /** Waits until this peer has at least this number of changes. */
  public void awaitSize(int changes) throws InterruptedException, TimeoutException {
    await(changes + " changes", () -> graph.size() >= changes);
  }

  private synchronized void await(String what, BooleanSupplier condition)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (failure != null) {
        throw new AssertionError(id + " failed", failure);
      }
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new TimeoutException(id + " timed out while waiting for " + what);
      }
      wait(millis);
    }
  }

  public synchronized RoomView view() {
    return RoomView.read(replica.root());
  }

  public synchronized Value root() {
    return replica.root();
  }

  /** All changes of the document. */
  public synchronized List<Bytes> changes() {
    return IntStream.range(0, graph.size()).mapToObj(graph::chunkAt).toList();
  }

  /** The received ephemeral messages, undecoded. */
  public synchronized List<Bytes> ephemeral() {
    return List.copyOf(ephemeral);
  }

  /** Waits until this peer's view of the room meets the condition. */
  public synchronized RoomView await(String what, Predicate<RoomView> condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (true) {
      RoomView view = view();
      if (failure != null) {
        throw new AssertionError(id + " failed", failure);
      }
      if (condition.test(view)) {
        return view;
      }
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError(
            id + " timed out while waiting until " + what + "; its room is " + view);
      }
      wait(millis);
    }
  }

  @Override
  public synchronized void close() {
    disconnect();
    replica.close();
  }

  private void add(Bytes chunk) {
    switch (ChangeCodec.decode(chunk, FormatLimits.DEFAULT)) {
      case Decoding.Decoded<dev.parlor.crdt.format.ChangeChunk>(var change) -> {
        Offer offer = graph.offer(change);
        if (!(offer instanceof Offer.Added) && !(offer instanceof Offer.Duplicate)) {
          throw new AssertionError("the peer cannot add a change: " + offer);
        }
      }
      case Decoding.Malformed<dev.parlor.crdt.format.ChangeChunk> malformed ->
          throw new AssertionError("malformed change: " + malformed);
    }
  }

  private void flush() {
    PeerSync current = sync;
    PeerId to = server;
    if (current == null || to == null) {
      return;
    }
    current
        .next(encoder, List.of())
        .ifPresent(
            data ->
                send(
                    graph.isEmpty()
                        ? new WireMessage.Request(id, to, document, data)
                        : new WireMessage.Sync(id, to, document, data)));
  }

  private void send(WireMessage message) {
    WebSocket current = socket;
    if (current != null) {
      ByteBuffer frame = ByteBuffer.wrap(WireCodec.encode(message).toArray());
      sending = sending.thenCompose(_ -> current.sendBinary(frame, true)).exceptionally(_ -> null);
    }
  }

  /** Processes no frames until {@link #resumeReading}, as on a slow network. */
  public synchronized void pauseReading() {
    isReadingPaused = true;
  }

  public synchronized void resumeReading() {
    isReadingPaused = false;
    List<Bytes> frames = List.copyOf(unreadFrames);
    unreadFrames.clear();
    frames.forEach(this::received);
  }

  private synchronized void received(Bytes frame) {
    if (isReadingPaused) {
      unreadFrames.add(frame);
      return;
    }
    try {
      switch (WireCodec.decode(frame)) {
        case Decoding.Decoded<WireMessage>(WireMessage message) -> process(message);
        case Decoding.Malformed<WireMessage> malformed -> throw new AssertionError(malformed);
      }
    } catch (RuntimeException | AssertionError e) {
      failure = e;
    }
    notifyAll();
  }

  private void process(WireMessage message) {
    switch (message) {
      case WireMessage.PeerMessage peer -> {
        server = peer.senderId();
        if (sync != null) {
          sync.initiate();
        }
        flush();
        handshake.complete(null);
      }
      case WireMessage.Sync received -> {
        if (SyncMessageCodec.decode(received.data(), SyncLimits.DEFAULT)
            instanceof Decoding.Decoded<SyncMessage>(SyncMessage content)) {
          content.changes().forEach(this::add);
          replica.apply(content.changes());
          if (sync != null) {
            sync.received(content);
          }
          flush();
        }
      }
      case WireMessage.Ephemeral received -> ephemeral.add(received.data());
      case WireMessage.ErrorMessage error -> throw new AssertionError(error.message());
      default -> {}
    }
  }

  /** Waits until this number of ephemeral messages has arrived. */
  public synchronized void awaitEphemeral(int count)
      throws InterruptedException, TimeoutException, ExecutionException {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (ephemeral.size() < count) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new TimeoutException(ephemeral.size() + " ephemeral messages have arrived");
      }
      wait(millis);
    }
  }

  private final class Listener implements WebSocket.Listener {
    private Bytes partial = Bytes.EMPTY;

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      partial = Bytes.concat(List.of(partial, Bytes.wrap(bytes)));
      if (last) {
        Bytes frame = partial;
        partial = Bytes.EMPTY;
        received(frame);
      }
      from.request(1);
      return null;
    }
  }
}
