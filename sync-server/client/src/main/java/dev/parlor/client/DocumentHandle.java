package dev.parlor.client;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.CborValues;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One document of a {@link Repo}. All methods may be called from any thread. A repository has one
 * handle for each document.
 */
public final class DocumentHandle {

  private final Repo repo;
  private final LocalDocument document;
  private final Listeners<ChangeEvent> changeListeners;
  private final Listeners<EphemeralMessage> ephemeralListeners;

  DocumentHandle(
      Repo repo, Function<LocalDocument.Observer, LocalDocument> open, ListenerThread listeners) {
    this.repo = repo;
    this.changeListeners = new Listeners<>(listeners);
    this.ephemeralListeners = new Listeners<>(listeners);
    this.document = open.apply(this::changed);
  }

  /** Called with the document's lock held. */
  private void changed(List<ChangeHash> before, List<ChangeHash> after, boolean isLocal) {
    repo.stored(this);
    changeListeners.tell(new ChangeEvent(this, before, after, isLocal));
  }

  LocalDocument document() {
    return document;
  }

  void ephemeralReceived(EphemeralMessage message) {
    ephemeralListeners.tell(message);
  }

  public DocumentId id() {
    return document.id();
  }

  /** The URL by which automerge-repo names the document. */
  public String url() {
    return id().url();
  }

  public DocumentState state() {
    return document.state();
  }

  /** Completes when the document has content, stored here or from the server. */
  public CompletableFuture<DocumentHandle> whenReady() {
    return document.ready().thenApply(_ -> this);
  }

  /** The hashes of the newest changes, ascending. */
  public List<ChangeHash> heads() {
    return document.heads();
  }

  /**
   * The whole document.
   *
   * @throws IllegalStateException if it has no content yet
   */
  public Value root() {
    return document.read(Replica::root);
  }

  /**
   * The value at the path; empty if there is none.
   *
   * @throws IllegalStateException if the document has no content yet
   */
  public Optional<Value> read(Path path) {
    return document.read(replica -> replica.read(path));
  }

  /** The conflicting values at the path, the winner first, as {@link Replica#conflicts}. */
  public List<Value> conflicts(Path path) {
    return document.read(replica -> replica.conflicts(path));
  }

  /** The document with its history, as the contents of an {@code .automerge} file. */
  public Bytes export() {
    return document.export();
  }

  /**
   * Makes one change of all edits, or none. When this method returns, the change is in the store;
   * it is sent soon.
   *
   * @return false if the edits changed nothing
   * @throws dev.parlor.crdt.replica.ReplicaException if an edit does not fit the document
   * @throws IllegalArgumentException if the change is beyond what Automerge documents can hold
   * @throws IllegalStateException if the document has no content yet
   */
  public boolean change(Edit... edits) {
    return change(_ -> List.of(edits));
  }

  /**
   * As {@link #change(Edit...)}, with edits that depend on the content. No other change enters
   * between the reading and the edits.
   *
   * @param edits called with the whole document, and with its lock held: it must not wait
   */
  public boolean change(Function<Value, List<Edit>> edits) {
    var changed = document.edit(edits, false);
    if (changed) {
      repo.changed(this);
    }
    return changed;
  }

  /** Makes the first change of a new document. */
  boolean begin(List<Edit> edits) {
    var changed = document.edit(_ -> edits, true);
    if (changed) {
      repo.changed(this);
    }
    return changed;
  }

  /** How far the changes have come that this client made, or brought to the server. */
  public SaveState saveState() {
    return document.saveState();
  }

  /**
   * Completes when the server has acknowledged all changes that the document has now: with {@link
   * SaveState#SAVED} if they are on its disk, or with {@link SaveState#UNKNOWN} if it does not tell
   * that. Fails with a {@link ChangeRefusedException} if the server refuses a change. Without a
   * connection it waits for one.
   */
  public CompletableFuture<SaveState> saved() {
    return document.saved();
  }

  /**
   * Waits for {@link #saved()}.
   *
   * @return the state; {@link SaveState#PENDING} if this time is over, and {@link
   *     SaveState#REFUSED} if the server refused a change
   */
  public SaveState awaitSaved(Duration timeout) throws InterruptedException {
    try {
      return saved().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return SaveState.PENDING;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ChangeRefusedException) {
        return SaveState.REFUSED;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Calls the listener for all changes from now on, also for those of this program. */
  public Subscription onChange(Consumer<? super ChangeEvent> listener) {
    return changeListeners.add(listener);
  }

  /** Calls the listener for the ephemeral messages of other clients. */
  public Subscription onEphemeral(Consumer<? super EphemeralMessage> listener) {
    return ephemeralListeners.add(listener);
  }

  /**
   * Sends a message to all clients that have the document open; no server stores it. It is dropped
   * without a connection. Parlor drops messages above 8 KiB, and above 60 a second.
   *
   * @param message maps, lists, texts, numbers, booleans and null
   */
  public void sendEphemeral(Map<String, ?> message) {
    sendEphemeral(CborValues.write(message));
  }

  /** As {@link #sendEphemeral(Map)}, with a message that is CBOR already. */
  public void sendEphemeral(Bytes cbor) {
    repo.sendEphemeral(id(), cbor);
  }

  @Override
  public String toString() {
    return url();
  }
}
