package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The operator's queries and commands for documents in memory. They never open a document, and a
 * query does not keep a document in memory. Each request waits in the document's mailbox until the
 * worker answers it. Safe from any thread. A returned future completes on the worker's thread, so a
 * caller must wait for it and not attach work to it.
 */
public final class DocumentAdmin {

  private final DocumentDirectory directory;

  DocumentAdmin(DocumentDirectory directory) {
    this.directory = directory;
  }

  /** The documents in memory, by id, ascending. */
  public List<DocumentId> documents() {
    return directory.documents();
  }

  /** The state of the document; empty when it is not in memory. */
  public Optional<CompletableFuture<DocumentDescription>> describe(
      DocumentId document, boolean inDetail) {
    return send(document, done -> new DocumentCommand.Describe(inDetail, done));
  }

  /** Compacts the document now, however few changes its log has. */
  public Optional<CompletableFuture<CompactionOutcome>> compact(DocumentId document) {
    return send(document, DocumentCommand.Compact::new);
  }

  /**
   * Closes every connection that has the document open, with code 1012, and removes the document
   * from memory as soon as it is unused. The result is the number of closed connections.
   */
  public Optional<CompletableFuture<Integer>> close(DocumentId document) {
    return send(document, DocumentCommand.Close::new);
  }

  private <T> Optional<CompletableFuture<T>> send(
      DocumentId document, Function<CompletableFuture<T>, DocumentCommand> command) {
    var done = new CompletableFuture<T>();
    return directory
        .inMemory(document)
        .filter(worker -> worker.forcePut(command.apply(done)))
        .map(_ -> done);
  }
}
