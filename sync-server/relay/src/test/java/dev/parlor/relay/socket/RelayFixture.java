package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.DocumentHooks;
import dev.parlor.relay.document.HeldStore;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.tls.ServerCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * A real server on a free port of loopback: WebSockets, documents and a store in memory. Tests of
 * code that uses the relay share it. Close it after use.
 *
 * <pre>{@code
 * try (var relay = RelayFixture.start()) {
 *   var document = relay.documents().open(id);
 *   ...
 * }
 * }</pre>
 */
public final class RelayFixture implements AutoCloseable {

  /** The server's peer id in every fixture. */
  public static final PeerId SERVER = new PeerId("parlor-test-server");

  /** The settings that a test may choose; see {@link #start(Setup)}. */
  public static final class Setup {
    private final SocketTransport transport;
    private ChangeStore store = new HeldStore();
    private Limits limits = Limits.defaults();
    private Authenticator authenticator = Authenticator.open();
    private DocumentPolicy policy = DocumentPolicy.unscoped();
    private NodeBus bus = NodeBus.singleNode();
    private BooleanSupplier memoryIsFull = () -> false;
    private Optional<ServerCertificate> tls = Optional.empty();
    private DocumentHooks hooks = DocumentHooks.NONE;
    private int port;

    /** Settings with the default transport. */
    public Setup() {
      this(SocketTransport.AUTO);
    }

    public Setup(SocketTransport transport) {
      this.transport = transport;
    }

    public Setup store(ChangeStore value) {
      store = value;
      return this;
    }

    public Setup limits(Limits value) {
      limits = value;
      return this;
    }

    public Setup authenticator(Authenticator value) {
      authenticator = value;
      return this;
    }

    public Setup policy(DocumentPolicy value) {
      policy = value;
      return this;
    }

    /** The condition that the server takes for a full heap. */
    public Setup memoryIsFull(BooleanSupplier value) {
      memoryIsFull = value;
      return this;
    }

    /** The bus to other nodes that serve the same documents. */
    public Setup bus(NodeBus value) {
      bus = value;
      return this;
    }

    /** The parts that documents ask and tell. */
    public Setup hooks(DocumentHooks value) {
      hooks = value;
      return this;
    }

    /** Serves over TLS with this certificate, which the clients must trust. */
    public Setup tls(ServerCertificate value) {
      tls = Optional.of(value);
      return this;
    }

    /**
     * The port to listen on, so that a restarted server can have the port of its predecessor; 0
     * picks a free port.
     */
    public Setup port(int value) {
      port = value;
      return this;
    }
  }

  private final ChangeStore store;
  private final Metrics metrics = new Metrics();
  private final ExecutorService loaders = Executors.newFixedThreadPool(2);
  private final DocumentDirectory documents;
  private final SyncSockets sockets;
  private final boolean secure;
  private final WebPort server;

  private RelayFixture(Setup setup) {
    store = setup.store;
    documents =
        new DocumentDirectory(
            new DocumentDirectory.Environment(store, loaders, metrics, System::nanoTime)
                .with(setup.hooks),
            setup.limits,
            SERVER,
            new SessionId(UUID.randomUUID().toString()),
            setup.bus);
    sockets =
        new SyncSockets(
            setup.transport,
            documents,
            setup.authenticator,
            setup.policy,
            setup.limits,
            new SyncSockets.Identity(SERVER, store.storageId()),
            new Origins("127.0.0.1", Optional.empty(), List.of("https://friend.example"))
                ::mayOpenSocket,
            metrics,
            System::nanoTime,
            setup.memoryIsFull);
    secure = setup.tls.isPresent();
    server =
        new WebPort(
            "127.0.0.1",
            setup.port,
            new BasePathRouting(BasePath.ROOT),
            setup.tls,
            sockets.upgraders(ClientAddresses.ofSockets()),
            _ -> {});
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static RelayFixture start() {
    return new RelayFixture(new Setup());
  }

  public static RelayFixture start(SocketTransport transport) {
    return new RelayFixture(new Setup(transport));
  }

  public static RelayFixture start(Setup setup) {
    return new RelayFixture(setup);
  }

  public int port() {
    return server.port();
  }

  /** The open relay's endpoint. */
  public URI url() {
    return url("/sync");
  }

  public URI url(String path) {
    return URI.create((secure ? "wss" : "ws") + "://127.0.0.1:" + port() + path);
  }

  public DocumentDirectory documents() {
    return documents;
  }

  public SyncSockets sockets() {
    return sockets;
  }

  public ChangeStore store() {
    return store;
  }

  public Metrics metrics() {
    return metrics;
  }

  /** Stops as the server does [DU6]: commits, tells clients to reconnect, closes. */
  @Override
  public void close() {
    sockets.stopAccepting();
    documents.flush(Duration.ofSeconds(2));
    sockets.shutdown(Duration.ofSeconds(2));
    sockets.close();
    server.stop();
    loaders.shutdownNow();
  }

  /** Closes all connections without a close frame, as a crash does. */
  public void crash() {
    sockets.close();
    server.stop();
    loaders.shutdownNow();
  }
}
