package dev.parlor.relay;

import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.access.SyncAccess;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.http.AccessOrders;
import dev.parlor.relay.documents.http.DocumentsHttp;
import dev.parlor.relay.documents.http.OperatorRequests;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.http.HttpRoutes;
import dev.parlor.relay.http.RelayHttp;
import dev.parlor.relay.policy.PolicyFile;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.storage.ChangeStore;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;

/**
 * A running relay: automerge-repo clients connect to {@code /sync} and share documents. {@link
 * #start} returns when the port accepts connections; {@link #close} writes all admitted changes to
 * disk. Safe from any thread.
 */
public final class Relay implements ServingProcess.Closeable {

  private static final Duration SOCKETS_CLOSE_TIMEOUT =
      Duration.ofMillis(FixedLimits.STOP_SOCKETS_MILLIS_MAX);

  /** The table that has an entry for each room, if a server with rooms has used the store. */
  private static final String ROOMS_TABLE = "rooms";

  private final RelayConfig config;
  private final RelayCore core;
  private final SyncSockets sockets;
  private final Documents documents;
  private final RelayHttp http;
  private final Authenticator authenticator;

  private Relay(
      RelayConfig config,
      RelayCore core,
      SyncSockets sockets,
      Documents documents,
      RelayHttp http,
      Authenticator authenticator) {
    this.config = config;
    this.documents = documents;
    this.authenticator = authenticator;
    this.core = core;
    this.sockets = sockets;
    this.http = http;
  }

  /**
   * Starts a relay with the access and the document policy that the configuration says.
   *
   * @throws IOException with one sentence for the operator, for example if the port is in use
   */
  public static Relay start(RelayConfig config) throws IOException {
    var clock = InstantSource.system();
    return open(
        config,
        store -> SyncAccess.of(config.sync(), origins(config), store, clock),
        PolicyFile.policies(config.policy()));
  }

  /**
   * Starts a relay with access rules of the embedding program; the access and the document policy
   * of the configuration do not count.
   *
   * @param authenticator decides at each upgrade which caller a connection has
   * @param policies makes the policy of each document that is opened; it decides about the changes
   *     of callers whose connection has a scope
   * @throws IOException with one sentence for the operator, for example if the port is in use
   */
  public static Relay start(
      RelayConfig config, Authenticator authenticator, ChangePolicy.Factory policies)
      throws IOException {
    return open(config, _ -> authenticator, policies);
  }

  /** Makes the authenticator of a relay when its store is open. */
  @FunctionalInterface
  private interface AuthenticatorOf {
    Authenticator store(ChangeStore store) throws IOException;
  }

  private static Relay open(
      RelayConfig config, AuthenticatorOf authenticators, ChangePolicy.Factory policies)
      throws IOException {
    var certificate = RelayCore.certificate(config);
    var origins = origins(config);
    var storage = RelayStorage.open(config, InstantSource.system());
    if (!storage.store().table(ROOMS_TABLE).withPrefix("").isEmpty()) {
      storage.close();
      throw new IOException(
          config.cluster().isPresent()
              ? "the cluster has rooms, which a relay without rooms would open to every client;"
                  + " start the server with rooms, or name another part of the cluster with"
                  + " --cluster-prefix"
              : config.data()
                  + " has rooms, which a relay without rooms would open to every client; start the"
                  + " server with rooms, or choose another directory with --data");
    }
    Authenticator authenticator;
    try {
      authenticator = authenticators.store(storage.store());
    } catch (IOException | RuntimeException e) {
      storage.close();
      throw e;
    }
    var core = new RelayCore(config, storage, storage.store(), policies);
    var sockets = core.sockets(authenticator, DocumentPolicy.unscoped(), origins::mayOpenSocket);
    var documents = documents(storage, core);
    var http =
        new RelayHttp(
            config,
            certificate,
            origins,
            core.health(),
            core.metrics(),
            sockets,
            routes(documents, core, sockets, authenticator, origins, config));
    var relay = new Relay(config, core, sockets, documents, http, authenticator);
    try {
      http.start();
    } catch (IOException | RuntimeException e) {
      relay.close();
      throw e;
    }
    return relay;
  }

  private static Documents documents(RelayStorage storage, RelayCore core) {
    return new Documents(
        new Documents.Environment(
            storage.store(),
            document -> !storage.store().isUnavailable(document),
            core.documents(),
            DocumentPolicy.unscoped(),
            core::memoryIsFull,
            core::isAway,
            InstantSource.system(),
            new SecureRandom()),
        DocumentApiLimits.defaults());
  }

  /**
   * The HTTP API for documents, and orders of the backend. A relay with other access rules than its
   * settings has none.
   */
  private static HttpRoutes routes(
      Documents documents,
      RelayCore core,
      SyncSockets sockets,
      Authenticator authenticator,
      Origins origins,
      RelayConfig config) {
    if (!(authenticator instanceof SyncAccess access)) {
      return HttpRoutes.none();
    }
    access.setStreams(core.streams()::decideAgain);
    core.cluster().ifPresent(cluster -> access.share(cluster.messages(), sockets));
    return new DocumentsHttp(
            documents,
            core.deletions(),
            core.streams(),
            access::authenticate,
            OperatorRequests.none(),
            origins,
            config.clients(),
            DocumentApiLimits.defaults())
        .and(
            AccessOrders.of(
                config.sync().backendToken(), access, sockets, config.clients(), System::nanoTime));
  }

  private static Origins origins(RelayConfig config) {
    return new Origins(
        config.host(), config.publicUrl(), config.origins(), config.tls().isPresent(), _ -> false);
  }

  /** The port that the relay listens on. */
  public int port() {
    return http.port();
  }

  /** The URL for automerge-repo's WebSocket client adapter. */
  public URI url() {
    var host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    return URI.create(
        (config.tls().isPresent() ? "wss://" : "ws://") + host + ":" + port() + "/sync");
  }

  /**
   * The storage id of the data directory. A client's handle emits {@code remote-heads} for this id
   * when its changes are on disk.
   */
  public StorageId storageId() {
    return core.storageId();
  }

  /** The number of open connections. */
  public int connections() {
    return sockets.size();
  }

  /** The conditions of the parts, as {@code /health/ready} reports them. */
  public Health.Report health() {
    return core.health().report();
  }

  /**
   * Stops accepting connections, writes all admitted changes to disk, and closes the sockets with
   * 1012 [DU6].
   */
  @Override
  public void close() throws IOException {
    sockets.stopAccepting();
    if (core.cluster().isPresent()) {
      core.health().stopping();
      SpreadClosing.run(sockets.moves(SpreadClosing.REASON));
    }
    core.flush();
    sockets.shutdown(SOCKETS_CLOSE_TIMEOUT);
    core.streams().close();
    http.stop();
    documents.close();
    sockets.close();
    core.close();
    if (authenticator instanceof SyncAccess access) {
      access.close();
    }
  }
}
