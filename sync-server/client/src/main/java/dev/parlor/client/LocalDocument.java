package dev.parlor.client;

import dev.parlor.client.store.DocumentFile;
import dev.parlor.client.store.DocumentFolder;
import dev.parlor.client.store.StoreException;
import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.PeerSync;
import dev.parlor.crdt.sync.SyncEncoder;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One open document: its content, its file, the sync with the server, and the calls that wait. All
 * methods take the document's lock; none waits for the network. Futures are completed and listeners
 * are told through {@link Outcome}, which the caller runs without the lock.
 *
 * <p>This class is long because the one lock guards all of this.
 */
final class LocalDocument {

  /** Is told of changes, with the lock held and in their order. It must only pass them on. */
  interface Observer {
    void changed(List<ChangeHash> before, List<ChangeHash> after, boolean isLocal);
  }

  /** What the caller does after the lock is released, in this order. */
  static final class Outcome {
    private final List<Runnable> tasks = new ArrayList<>();

    void add(Runnable task) {
      tasks.add(task);
    }

    boolean isEmpty() {
      return tasks.isEmpty();
    }

    void run() {
      tasks.forEach(Runnable::run);
    }
  }

  /** A call of {@link #saved} that waits for the changes below a position. */
  private record Waiter(int position, CompletableFuture<SaveState> done) {}

  /**
   * The file is compacted if it has more single changes than this, and more than a quarter of all
   * changes.
   */
  private static final int APPENDED_MAX = 1_000;

  private static final SyncLimits SYNC_LIMITS = SyncLimits.DEFAULT;

  private final DocumentId id;
  private final Optional<DocumentFolder> folder;
  private final ReentrantLock lock = new ReentrantLock();
  private final DocumentContent content;
  private final Acknowledgements acknowledgements;
  private final SyncEncoder encoder;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final Observer observer;
  private final List<Waiter> waiters = new ArrayList<>();

  /** Calls that fail if the server does not have the document. */
  private final List<CompletableFuture<?>> finders = new ArrayList<>();

  /** Null until there is something to store, or without a folder. */
  private @Nullable DocumentFile file;

  /** The last error message of the server about this document on this connection. */
  private String lastRefusal = "";

  /** Null without a connection. */
  private @Nullable PeerSync sync;

  private boolean isUnavailable;
  private boolean isClosed;

  private LocalDocument(
      DocumentId id,
      Optional<DocumentFolder> folder,
      @Nullable DocumentFile file,
      DocumentContent content,
      Observer observer) {
    this.id = id;
    this.folder = folder;
    this.file = file;
    this.content = content;
    this.observer = observer;
    this.acknowledgements = new Acknowledgements(content.graph());
    this.encoder = new SyncEncoder(content.graph(), this::snapshot);
    if (!content.graph().isEmpty()) {
      ready.complete(null);
    }
  }

