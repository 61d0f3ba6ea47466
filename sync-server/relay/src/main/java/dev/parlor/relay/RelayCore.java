package dev.parlor.relay;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.deletion.DeletionListener;
import dev.parlor.relay.deletion.DeletionSweep;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.deletion.SharedDeletions;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.ChangeListener;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.DocumentHooks;
import dev.parlor.relay.document.MemoryRelief;
import dev.parlor.relay.document.MemoryReturn;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.health.HeapWatch;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.Authenticator;
import dev.parlor.relay.socket.OriginCheck;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.stream.DocumentStreams;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.tls.TlsFileException;
import dev.parlor.relay.webhook.Webhooks;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Storage, documents, memory protection, health and metrics of a relay: everything but the sockets
 * and the web server. The owner of a core adds the sockets and the web server, and closes both
 * before the core.
 */
public final class RelayCore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RelayCore.class);

  /** Threads that load documents of this machine's disk, which are blocking reads. */
  private static final int LOADERS = 2;

  /** Names of the parts in a health report. */
  private static final String STORE = "store";

  private static final String RELAY = "relay";
  private static final String HEARTBEAT = "heartbeat";

  private static final Duration FLUSH_TIMEOUT =
      Duration.ofMillis(FixedLimits.STOP_FLUSH_MILLIS_MAX);

  private final RelayConfig config;
  private final RelayStorage storage;
  private final Health health;
  private final PeerId peerId;
  private final ExecutorService loaders;
  private final DocumentDirectory documents;
  private final MemoryReturn memory;
  private final HeapWatch heap;
  private final MemoryRelief relief;
  private final Deletions deletions;
  private final DocumentStreams streams;
  private final DeletionSweep sweep;
  private final Optional<SharedDeletions> sharedDeletions;
  private final Optional<Webhooks> webhooks;

  /** Empty on one machine. */
  private final Optional<ClientMoves> moves;

  private final List<Supplier<List<Runnable>>> movedSockets = new CopyOnWriteArrayList<>();

  /**
   * Starts the threads of the documents. {@link #close} also closes the storage.
   *
   * @param store the store of the documents: the store of {@code storage}, or a layer over it, for
   *     example an archive
   * @param policies makes the policy of each document that is opened
   */
  public RelayCore(
      RelayConfig config, RelayStorage storage, ChangeStore store, ChangePolicy.Factory policies) {
    this(config, storage, store, policies, DocumentPolicy.unscoped(), InstantSource.system());
  }

  /**
   * As {@link #RelayCore(RelayConfig, RelayStorage, ChangeStore, ChangePolicy.Factory)}, for a
   * server with rooms.
   *
   * @param policy says which documents are rooms, about which no webhook tells
   */
  public RelayCore(
      RelayConfig config,
      RelayStorage storage,
      ChangeStore store,
      ChangePolicy.Factory policies,
      DocumentPolicy policy,
      InstantSource clock) {
    this.config = config;
    this.storage = storage;
    this.health = health(storage);
    this.loaders = loaders(storage.cluster().isPresent() ? FixedLimits.CLUSTER_LOADS_MAX : LOADERS);
    this.moves = storage.cluster().map(_ -> new ClientMoves(this::awayMillis, this::moves).start());
    this.peerId = new PeerId("parlor-" + store.storageId());
    var metrics = storage.metrics();
    var tombstones = new Tombstones(store);
    this.webhooks =
        config
            .documents()
            .webhook()
            .map(
                settings ->
                    new Webhooks(
                        settings,
                        store,
                        tombstones,
                        policy,
                        metrics,
                        clock,
                        storage.cluster().map(Cluster::nodes)));
    this.documents =
        new DocumentDirectory(
            new DocumentDirectory.Environment(
                store,
                policies,
                loaders,
                metrics,
                System::nanoTime,
                new DocumentHooks(
                    document ->
                        !storage.store().isUnavailable(document) && tombstones.isDeleted(document),
                    webhooks.<ChangeListener>map(hooks -> hooks).orElse(ChangeListener.NONE))),
            config.limits(),
            peerId,
            new SessionId(UUID.randomUUID().toString()),
            storage.bus());
    this.sharedDeletions =
        storage
            .cluster()
            .map(
                cluster -> SharedDeletions.start(store, tombstones, documents, cluster.messages()));
    var listener = webhooks.<DeletionListener>map(hooks -> hooks).orElse(DeletionListener.NONE);
    this.deletions =
        new Deletions(
            store,
            tombstones,
            documents,
            sharedDeletions.<DeletionListener>map(listener::and).orElse(listener),
            config.documents().deletedKept(),
            clock);
    this.streams = new DocumentStreams(documents, metrics, System::nanoTime);
    this.sweep = DeletionSweep.start(deletions);
    webhooks.ifPresent(hooks -> hooks.start(documents::handle));
    var limits = config.limits().memory();
    this.memory = new MemoryReturn(limits, System::gc, System.nanoTime()).watch(documents);
    this.heap = new HeapWatch(limits, System::gc, System::nanoTime).start();
    this.relief = new MemoryRelief(heap::isFull, System::gc, documents.admin()).start();
    health.register(STORE, storage.store()::condition);
    health.register(RELAY, documents::condition);
    metrics.watch(
        "parlor.heap.full",
        "1 while the heap is nearly full and peers' changes are refused",
        () -> heap.isFull() ? 1 : 0);
  }

  private static Health health(RelayStorage storage) {
    var cluster = storage.cluster();
    if (cluster.isEmpty()) {
      return new Health(STORE, RELAY);
    }
    var parts = cluster.get().conditions().keySet().stream().sorted().toList();
    var health = new Health(STORE, RELAY, "log", "bus", HEARTBEAT);
    for (var part : parts) {
      health.register(
          part,
          () -> cluster.get().conditions().getOrDefault(part, Condition.failing("not started")));
    }
    var nodes = cluster.get().nodes();
    health.register(
        HEARTBEAT,
        () ->
            nodes.isSelfAlive()
                ? Condition.ok(nodes.present().size() + " nodes are present")
                : Condition.failing("the cluster does not take the heartbeats of this node"));
    return health;
  }

  private List<Runnable> moves() {
    return movedSockets.stream().flatMap(sockets -> sockets.get().stream()).toList();
  }

  /**
   * Adds sockets that are closed with 1012 while the cluster is away. Without a cluster this has no
   * effect.
   *
   * @param sockets an action for each open socket that closes it
   */
  public void moveWhenAway(Supplier<List<Runnable>> sockets) {
    movedSockets.add(sockets);
  }

  /** Milliseconds for which the store has been away; 0 if it is not. */
  public long awayMillis() {
    return storage.store().awayMillis();
  }

  /** Whether the store has not answered for some time, so that nothing can be saved or read. */
  public boolean isAway() {
    return awayMillis() > 0;
  }

  /** Whether a document that is not in memory cannot be opened, because the store is away. */
  public boolean isOutOfReach(DocumentId document) {
    return isAway() && !documents.isInMemory(document);
  }

  /**
   * The certificate of the configuration, empty for plain TCP. The files were checked with the
   * settings and are read again here.
   *
   * @throws IOException with one sentence for the operator
   */
  public static Optional<ServerCertificate> certificate(RelayConfig config) throws IOException {
    if (config.tls().isEmpty()) {
      return Optional.empty();
    }
    var files = config.tls().get();
    try {
      return Optional.of(ServerCertificate.read(files.certificate(), files.key()));
    } catch (TlsFileException e) {
      var file =
          switch (e.part()) {
            case CERTIFICATE -> files.certificate();
            case KEY -> files.key();
          };
      throw new IOException(file + " changed during the start: it " + e.getMessage(), e);
    }
  }

  /** Starts the sync sockets. The owner's web server passes upgrade requests to them. */
  public SyncSockets sockets(
      Authenticator authenticator, DocumentPolicy policy, OriginCheck origins) {
    var sockets =
        new SyncSockets(
            config.sockets(),
            documents,
            authenticator,
            policy,
            config.limits(),
            new SyncSockets.Identity(peerId, storage.store().storageId()),
            origins,
            storage.metrics(),
            System::nanoTime,
            heap::isFull);
    moveWhenAway(() -> sockets.moves(ClientMoves.REASON));
    cluster().ifPresent(nodes -> sockets.share(nodes.messages(), nodes.nodes().self()));
    return sockets;
  }

  /** The cluster that this server is part of; empty on one machine. */
  public Optional<Cluster> cluster() {
    return storage.cluster();
  }

  public Metrics metrics() {
    return storage.metrics();
  }

  public Health health() {
    return health;
  }

  public DocumentDirectory documents() {
    return documents;
  }

  /** Deletes and restores documents that are not rooms. */
  public Deletions deletions() {
    return deletions;
  }

  /** Streams of the events of documents that are not rooms. */
  public DocumentStreams streams() {
    return streams;
  }

  /** Whether the heap is nearly full, so that new data must be refused. */
  public boolean memoryIsFull() {
    return heap.isFull();
  }

  /** The id of the data directory, which clients see in the handshake. */
  public StorageId storageId() {
    return storage.store().storageId();
  }

  /** The server's own peer id, derived from the storage id. */
  public PeerId peerId() {
    return peerId;
  }

  /** Waits until every admitted change is on disk; logs if that takes too long. */
  public void flush() {
    if (!documents.flush(FLUSH_TIMEOUT)) {
      LOG.error("some unacknowledged changes did not reach the disk in time");
    }
  }

  /** Closes the storage and stops the threads. The sockets must be closed. */
  @Override
  public void close() throws IOException {
    moves.ifPresent(ClientMoves::close);
    sweep.close();
    sharedDeletions.ifPresent(SharedDeletions::close);
    streams.close();
    webhooks.ifPresent(Webhooks::close);
    storage.close();
    loaders.shutdown();
    for (var part : List.<AutoCloseable>of(memory, relief, heap)) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("a part did not close", e);
      }
    }
  }

  private static ExecutorService loaders(int threads) {
    var number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        threads,
        task ->
            Thread.ofPlatform()
                .daemon()
                .name("loader-" + number.incrementAndGet())
                .unstarted(task));
  }
}
