package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.storage.ChangeStore;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the use of a document on all nodes when one node deletes it, and opens it again when one
 * node restores it. A message tells the other nodes. If messages may have been lost, a node reads
 * the tombstones of all documents that it has in memory. One thread of its own does this.
 */
public final class SharedDeletions implements DeletionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedDeletions.class);
  private static final String TOPIC = "deletions";

  private final ChangeStore store;
  private final Tombstones tombstones;
  private final DocumentDirectory documents;
  private final NodeMessages messages;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shared-deletions").factory());

  private SharedDeletions(
      ChangeStore store,
      Tombstones tombstones,
      DocumentDirectory documents,
      NodeMessages messages) {
    this.store = store;
    this.tombstones = tombstones;
    this.documents = documents;
    this.messages = messages;
  }

  /** Begins to follow the other nodes. */
  public static SharedDeletions start(
      ChangeStore store,
      Tombstones tombstones,
      DocumentDirectory documents,
      NodeMessages messages) {
    var shared = new SharedDeletions(store, tombstones, documents, messages);
    for (var part : store.partsOf(Tombstones.TABLE)) {
      part.watch(shared::changed);
    }
    messages.subscribe(
        TOPIC,
        new NodeMessages.Listener() {
          @Override
          public void received(Bytes message) {
            shared.changed(message.toUtf8());
          }

          @Override
          public void resumed() {
            documents.admin().documents().forEach(shared::followSoon);
          }
        });
    return shared;
  }

  private void changed(String key) {
    if (!(DocumentId.parse(key) instanceof Decoding.Decoded<DocumentId>(var document))) {
      LOG.error("another node sent a deletion in an unknown form");
      return;
    }
    followSoon(document);
  }

  private void followSoon(DocumentId document) {
    try {
      thread.execute(() -> follow(document));
    } catch (RejectedExecutionException e) {
      LOG.debug("the server stops", e);
    }
  }

  private void follow(DocumentId document) {
    try {
      store.refresh(document).get(FixedLimits.DELETION_SECONDS_MAX, TimeUnit.SECONDS);
      var _ =
          tombstones.isDeleted(document)
              ? documents.deleted(document)
              : documents.restored(document);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.error("the deletion of document {} on another node could not be followed", document, e);
    }
  }

  @Override
  public void begins(DocumentId document) {}

  @Override
  public void ended(DocumentId document) {
    messages.publish(TOPIC, Bytes.utf8(document.value()));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