  /** Opens a document with its stored changes, if there are any. */
  static LocalDocument open(
      DocumentId id, Optional<DocumentFolder> folder, ActorId actor, Observer observer) {
    if (folder.isEmpty() || !folder.get().contains(id)) {
      return new LocalDocument(id, folder, null, DocumentContent.empty(actor), observer);
    }
    var file = folder.get().open(id);
    try {
      return new LocalDocument(
          id, folder, file, DocumentContent.load(file.takeContents(), actor), observer);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  DocumentId id() {
    return id;
  }

  /** Completes when the document has content. */
  CompletableFuture<Void> ready() {
    return ready;
  }

  DocumentState state() {
    return locked(
        () ->
            !content.graph().isEmpty()
                ? DocumentState.READY
                : isUnavailable ? DocumentState.UNAVAILABLE : DocumentState.REQUESTING);
  }

  List<ChangeHash> heads() {
    return locked(() -> content.graph().heads());
  }

  SaveState saveState() {
    return locked(acknowledgements::state);
  }

  <T> T read(Function<Replica, T> reading) {
    return locked(
        () -> {
          checkReady();
          return reading.apply(content.replica());
        });
  }

  /** The document with its history as one document chunk. */
  Bytes export() {
    return read(Replica::save);
  }

  /**
   * Makes one change.
   *
   * @param edits the edits for the current content
   * @param isFirst whether the document may be empty
   * @return false if the edits changed nothing
   */
  boolean edit(Function<Value, List<Edit>> edits, boolean isFirst) {
    return locked(
        () -> {
          if (isFirst) {
            checkOpen();
          } else {
            checkReady();
          }
          var before = content.graph().heads();
          var change = content.edit(edits.apply(content.replica().root()));
          if (change.isEmpty()) {
            return false;
          }
          acknowledgements.added(content.graph().size() - 1);
          store(List.of(change.get()));
          if (sync != null && !sync.hasReceived()) {
            sync.initiateWithSummary(); // the server has not answered, perhaps because it had
            // nothing
          }
          ready.complete(null);
          observer.changed(before, content.graph().heads(), true);
          return true;
        });
  }

  /** Completes when the changes that the document has now are saved, refused, or unknown. */
  CompletableFuture<SaveState> saved() {
    return locked(
        () -> {
          var position = content.graph().size();
          var done = new CompletableFuture<SaveState>();
          var state = acknowledgements.stateBelow(position);
          if (isClosed) {
            done.completeExceptionally(closed());
          } else if (state == SaveState.REFUSED) {
            done.completeExceptionally(new ChangeRefusedException(id, lastRefusal));
          } else if (state == SaveState.SAVED || (state == SaveState.UNKNOWN && sync != null)) {
            done.complete(state);
          } else {
            waiters.add(new Waiter(position, done));
          }
          return done;
        });
  }

  /** A connection begins. */
  void connected(boolean durableHeads) {
    locked(
        () -> {
          sync = new PeerSync(content.graph(), content::isRefused);
          sync.initiateWithSummary();
          acknowledgements.connected(durableHeads);
          isUnavailable = false;
          lastRefusal = "";
          return null;
        });
  }

  void disconnected() {
    locked(
        () -> {
          sync = null;
          return null;
        });
  }

  /** The next sync message to the server, and whether the document is empty here. */
  Optional<Outgoing> next() {
    return locked(
        () ->
            sync == null || isClosed
                ? Optional.empty()
                : sync.next(encoder, content.missing())
                    .map(data -> new Outgoing(data, content.graph().isEmpty())));
  }

  record Outgoing(Bytes data, boolean isRequest) {}

  /**
   * What a received message caused.
   *
   * @param refused a sentence for each change that cannot enter
   * @param outcome to run without the lock
   */
  record Received(List<String> refused, Outcome outcome) {}

  /** Handles a sync message of the server; Malformed if it breaks the protocol. */
  Decoding<Received> receive(Bytes data) {
    return locked(
        () -> {
          var current = sync;
          if (current == null || isClosed) {
            return Decoding.of(new Received(List.of(), new Outcome()));
          }
          var before = content.graph().heads();
          return SyncMessageCodec.decode(data, SYNC_LIMITS)
              .flatMap(
                  message ->
                      content
                          .receive(message)
                          .map(changes -> received(current, message, changes, before)));
        });
  }

  private Received received(
      PeerSync current,
      SyncMessage message,
      DocumentContent.Received changes,
      List<ChangeHash> before) {
    var outcome = new Outcome();
    if (!changes.added().isEmpty()) {
      store(changes.added());
      isUnavailable = false;
      outcome.add(() -> ready.complete(null));
      finders.clear();
      observer.changed(before, content.graph().heads(), false);
    }
    current.received(message);
    acknowledgements.received(message.heads());
    tellWaiters(outcome);
    return new Received(changes.refused(), outcome);
  }

  /** The server does not have the document. */
  Outcome unavailable(String reason) {
    return locked(
        () -> {
          var outcome = new Outcome();
          if (content.graph().isEmpty()) {
            isUnavailable = true;
            var failure =
                new DocumentUnavailableException(id, lastRefusal.isEmpty() ? reason : lastRefusal);
            for (var finder : finders) {
              outcome.add(() -> finder.completeExceptionally(failure));
            }
            finders.clear();
          }
          return outcome;
        });
  }

  /** Fails the future if the server says that it does not have the document, or said so. */
  void failIfUnavailable(CompletableFuture<?> future) {
    locked(
        () -> {
          if (isUnavailable) {
            future.completeExceptionally(
                new DocumentUnavailableException(id, "the server does not have it"));
          } else {
            finders.add(future);
          }
          return null;
        });
  }

  /** The server refused a change of this client. */
  Outcome refused(String reason) {
    return locked(
        () -> {
          acknowledgements.refused();
          lastRefusal = reason;
          var outcome = new Outcome();
          for (var waiter : waiters) {
            outcome.add(
                () -> waiter.done().completeExceptionally(new ChangeRefusedException(id, reason)));
          }
          waiters.clear();
          return outcome;
        });
  }

  /** Forces the file to the disk. */
  void force() {
    locked(
        () -> {
          if (file != null && !isClosed) {
            file.force();
          }
          return null;
        });
  }

  /** Closes the file and frees the native memory. Calls that wait fail. */
  void close() {
    var outcome =
        locked(
            () -> {
              var tasks = new Outcome();
              if (!isClosed) {
                isClosed = true;
                sync = null;
                waiters.forEach(
                    waiter -> tasks.add(() -> waiter.done().completeExceptionally(closed())));
                finders.forEach(finder -> tasks.add(() -> finder.completeExceptionally(closed())));
                tasks.add(() -> ready.completeExceptionally(closed()));
                if (file != null) {
                  file.close();
                }
                content.close();
              }
              return tasks;
            });
    outcome.run();
  }

  private void tellWaiters(Outcome outcome) {
    waiters.removeIf(
        waiter -> {
          var state = acknowledgements.stateBelow(waiter.position());
          if (state == SaveState.PENDING || state == SaveState.REFUSED) {
            return false;
          }
          outcome.add(() -> waiter.done().complete(state));
          return true;
        });
  }

  private void store(List<ChangeChunk> changes) {
    if (folder.isEmpty()) {
      return;
    }
    var open = file;
    if (open == null) {
      try {
        open = folder.get().open(id);
      } catch (StoreException e) {
        folder.get().report(id, e); // the next change tries again, with all changes
        return;
      }
      file = open;
      open.append(
          IntStream.range(0, content.graph().size()).mapToObj(content.graph()::chunkAt).toList());
    } else {
      open.append(changes.stream().map(ChangeChunk::plain).toList());
    }
    if (open.changesAppended() > APPENDED_MAX
        && open.changesAppended() > content.graph().size() / 4
        && !content.hasWaitingChanges()) {
      compact(open);
    }
  }

  /** Replaces the file with one document chunk, if the chunk is proved to have all changes. */
  private void compact(DocumentFile open) {
    var chunk = content.replica().save();
    if (DocumentCodec.decode(chunk, DocumentLimits.STORED)
            instanceof Decoding.Decoded<DocumentContents>(var read)
        && read.heads().equals(content.graph().heads())
        && read.changes().size() == content.graph().size()) {
      open.replace(chunk);
    }
  }

  /** The whole document for a server that takes it as one chunk. */
  private Optional<SyncEncoder.Snapshot> snapshot() {
    return Optional.of(new SyncEncoder.Snapshot(content.replica().save(), content.graph().heads()));
  }

  private void checkReady() {
    checkOpen();
    if (content.graph().isEmpty()) {
      throw new IllegalStateException(
          "the document " + id + " has no content yet: wait for whenReady()");
    }
  }

  private void checkOpen() {
    if (isClosed) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the repository is closed");
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
