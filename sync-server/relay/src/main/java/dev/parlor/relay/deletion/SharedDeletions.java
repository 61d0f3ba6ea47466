package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.storage.ChangeStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the use of a document on all nodes when one node deletes it, and opens it again when one
 * node restores it. A message tells the other nodes at once; it may be lost. A changed tombstone is
 * noticed in any case. One thread of its own reads the tombstones.
 */
public final class SharedDeletions implements DeletionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedDeletions.class);
  private static final String TOPIC = "deletions";

  private final Tombstones tombstones;
  private final DocumentDirectory documents;
  private final NodeMessages messages;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shared-deletions").factory());

  private SharedDeletions(
      Tombstones tombstones, DocumentDirectory documents, NodeMessages messages) {
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
    var shared = new SharedDeletions(tombstones, documents, messages);
    for (var part : store.partsOf(Tombstones.TABLE)) {
      part.watch(shared::changed);
    }
    messages.subscribe(TOPIC, message -> shared.changed(message.toUtf8()));
    return shared;
  }

  private void changed(String key) {
    if (!(DocumentId.parse(key) instanceof Decoding.Decoded<DocumentId>(var document))) {
      LOG.error("another node sent a deletion in an unknown form");
      return;
    }
    try {
      thread.execute(() -> follow(document));
    } catch (RejectedExecutionException e) {
      LOG.debug("the server stops", e);
    }
  }

  private void follow(DocumentId document) {
    try {
      var _ =
          tombstones.isDeleted(document)
              ? documents.deleted(document)
              : documents.restored(document);
    } catch (RuntimeException e) {
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
