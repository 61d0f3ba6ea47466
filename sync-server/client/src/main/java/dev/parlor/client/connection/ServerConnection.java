package dev.parlor.client.connection;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireDecoder;
import dev.parlor.crdt.wire.WireMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one server. It dials, joins, notices a dead connection, and dials again after a
 * pause, until {@link #close}. All methods run on the loop.
 */
public final class ServerConnection {

  /**
   * Above this many waiting bytes the connection is busy: sync messages wait until they can take
   * everything that is new by then.
   */
  private static final int BUSY_BYTES = 256 << 10;

  /** The heartbeats for which a ping may wait behind data that is still being sent. */
  private static final int SILENT_BEATS_MAX = 6;

  private final PeerId self;
  private final ServerAddress address;
  private final boolean addressIsFixed;
  private final Transport transport;
  private final Loop loop;
  private final Timing timing;
  private final Backoff backoff;
  private final Exchange exchange;

  /** The number of the current attempt. Events of earlier attempts are ignored. */
  private long attempt;

  private boolean isClosed;
  private Transport.@Nullable Link link;
  private WireDecoder decoder = new WireDecoder();
  private ConnectionState state = new ConnectionState.Offline();
  private Optional<ConnectionEnd> lastEnd = Optional.empty();
  private String lastError = "";
  private long joinedNanos;
  private Loop.@Nullable Timer timer;
  private boolean isActive;

  /** The heartbeats since the ping that the server has not answered; 0 without such a ping. */
  private int silentBeats;

  private long waitingAtBeat;
  private boolean wasBusy;

  ServerConnection(
      PeerId self,
      ServerAddress address,
      boolean addressIsFixed,
      Transport transport,
      Loop loop,
      Timing timing,
      RandomGenerator random,
      Exchange exchange) {
    this.self = self;
    this.address = address;
    this.addressIsFixed = addressIsFixed;
    this.transport = transport;
    this.loop = loop;
    this.timing = timing;
    this.backoff = new Backoff(timing, random);
    this.exchange = exchange;
  }

  /**
   * Creates a connection over the JDK's WebSocket client; {@link #connect} dials.
   *
   * @param addressIsFixed whether {@code address} always returns the same address
   */
  public static ServerConnection over(
      HttpClient client,
      PeerId self,
      ServerAddress address,
      boolean addressIsFixed,
      Loop loop,
      Timing timing,
      RandomGenerator random,
      Exchange exchange) {
    return new ServerConnection(
        self,
        address,
        addressIsFixed,
        new WebSocketTransport(client),
        loop,
        timing,
        random,
        exchange);
  }

  public ConnectionState state() {
    return state;
  }

  /** The peer id of this client. */
  public PeerId self() {
    return self;
  }

  /** Dials now, unless it is connected or about to be. Also ends a pause or a stop. */
  public void connect() {
    switch (state) {
      case ConnectionState.Connecting _, ConnectionState.Connected _ -> {}
      default -> dial();
    }
  }

  /** Whether so much waits for the socket that new messages should wait. */
  public boolean isBusy() {
    var busy = link != null && link.waitingBytes() > BUSY_BYTES;
    wasBusy |= busy;
    return busy;
  }

  /** Sends a message; dropped unless the state is connected. */
  public void send(WireMessage message) {
    if (state instanceof ConnectionState.Connected && link != null) {
      link.send(WireCodec.encode(message));
    }
  }

  /** Ends the connection because the server broke the protocol, and dials again after a pause. */
  public void fail(String reason) {
    if (link != null) {
      ended(attempt, new ConnectionEnd.Failed(reason));
    }
  }

  /** Ends the connection for good. */
  public void close() {
    isClosed = true;
    attempt++;
    cancelTimer();
    if (link != null) {
      link.close();
      link = null;
      exchange.lost();
    }
    change(new ConnectionState.Offline());
  }

  private void dial() {
    if (isClosed) {
      return;
    }
    var number = ++attempt;
    change(new ConnectionState.Connecting());
    startTimer(
        timing.join(),
        () ->
            ended(
                number,
                new ConnectionEnd.Failed(
                    "the server did not answer within " + timing.join().toMillis() + " ms")));
    var last = lastEnd;
    if (addressIsFixed) {
      open(number, last);
    } else {
      Thread.ofVirtual().name("parlor-client-address").start(() -> open(number, last));
    }
  }

  /** Gets the address and opens the connection; runs on any thread. */
  private void open(long number, Optional<ConnectionEnd> last) {
    URI target;
    try {
      target = address.next(last);
    } catch (Exception e) {
      loop.execute(
          () -> ended(number, new ConnectionEnd.Failed("the address is not available: " + e)));
      return;
    }
    transport.open(target, new Events(number));
  }

  /** Passes the events of one connection to the loop. */
  private final class Events implements Transport.Observer {
    private final long number;

    Events(long number) {
      this.number = number;
    }

    @Override
    public void opened(Transport.Link opened) {
      loop.execute(() -> ServerConnection.this.opened(number, opened));
    }

    @Override
    public void message(Bytes message) {
      loop.execute(() -> received(number, message));
    }

    @Override
    public void active() {
      loop.execute(
          () -> {
            if (number == attempt) {
              isActive = true;
            }
          });
    }

    @Override
    public void sent() {
      loop.execute(() -> ServerConnection.this.sent(number));
    }

    @Override
    public void ended(ConnectionEnd end) {
      loop.execute(() -> ServerConnection.this.ended(number, end));
    }
  }

  private void opened(long number, Transport.Link opened) {
    if (number != attempt || isClosed) {
      opened.abort();
      return;
    }
    link = opened;
    decoder = new WireDecoder();
    lastError = "";
    isActive = true;
    silentBeats = 0;
    wasBusy = false;
    // No storage id: the server need not keep sync state of a client, which starts anew each time.
    opened.send(
        WireCodec.encode(
            new WireMessage.Join(
                self, new PeerMetadata(Optional.empty(), true), List.of(WireCodec.VERSION))));
  }

  private void sent(long number) {
    if (number == attempt && wasBusy && !isBusy()) {
      wasBusy = false;
      exchange.writable();
    }
  }

  private void received(long number, Bytes bytes) {
    if (number != attempt || link == null) {
      return;
    }
    var current = link;
    switch (decoder.decode(bytes)) {
      case Decoding.Decoded<WireMessage>(var message) -> process(message);
      case Decoding.Malformed<WireMessage>(var rule, var reason) ->
          fail("the server sent a malformed message [" + rule + "]: " + reason);
    }
    if (current.equals(link)) {
      current.receiveNext();
    }
  }

  private void process(WireMessage message) {
    switch (message) {
      case WireMessage.PeerMessage peer -> {
        if (state instanceof ConnectionState.Connecting) {
          joined(peer);
        }
      }
      case WireMessage.ErrorMessage error -> {
        var document = error.documentId();
        if (document == null) {
          lastError = error.message();
        } else {
          exchange.refused(document, error.message());
        }
      }
      case WireMessage.OfDocument ofDocument -> {
        if (state instanceof ConnectionState.Connected) {
          exchange.received(ofDocument);
        }
      }
      default -> {}
    }
  }

  private void joined(WireMessage.PeerMessage peer) {
    if (!peer.version().equals(WireCodec.VERSION)) {
      fail("the server selected the protocol version " + peer.version());
      return;
    }
    joinedNanos = loop.nanoTime();
    var metadata = peer.metadata();
    var connected =
        new ConnectionState.Connected(
            peer.senderId(), metadata.storageId(), metadata.durableHeads());
    change(connected);
    beat();
    exchange.joined(connected);
  }

  /** Checks that the server is alive, now and after each heartbeat. */
  private void beat() {
    if (link == null) {
      return;
    }
    var waiting = link.waitingBytes();
    if (isActive) {
      silentBeats = 0;
    } else if (silentBeats == 0) {
      link.ping();
      silentBeats = 1;
    } else if (waiting < waitingAtBeat && silentBeats < SILENT_BEATS_MAX) {
      silentBeats++; // the ping waits behind data, which the server still takes
    } else {
      fail("the server sent nothing for some heartbeats, and did not answer a ping");
      return;
    }
    waitingAtBeat = waiting;
    isActive = false;
    startTimer(timing.heartbeat(), this::beat);
  }

  private void ended(long number, ConnectionEnd reported) {
    if (number != attempt || isClosed) {
      return;
    }
    attempt++; // later events of this connection are ignored
    cancelTimer();
    var wasJoined = state instanceof ConnectionState.Connected;
    if (link != null) {
      link.abort();
      link = null;
    }
    var end =
        reported instanceof ConnectionEnd.Closed(var code, var _) && !lastError.isEmpty()
            ? new ConnectionEnd.Closed(code, lastError)
            : reported;
    lastEnd = Optional.of(end);
    if (wasJoined) {
      exchange.lost();
      if (loop.nanoTime() - joinedNanos >= timing.stable().toNanos()) {
        backoff.reset();
      }
    }
    switch (NextStep.after(end, addressIsFixed)) {
      case STOP -> change(new ConnectionState.Stopped(end));
      case RETRY -> pause(backoff.next(), end);
      case RETRY_LATER -> {
        var pause = backoff.next();
        pause(
            pause.compareTo(timing.busyPause()) < 0 ? pause.plus(timing.busyPause()) : pause, end);
      }
      case NEW_ADDRESS -> {
        // A server that refuses every new token is asked with pauses.
        if (wasJoined) {
          dial();
        } else {
          pause(backoff.next(), end);
        }
      }
    }
  }

  private void pause(Duration pause, ConnectionEnd end) {
    change(new ConnectionState.Waiting(pause, end));
    startTimer(pause, this::dial);
  }

  private void change(ConnectionState next) {
    if (!next.equals(state)) {
      state = next;
      exchange.changed(next);
    }
  }

  private void startTimer(Duration delay, Runnable task) {
    cancelTimer();
    timer = loop.schedule(delay, task);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
