package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.AckCache;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.InboundDecoder;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.health.RateLimitedLog;
import dev.parlor.relay.socket.transport.LoopServer;
import dev.parlor.relay.socket.transport.SocketServer;
import dev.parlor.relay.socket.transport.SocketSettings;
import dev.parlor.relay.socket.transport.SocketUpgrade;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketEndpoint;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sync sockets of the server, on one of the two transports. This class makes a {@link
 * Connection} for each upgrade and keeps the set of open connections.
 */
public final class SyncSockets implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncSockets.class);
  private static final Pattern PATHS = Pattern.compile("/sync(/[akt]/[^/]+)?");

  /** The start of the path of the page's sockets, which close at the first refusal. */
  private static final String TICKET_PATH_PREFIX = "/sync/t/";

  private static final int LOG_PERIOD_MILLIS = 1_000;

  /** The ids of this server in the protocol. */
  public record Identity(PeerId peerId, StorageId storageId) {}

  private final DocumentDirectory directory;
  private final Authenticator authenticator;
  private final DocumentPolicy policy;
  private final Limits limits;
  private final Identity identity;
  private final Metrics metrics;
  private final LongSupplier nanoTime;
  private final BooleanSupplier memoryIsFull;
  private final InboundDecoder inbound;
  private final RateLimitedLog refusalLog;
  private final RateLimitedLog overloadLog;
  private final PeerRegistry registry = new PeerRegistry();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Map<Integer, AckCache> acks = new ConcurrentHashMap<>(2);
  private final Semaphore decoders;
  private final UpgradeAdmission admission;
  private final SocketServer server;

  /**
   * Starts the transport.
   *
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   * @param memoryIsFull whether the heap is nearly full, so that the server accepts no more data;
   *     checked for each message
   */
  public SyncSockets(
      SocketTransport transport,
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
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.memoryIsFull = memoryIsFull;
    this.inbound = new InboundDecoder(limits);
    this.refusalLog = new RateLimitedLog(LOG, LOG_PERIOD_MILLIS, nanoTime);
    this.overloadLog = new RateLimitedLog(LOG, LOG_PERIOD_MILLIS, nanoTime);
    this.decoders = new Semaphore(limits.work().decodersMax());
    this.admission = new UpgradeAdmission(authenticator, origins, limits, metrics, memoryIsFull);
    this.server =
        TransportChoice.start(
            transport,
            new SocketSettings(limits.outbox(), limits.liveness(), metrics, nanoTime),
            LoopServer::start);
  }

  /**
   * The upgraders that turn requests for {@code /sync...} into sockets, by the protocol's name, for
   * the web server's HTTP/1.1. The name is case-insensitive, but the web server compares it
   * exactly; the keys are the spellings that clients use.
   *
   * @param addresses finds the client's address, for limits per address
   */
  public Map<String, Http1Upgrader> upgraders(ClientAddresses addresses) {
    return upgraders(addresses, List.of());
  }

  /**
   * As {@link #upgraders(ClientAddresses)}, with sockets of other protocols on the same transport.
   *
   * @param further the endpoints of those protocols, on other paths
   */
  public Map<String, Http1Upgrader> upgraders(
      ClientAddresses addresses, List<WebSocketEndpoint> further) {
    var endpoints = new ArrayList<WebSocketEndpoint>();
    endpoints.add(new SyncEndpoint());
    endpoints.addAll(further);
    var upgrade = new SocketUpgrade(endpoints, server, addresses);
    return Map.of(
        "websocket", upgrade, "WebSocket", upgrade, "Websocket", upgrade, "WEBSOCKET", upgrade);
  }

  /** Serves the paths of the sync protocol. */
  private final class SyncEndpoint implements WebSocketEndpoint {

    @Override
    public boolean serves(String path) {
      return PATHS.matcher(path).matches();
    }

    @Override
    public Admission admit(HttpPrologue prologue, Headers headers, String address) {
      var accepted = admission.admit(prologue, headers, address);
      var closesOnRefusal = prologue.uriPath().path().startsWith(TICKET_PATH_PREFIX);
      return new Admission() {
        @Override
        public WebSocketHandler open(WebSocket socket) {
          return new Connection(SyncSockets.this, socket, accepted, address, closesOnRefusal);
        }

        @Override
        public void abandon() {
          admission.release(address);
        }
      };
    }
  }

  /**
   * Shares the peer ids of the connections with other nodes [HS4]; called once, before the web
   * server starts.
   *
   * @param self the name of this node
   */
  public void share(NodeMessages messages, String self) {
    registry.share(messages, self);
  }

  /** The number of open sockets. */
  public int size() {
    return connections.size();
  }

  /**
   * Closes every connection that is scoped to this document and whose caller matches. A joined peer
   * receives the rule and the reason first. Returns without waiting; safe from any thread.
   */
  public void closeWhere(
      DocumentId document,
      java.util.function.Predicate<Caller> callers,
      int code,
      String rule,
      String reason) {
    for (var connection : connections) {
      var caller = connection.caller();
      if (caller.scope().filter(document::equals).isPresent() && callers.test(caller)) {
        refused(connection, rule, reason);
        connection.dismiss(code, rule, reason);
      }
    }
  }

  /**
   * Closes every connection that is scoped to one of these documents and whose caller must leave. A
   * joined peer receives the rule and the reason first. Returns without waiting; safe from any
   * thread.
   *
   * @param decisions decides whether a caller must leave; empty if it may stay
   */
  public void review(
      Set<DocumentId> documents, Function<Caller, Optional<Authenticator.Dismissal>> decisions) {
    for (var connection : connections) {
      var caller = connection.caller();
      if (caller.scope().filter(documents::contains).isPresent()) {
        decisions
            .apply(caller)
            .ifPresent(
                dismissal -> {
                  refused(connection, dismissal.rule(), dismissal.reason());
                  connection.dismiss(dismissal.code(), dismissal.rule(), dismissal.reason());
                });
      }
    }
  }

  /**
   * Decides again about the open documents of every connection with this identity. Returns without
   * waiting; safe from any thread.
   *
   * @param identity empty for all identities
   * @param document the only document to decide about; empty for all
   */
  public void decideAgain(Optional<String> identity, Optional<DocumentId> document) {
    for (var connection : connections) {
      if (identity.isEmpty() || connection.caller().identity().equals(identity)) {
        connection.decideAgain(document);
      }
    }
  }

  /** For each open socket an action that closes it with 1012. */
  public List<Runnable> moves(String reason) {
    var moves = new ArrayList<Runnable>();
    for (var connection : connections) {
      moves.add(() -> connection.close(CloseCodes.RESTART, reason));
    }
    return moves;
  }

  /** From now on upgrades are answered with 503. */
  public void stopAccepting() {
    admission.stop();
  }

  /**
   * Closes every socket with 1012 [DU6] and waits until they have closed. Sockets that do not close
   * in time are closed at once, without a close frame.
   */
  public void shutdown(Duration timeout) {
    stopAccepting();
    for (var connection : connections) {
      connection.close(CloseCodes.RESTART, "the server restarts");
    }
    var deadline = System.nanoTime() + timeout.toNanos();
    synchronized (connections) {
      try {
        for (var remainingMillis = timeout.toMillis();
            !connections.isEmpty() && remainingMillis > 0;
            remainingMillis = (deadline - System.nanoTime()) / 1_000_000) {
          connections.wait(Math.min(remainingMillis, 50));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    for (var connection : connections) {
      connection.kill();
    }
  }

  /** Stops the transport; called after {@link #shutdown}. */
  @Override
  public void close() {
    stopAccepting();
    server.close();
  }

  // Called by connections.

  /** Whether a caller may open a document: only the document of its scope, if it has one. */
  boolean mayOpen(Caller caller, DocumentId document) {
    return caller.scope().isPresent()
        ? caller.scope().get().equals(document)
        : !policy.needsScope(document);
  }

  DocumentHandle handle(DocumentId document) {
    return directory.handle(document);
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
    // Access may have changed since the upgrade was admitted; that change did not reach this
    // connection.
    authenticator
        .dismissal(connection.caller())
        .ifPresent(
            dismissal ->
                connection.dismiss(dismissal.code(), dismissal.rule(), dismissal.reason()));
    if (admission.isStopped()) {
      connection.close(CloseCodes.RESTART, "the server restarts");
    }
  }

  void closed(Connection connection, int code) {
    admission.release(connection.address());
    if (connections.remove(connection)) {
      metrics.connectionClosed(code);
      if (code == CloseCodes.OVERLOAD) {
        overloadLog.write(
            log -> log.info("peer {} was disconnected: overload", connection.peerIdForLog()));
      }
    }
    synchronized (connections) {
      connections.notifyAll();
    }
  }

  void refused(Connection connection, String rule, String reason) {
    metrics.refused(rule);
    refusalLog.write(
        log -> log.info("refused peer {}: [{}] {}", connection.peerIdForLog(), rule, reason));
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

  /**
   * The cache of recent acknowledgements for the sockets of one thread; null if each socket has its
   * own thread.
   */
  @Nullable AckCache acks(int threadNumber) {
    return threadNumber < 0 ? null : acks.computeIfAbsent(threadNumber, _ -> new AckCache());
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
   * Runs a task on a separate thread, for example the decoding of a message, and passes the result
   * to {@code onDone}. If either throws an exception, the socket is closed at once.
   */
  <T> void runOnOtherThread(Connection connection, Supplier<T> task, Consumer<T> onDone) {
    Thread.ofVirtual()
        .name("decoder")
        .start(
            () -> {
              decoders.acquireUninterruptibly();
              try {
                onDone.accept(task.get());
              } catch (RuntimeException | Error e) {
                LOG.error(
                    "a message of peer {} could not be handled", connection.peerIdForLog(), e);
                connection.kill();
              } finally {
                decoders.release();
              }
            });
  }
}
