package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.server.address.ClientAddresses;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.DocumentPolicy;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.health.QuietLog;
import dev.parlor.server.relay.CloseCodes;
import dev.parlor.server.relay.DocumentDirectory;
import dev.parlor.server.relay.DocumentHandle;
import dev.parlor.server.relay.Inbound;
import dev.parlor.server.relay.InboundDecoder;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All WebSockets of the server. It makes a {@link Connection} for each upgrade, keeps the set of
 * open connections, and spreads them over several {@link IoLoop}s.
 */
public final class SyncSockets implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncSockets.class);
  private static final int PULSE_MILLIS_MAX = 1_000;

  /**
   * The maximum number of loops. More threads would compete with each other, since documents' steps
   * run on them too.
   */
  private static final int LOOPS_MAX = 4;

  private static final int QUIET_MILLIS = 1_000;

  /** The ids of this server in the protocol. */
  public record Identity(PeerId peerId, StorageId storageId) {}

  private final DocumentDirectory directory;
  private final Authenticator authenticator;
  private final DocumentPolicy policy;
  private final Limits limits;
  private final Identity identity;
  private final OriginCheck origins;
  private final Metrics metrics;
  private final LongSupplier nanoTime;
  private final BooleanSupplier memoryIsFull;
  private final InboundDecoder inbound;
  private final QuietLog quiet;
  private final QuietLog slow;
  private final PeerRegistry registry = new PeerRegistry();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final List<IoLoop> loops;
  private final Semaphore decoders;
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger admitted = new AtomicInteger();
  private final Map<String, Integer> perAddress = new ConcurrentHashMap<>();
  private volatile boolean accepting = true;

  /**
   * Starts the loops.
   *
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   * @param memoryIsFull whether the server should take no more data at present; checked for each
   *     message
   */
  public SyncSockets(
      DocumentDirectory directory,
      Authenticator authenticator,
      DocumentPolicy policy,
      Limits limits,
      Identity identity,
      OriginCheck origins,
      Metrics metrics,
      LongSupplier nanoTime,
      BooleanSupplier memoryIsFull) {
    this.directory = directory;
    this.authenticator = authenticator;
    this.policy = policy;
    this.limits = limits;
    this.identity = identity;
    this.origins = origins;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.memoryIsFull = memoryIsFull;
    this.inbound = new InboundDecoder(limits);
    this.quiet = new QuietLog(LOG, QUIET_MILLIS, nanoTime);
    this.slow = new QuietLog(LOG, QUIET_MILLIS, nanoTime);
    var period = Math.clamp(limits.liveness().pingMillis() / 5, 1, PULSE_MILLIS_MAX);
    var count = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, LOOPS_MAX);
    this.decoders = new Semaphore(limits.work().decodersMax());
    this.loops = loops(count, period);
    loops.forEach(IoLoop::start);
  }

  private List<IoLoop> loops(int count, int periodMillis) {
    var made = new ArrayList<IoLoop>(count);
    try {
      for (var number = 0; number < count; number++) {
        made.add(new IoLoop("sockets-" + number, periodMillis, this::pulse));
      }
    } catch (IOException e) {
      made.forEach(IoLoop::close);
      throw new UncheckedIOException("the system has no selector for sockets", e);
    }
    return List.copyOf(made);
  }

  /**
   * The upgraders that turn requests for {@code /sync...} into sockets, by the protocol's name, for
   * the web server's HTTP/1.1. The name is case-insensitive, but the web server compares it
   * exactly; the keys are the spellings that clients use.
   *
   * @param addresses gives the address that an upgrade counts for
   */
  public Map<String, Http1Upgrader> upgraders(ClientAddresses addresses) {
    var upgrade = new SocketUpgrade(this, addresses);
    return Map.of(
        "websocket", upgrade, "WebSocket", upgrade, "Websocket", upgrade, "WEBSOCKET", upgrade);
  }

  /** The number of open sockets. */
  public int size() {
    return connections.size();
  }

  /**
   * Closes every connection that is scoped to this room's document and whose caller matches; a
   * joined peer receives the rule and the reason first. Returns without waiting; from any thread.
   */
  public void closeWhere(
      DocumentId room,
      java.util.function.Predicate<Caller> who,
      int code,
      String rule,
      String reason) {
    for (var connection : connections) {
      var caller = connection.caller();
      if (caller.scope().filter(room::equals).isPresent() && who.test(caller)) {
        refused(connection, rule, reason);
        connection.dismiss(code, rule, reason);
      }
    }
  }

  /** From now on upgrades are answered with 503. */
  public void stopAccepting() {
    accepting = false;
  }

  /**
   * Closes every socket with 1012 [DU6] and waits until they have closed; sockets that do not close
   * in time are broken.
   */
  public void shutdown(Duration patience) {
    stopAccepting();
    for (var connection : connections) {
      connection.close(CloseCodes.RESTART, "the server restarts");
    }
    var deadline = System.nanoTime() + patience.toNanos();
    synchronized (connections) {
      try {
        for (var left = patience.toMillis();
            !connections.isEmpty() && left > 0;
            left = (deadline - System.nanoTime()) / 1_000_000) {
          connections.wait(Math.min(left, 50));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    for (var connection : connections) {
      connection.kill();
    }
  }

  /** Stops the loops; after {@link #shutdown}. */
  @Override
  public void close() {
    stopAccepting();
    loops.forEach(IoLoop::close);
  }

  // Called by connections.

  /**
   * Decides on an upgrade; refuses with an HTTP answer. An admitted connection counts at once,
   * before its client is answered, until the {@link Connection} ends or {@link #release} is called.
   */
  Caller admit(HttpPrologue prologue, Headers headers, String address) {
    var request =
        new UpgradeRequest(
            prologue.uriPath().path(),
            prologue.query().rawValue(),
            headers.first(HeaderNames.ORIGIN).orElse(""),
            headers.first(HeaderNames.HOST).orElse(""));
    var all = admitted.incrementAndGet();
    int ofAddress = perAddress.merge(address, 1, Integer::sum);
    try {
      if (!accepting || all > limits.frames().connectionsMax()) {
        throw refusal(
            503, "the server accepts no more connections at present", FixedLimits.RETRY_SECONDS);
      }
      if (memoryIsFull()) {
        throw refusal(503, "the server's memory is full", FixedLimits.RETRY_SECONDS);
      }
      if (ofAddress > limits.traffic().connectionsPerAddressMax()) {
        throw refusal(
            429, "this address has the maximum number of connections", FixedLimits.RETRY_SECONDS);
      }
      if (!origins.maySocket(
          Optional.of(request.origin()).filter(origin -> !origin.isEmpty()), request.host())) {
        throw refusal(403, "[WS5] this page's origin may not connect", 0);
      }
      return switch (authenticator.authenticate(request)) {
        case Authenticator.Outcome.Accepted(var caller) -> caller;
        case Authenticator.Outcome.Refused(var status, var reason) ->
            throw refusal(
                status, reason, status == 429 || status == 503 ? FixedLimits.RETRY_SECONDS : 0);
      };
    } catch (RuntimeException e) {
      release(address);
      throw e;
    }
  }

  /** Stops counting an admitted connection that ended or was never served. */
  void release(String address) {
    admitted.decrementAndGet();
    perAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
  }

  /**
   * Serves a socket on one of the loops; the loop closes the channel in the end.
   *
   * @param page whether it was opened with a ticket
   */
  void serve(
      SocketChannel channel,
      Caller caller,
      String address,
      boolean page,
      @Nullable ByteBuffer leftOver) {
    var loop = loops.get(Math.floorMod(served.getAndIncrement(), loops.size()));
    var connection = new Connection(this, loop, channel, caller, address, page);
    loop.execute(() -> connection.open(leftOver));
  }

  boolean reachable(Caller caller, DocumentId document) {
    return caller.scope().isPresent()
        ? caller.scope().get().equals(document)
        : !policy.needsScope(document);
  }

  DocumentHandle handle(DocumentId document) {
    return directory.door(document);
  }

  boolean isInMemory(DocumentId document) {
    return directory.isInMemory(document);
  }

  boolean memoryIsFull() {
    return memoryIsFull.getAsBoolean();
  }

  void opened(Connection connection) {
    connections.add(connection);
    metrics.connectionOpened();
    // A change of access between the decision on the upgrade and now did not reach this connection.
    authenticator
        .dismissal(connection.caller())
        .ifPresent(why -> connection.dismiss(why.code(), why.rule(), why.reason()));
    if (!accepting) {
      connection.close(CloseCodes.RESTART, "the server restarts");
    }
  }

  void closed(Connection connection, int code) {
    release(connection.address());
    if (connections.remove(connection)) {
      metrics.connectionClosed(code);
      if (code == CloseCodes.OVERLOAD) {
        slow.say(log -> log.info("peer {} was disconnected: overload", connection.who()));
      }
    }
    synchronized (connections) {
      connections.notifyAll();
    }
  }

  void refused(Connection connection, String rule, String reason) {
    metrics.refused(rule);
    quiet.say(log -> log.info("sent peer {} away: [{}] {}", connection.who(), rule, reason));
  }

  Limits limits() {
    return limits;
  }

  Metrics metrics() {
    return metrics;
  }

  PeerRegistry registry() {
    return registry;
  }

  InboundDecoder inbound() {
    return inbound;
  }

  PeerId serverPeerId() {
    return identity.peerId();
  }

  StorageId storageId() {
    return identity.storageId();
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /**
   * Decodes a message on a separate thread and passes the result on; a defect breaks the
   * connection.
   */
  void decode(
      Connection connection,
      Supplier<Decoding<Inbound>> reading,
      Consumer<Decoding<Inbound>> then) {
    Thread.ofVirtual()
        .name("decoder")
        .start(
            () -> {
              decoders.acquireUninterruptibly();
              try {
                then.accept(reading.get());
              } catch (RuntimeException | Error e) {
                LOG.error("a message of peer {} could not be decoded", connection.who(), e);
                connection.kill();
              } finally {
                decoders.release();
              }
            });
  }

  /** Runs the timed checks of one loop's connections, on the loop's thread. */
  private void pulse(IoLoop loop) {
    var now = now();
    for (var connection : connections) {
      if (connection.loop() == loop) {
        connection.pulse(now);
      }
    }
  }

  /** A refusal with {@code Retry-After}, unless {@code retrySeconds} is 0. */
  private RequestException refusal(int status, String reason, int retrySeconds) {
    metrics.upgradeRefused(status);
    var refusal =
        RequestException.builder()
            .type(DirectHandler.EventType.OTHER)
            .status(Status.create(status))
            .message(reason)
            .safeMessage(true);
    if (retrySeconds > 0) {
      refusal.header(HeaderValues.create(HeaderNames.RETRY_AFTER, retrySeconds));
    }
    return refusal.build();
  }
}
