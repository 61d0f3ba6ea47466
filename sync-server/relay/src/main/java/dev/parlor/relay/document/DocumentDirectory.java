package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.admission.Admission;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.health.RateLimitedLog;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.relay.storage.StoreUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The documents in memory; opens them on demand. Safe from any thread. */
public final class DocumentDirectory implements DocumentOpener {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentDirectory.class);
  private static final int LOG_PERIOD_MILLIS = 1_000;

  /**
   * The parts of the server that the directory uses.
   *
   * @param policies the rules for the authors of each document
   * @param loaders runs the loading of documents; needs platform threads, since loading blocks and
   *     takes long
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   * @param hooks the parts that documents ask and tell
   */
  public record Environment(
      ChangeStore store,
      ChangePolicy.Factory policies,
      Executor loaders,
      Metrics metrics,
      LongSupplier nanoTime,
      DocumentHooks hooks) {

    /** Uses {@link ChangePolicy#byRole} for every document. */
    public Environment(
        ChangeStore store, Executor loaders, Metrics metrics, LongSupplier nanoTime) {
      this(store, (_, _) -> ChangePolicy.byRole(), loaders, metrics, nanoTime, DocumentHooks.NONE);
    }

    /** A copy with hooks. */
    public Environment with(DocumentHooks other) {
      return new Environment(store, policies, loaders, metrics, nanoTime, other);
    }
  }

  private final Environment environment;
  private final RelayServices services;
  private final DocumentLoader loader;

  /** Logs documents that cannot be read because their shard is unavailable. */
  private final RateLimitedLog unavailableLog;

  private final Compactor compactor;
  private final InboundDecoder decoder;
  private final Map<DocumentId, DocumentWorker> workers = new ConcurrentHashMap<>();

  /** The number of documents with changes that the store refuses. */
  private final AtomicInteger refusedByStore = new AtomicInteger();

  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong closed = new AtomicLong();
  private final ScheduledExecutorService timers = timerThread();

  /**
   * Creates a directory of a server without other nodes; no document is open.
   *
   * @param server this server's peer id
   * @param session a unique id of this run of the process
   */
  public DocumentDirectory(
      Environment environment, Limits limits, PeerId server, SessionId session) {
    this(environment, limits, server, session, NodeBus.singleNode());
  }

  /**
   * Creates a directory on one of several nodes that serve the same documents. The stores of the
   * nodes share the tables of records. They need not share the logs of changes.
   */
  public DocumentDirectory(
      Environment environment, Limits limits, PeerId server, SessionId session, NodeBus bus) {
    this.environment = environment;
    this.services =
        new RelayServices(
            limits,
            environment.metrics(),
            new Admission(limits.changes()),
            server,
            session,
            environment.nanoTime(),
            bus,
            environment.hooks().changes());
    this.loader =
        new DocumentLoader(
            environment.store(),
            environment.policies(),
            services.admission().operations(),
            services.isAlone(),
            environment.nanoTime());
    this.compactor =
        new Compactor(
            environment.store(),
            compactionThread(),
            environment.metrics(),
            Runtime.getRuntime().maxMemory() / FixedLimits.DOCUMENT_CHUNK_HEAP_DIVISOR);
    this.decoder = new InboundDecoder(limits);
    this.unavailableLog = new RateLimitedLog(LOG, LOG_PERIOD_MILLIS, environment.nanoTime());
  }

  @Override
  public ServerDocumentHandle open(DocumentId document) {
    return handle(document);
  }

  /** The handle of this document; it costs nothing until it is used. */
  public DocumentHandle handle(DocumentId document) {
    return new DocumentHandle(document, this);
  }

  /** Queries and commands for the operator. */
  public DocumentAdmin admin() {
    return new DocumentAdmin(this);
  }

  /** Whether the document is in memory or being loaded. */
  public boolean isInMemory(DocumentId document) {
    return workers.containsKey(document);
  }

  /** The number of documents in memory. */
  public int size() {
    return workers.size();
  }

  /** The number of documents that have been opened so far. */
  public long opened() {
    return opened.get();
  }

  /** The number of documents that have left memory so far. */
  public long closed() {
    return closed.get();
  }

  /** The condition for {@link Health}: failing while the store refuses changes of a document. */
  public Health.Condition condition() {
    var refused = refusedByStore.get();
    return refused == 0
        ? Health.Condition.ok(workers.size() + " documents in memory")
        : Health.Condition.failing(
            refused + " documents have changes that the store refuses; the server retries them");
  }

  /**
   * Waits until all changes of all documents are on disk.
   *
   * @return false if the timeout expired first
   */
  public boolean flush(Duration timeout) {
    var flushed = new ArrayList<CompletableFuture<Void>>();
    for (var worker : workers.values()) {
      var done = new CompletableFuture<Void>();
      if (worker.forcePut(new DocumentCommand.Flush(done))) {
        flushed.add(done);
      }
    }
    try {
      CompletableFuture.allOf(flushed.toArray(CompletableFuture[]::new))
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
      LOG.error("not all changes reached the disk in time", e);
      return false;
    }
  }

  // The deletion of documents.

  /**
   * Ends the use of a document that was just deleted, so that the hooks say so. Its peers are told
   * at once. The future completes when no change of the document is on its way to the store any
   * more and no compaction runs, so that its data can be removed.
   */
  public CompletableFuture<Void> deleted(DocumentId document) {
    var done = new CompletableFuture<Void>();
    while (true) {
      var worker = workers.get(document);
      if (worker == null) {
        done.complete(null);
        return done;
      }
      if (worker.forcePut(new DocumentCommand.Delete(done))) {
        return done;
      }
      remove(document, worker);
    }
  }

  /**
   * Opens a document that was restored when the next peer asks for it.
   *
   * @return completes when no request is answered any more as for a deleted document
   */
  public CompletableFuture<Void> restored(DocumentId document) {
    var done = new CompletableFuture<Void>();
    var worker = workers.get(document);
    if (worker == null || !worker.forcePut(new DocumentCommand.Restored(done))) {
      done.complete(null);
    }
    return done;
  }

  /**
   * Completes when all changes are on disk that the document has now; at once if the document is
   * not in memory. It completes on the worker's thread, so a caller must wait for it and not attach
   * work to it.
   */
  public CompletableFuture<Void> flush(DocumentId document) {
    var done = new CompletableFuture<Void>();
    return inMemory(document)
        .filter(worker -> worker.forcePut(new DocumentCommand.Flush(done)))
        .map(_ -> done)
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  // For handles and workers.

  /**
   * The document's worker, opened if it is not in memory; empty when too many documents are open.
   */
  Optional<DocumentWorker> worker(DocumentId document) {
    var worker = workers.get(document);
    if (worker == null) {
      if (workers.size() >= services.limits().documents().openMax()) {
        return Optional.empty();
      }
      worker = workerForServer(document);
    }
    return Optional.of(worker);
  }

  /**
   * Like {@link #worker}, but opens the document even if too many are open, since the server's own
   * work is never rejected.
   */
  DocumentWorker workerForServer(DocumentId document) {
    return workers.computeIfAbsent(document, this::start);
  }

  List<DocumentId> documents() {
    return workers.keySet().stream().sorted().toList();
  }

  Optional<DocumentWorker> inMemory(DocumentId document) {
    return Optional.ofNullable(workers.get(document));
  }

  /** Removes the worker of a document that left memory. */
  void remove(DocumentId document, DocumentWorker worker) {
    if (workers.remove(document, worker)) {
      closed.incrementAndGet();
    }
  }

  /** Counts a document whose changes the store begins or ceases to refuse. */
  void storeRefuses(boolean refuses) {
    refusedByStore.addAndGet(refuses ? 1 : -1);
  }

  RelayServices services() {
    return services;
  }

  InboundDecoder decoder() {
    return decoder;
  }

  ScheduledExecutorService timers() {
    return timers;
  }

  private DocumentWorker start(DocumentId document) {
    opened.incrementAndGet();
    var worker = new DocumentWorker(document, services, this, environment.store(), compactor);
    environment.loaders().execute(() -> load(document, worker));
    return worker;
  }

  private void load(DocumentId document, DocumentWorker worker) {
    var started = System.nanoTime();
    DocumentLoader.@Nullable Loaded loaded = null;
    try {
      if (!environment.hooks().isDeleted().test(document)) {
        loaded = loader.load(document);
      }
      services.metrics().documentLoaded(System.nanoTime() - started);
    } catch (Throwable e) {
      if (!StoreUnreachableException.isCauseOf(e) || !loadLater(document, worker)) {
        logUnreadable(document, e);
        worker.unreadable();
      }
      return;
    }
    if (loaded == null) {
      worker.deleted();
    } else {
      worker.opened(loaded);
    }
  }

  /**
   * Loads a document again after a pause, because the store was away. Meanwhile its commands wait
   * in the mailbox.
   *
   * @return false if the server stops
   */
  private boolean loadLater(DocumentId document, DocumentWorker worker) {
    unavailableLog.write(
        log -> log.warn("document {} cannot be opened while the store is away", document));
    try {
      var _ =
          timers.schedule(
              () -> {
                try {
                  environment.loaders().execute(() -> load(document, worker));
                } catch (RejectedExecutionException stopping) {
                  worker.unreadable();
                }
              },
              FixedLimits.LOAD_RETRY_MILLIS,
              TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException stopping) {
      return false;
    }
  }

  private void logUnreadable(DocumentId document, Throwable cause) {
    if (cause instanceof CorruptDocumentException corrupt && corrupt.isWholeShardUnavailable()) {
      unavailableLog.write(log -> log.error("{}", corrupt.getMessage()));
    } else {
      LOG.error("document {} is quarantined: it cannot be read", document, cause);
    }
  }

  /**
   * One thread that compacts one document after the other. It is separate from the loaders, so that
   * opening a document never waits for a compaction.
   */
  private static Executor compactionThread() {
    var thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("snapshots").factory());
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /**
   * One thread for the timers of all documents. It only starts work on other threads, and ends when
   * it is unused.
   */
  private static ScheduledExecutorService timerThread() {
    var timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("documents-timer").factory());
    timers.setRemoveOnCancelPolicy(true);
    timers.setKeepAliveTime(10, TimeUnit.SECONDS);
    timers.allowCoreThreadTimeOut(true);
    return timers;
  }
}
