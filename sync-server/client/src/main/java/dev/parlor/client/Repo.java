package dev.parlor.client;

import dev.parlor.client.connection.ConnectionState;
import dev.parlor.client.connection.Loop;
import dev.parlor.client.connection.ServerConnection;
import dev.parlor.client.store.DocumentFolder;
import dev.parlor.client.store.StoreProblem;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.replica.Edit;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A repository of Automerge documents that syncs with one automerge-repo server. It works without a
 * connection, and connects again by itself. All methods may be called from any thread; see the
 * package about threads. Close it after use.
 */
public final class Repo implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger("dev.parlor.client");
  private static final Duration FORCE_AFTER = Duration.ofSeconds(1);
  private static final int ID_BYTES = 16;
  private static final int CLOSE_SECONDS = 10;

  private final Loop loop;
  private final RandomGenerator random;
  private final Optional<DocumentFolder> folder;
  private final ListenerThread listenerThread = new ListenerThread();
  private final Listeners<ConnectionState> connectionListeners = new Listeners<>(listenerThread);
  private final Listeners<Problem> problemListeners = new Listeners<>(listenerThread);
  private final ConcurrentHashMap<DocumentId, DocumentHandle> handles = new ConcurrentHashMap<>();
  private final SyncLoop sync;
  private final @Nullable ServerConnection connection;
  private volatile ConnectionState state = new ConnectionState.Offline();
  private volatile boolean isClosed;

  /** The documents whose files will be forced to the disk; on the loop only. */
  private final Set<DocumentHandle> notForced = new HashSet<>();

  Repo(RepoBuilder settings, Loop loop) {
    this.loop = loop;
    this.random = settings.random();
    this.folder =
        settings
            .store()
            .map(path -> DocumentFolder.open(path, problem -> report(storeProblem(problem))));
    this.sync =
        new SyncLoop(
            new SyncLoop.Documents() {
              @Override
              public Collection<DocumentHandle> open() {
                return handles.values();
              }

              @Override
              public Optional<DocumentHandle> known(DocumentId id) {
                return Repo.this.known(id);
              }
            },
            new SessionId(randomId()),
            this::report,
            this::stateChanged);
    this.connection =
        settings
            .address()
            .map(
                address ->
                    ServerConnection.over(
                        settings.httpClient(),
                        new PeerId("parlor-client-" + randomId()),
                        address,
                        settings.addressIsFixed(),
                        loop,
                        settings.timing(),
                        random,
                        sync))
            .orElse(null);
    if (connection != null) {
      var used = connection;
      loop.execute(
          () -> {
            sync.use(used);
            used.connect();
          });
    }
  }

  /** The settings of a new repository. */
  public static RepoBuilder builder() {
    return new RepoBuilder();
  }

  /**
   * Creates a document with a new id.
   *
   * @param edits its first change, which must change something
   */
  public DocumentHandle create(Edit... edits) {
    var handle = open(DocumentId.of(randomBytes()));
    if (!handle.begin(List.of(edits))) {
      throw new IllegalArgumentException(
          "a document begins with a change: give at least one edit that changes something");
    }
    return handle;
  }

  /**
   * The handle of a document, at once. The document is loaded from the store, and synced with the
   * server from now on. Until it has content, it cannot be read or changed.
   */
  public DocumentHandle open(DocumentId id) {
    checkOpen();
    var existing = handles.get(id);
    if (existing != null) {
      return existing;
    }
    var handle =
        handles.computeIfAbsent(
            id,
            _ ->
                new DocumentHandle(
                    this,
                    observer ->
                        LocalDocument.open(id, folder, new ActorId(randomBytes()), observer),
                    listenerThread));
    loop.execute(() -> sync.attach(handle));
    return handle;
  }

  /**
   * Finds a document in the store or on the server. Fails with a {@link
   * DocumentUnavailableException} if neither has it. Without a connection it waits for one.
   */
  public CompletableFuture<DocumentHandle> findAsync(DocumentId id) {
    var handle = open(id);
    var found = new CompletableFuture<DocumentHandle>();
    if (handle.state() != DocumentState.READY) {
      if (connection == null) {
        found.completeExceptionally(
            new DocumentUnavailableException(id, "it is not stored, and there is no server"));
      } else if (state instanceof ConnectionState.Stopped(var end)) {
        found.completeExceptionally(new DocumentUnavailableException(id, end.describe()));
      } else {
        handle.document().failIfUnavailable(found);
      }
    }
    var _ =
        handle
            .whenReady()
            .whenComplete(
                (ready, failure) -> {
                  if (failure == null) {
                    found.complete(ready);
                  } else {
                    found.completeExceptionally(failure);
                  }
                });
    return found;
  }

  /**
   * As {@link #findAsync}, and waits.
   *
   * @throws DocumentUnavailableException if the document is not found within this time
   */
  public DocumentHandle find(DocumentId id, Duration timeout) throws InterruptedException {
    try {
      return findAsync(id).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DocumentUnavailableException unavailable) {
        throw unavailable;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException _) {
      throw new DocumentUnavailableException(
          id, "no answer within " + timeout.toMillis() + " ms; " + describe(state));
    }
  }

  private static String describe(ConnectionState state) {
    return switch (state) {
      case ConnectionState.Offline _ -> "there is no connection";
      case ConnectionState.Connecting _ -> "the client is connecting";
      case ConnectionState.Connected _ -> "the client is connected";
      case ConnectionState.Waiting(_, var end) -> end.describe();
      case ConnectionState.Stopped(var end) -> end.describe();
    };
  }

  /** The stored documents. A stored document is synced when it is opened. */
  public List<DocumentId> stored() {
    return folder.map(DocumentFolder::documents).orElse(List.of());
  }

  public ConnectionState connection() {
    return state;
  }

  /** Calls the listener for each new state of the connection. */
  public Subscription onConnection(Consumer<? super ConnectionState> listener) {
    return connectionListeners.add(listener);
  }

  /** Calls the listener for each problem; problems are also logged. */
  public Subscription onProblem(Consumer<? super Problem> listener) {
    return problemListeners.add(listener);
  }

  /** Connects now, if the repository waits or has stopped to connect. */
  public void reconnect() {
    if (connection != null) {
      loop.execute(connection::connect);
    }
  }

  /**
   * Closes the connection and the files. Changes that the server has not acknowledged are in the
   * store, and are sent when a repository with this store opens the document again.
   */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (connection != null) {
      var closed = new CountDownLatch(1);
      loop.execute(
          () -> {
            connection.close();
            closed.countDown();
          });
      await(closed);
    }
    loop.close();
    handles.values().forEach(handle -> handle.document().close());
    folder.ifPresent(DocumentFolder::close);
    listenerThread.close();
  }

  private static void await(CountDownLatch closed) {
    try {
      var _ = closed.await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** A document has a new change of this program. */
  void changed(DocumentHandle handle) {
    loop.execute(() -> sync.flush(handle));
  }

  /** Changes were written to the file of a document. */
  void stored(DocumentHandle handle) {
    loop.execute(() -> forceSoon(handle));
  }

  void sendEphemeral(DocumentId document, Bytes data) {
    loop.execute(() -> sync.sendEphemeral(document, data));
  }

  private void forceSoon(DocumentHandle handle) {
    if (folder.isEmpty()) {
      return;
    }
    if (notForced.isEmpty()) {
      var _ =
          loop.schedule(
              FORCE_AFTER,
              () -> {
                notForced.forEach(written -> written.document().force());
                notForced.clear();
              });
    }
    notForced.add(handle);
  }

  private Optional<DocumentHandle> known(DocumentId id) {
    var handle = handles.get(id);
    if (handle == null && !isClosed && folder.isPresent() && folder.get().contains(id)) {
      handle = open(id);
    }
    return Optional.ofNullable(handle);
  }

  private void stateChanged(ConnectionState next) {
    state = next;
    connectionListeners.tell(next);
  }

  private static Problem storeProblem(StoreProblem problem) {
    return new Problem(Problem.Kind.STORE, problem.document(), problem.describe());
  }

  private void report(Problem problem) {
    LOG.log(Level.WARNING, "document {0}: {1}", problem.document(), problem.description());
    problemListeners.tell(problem);
  }

  private void checkOpen() {
    if (isClosed) {
      throw new IllegalStateException("the repository is closed");
    }
  }

  private Bytes randomBytes() {
    var bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private String randomId() {
    return randomBytes().toHex();
  }
}
