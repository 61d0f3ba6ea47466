package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The operator's queries and commands for documents in memory. It never opens a document, and a
 * query does not keep a document in memory. Each request goes into the document's mailbox, and the
 * document's worker answers it after the commands that wait there already. Safe from any thread. A
 * returned future completes on the worker's thread: wait for it, and run nothing else there.
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
    return ask(document, done -> new DocumentCommand.Describe(inDetail, done));
  }

  /** Compacts the document now, however few changes its log has. */
  public Optional<CompletableFuture<Compaction>> compact(DocumentId document) {
    return ask(document, DocumentCommand.Compact::new);
  }

  /**
   * Closes every connection that has the document open, with 1012, and lets the document leave
   * memory as soon as it is unused. Returns the number of those connections.
   */
  public Optional<CompletableFuture<Integer>> close(DocumentId document) {
    return ask(document, DocumentCommand.Close::new);
  }

  private <T> Optional<CompletableFuture<T>> ask(
      DocumentId document, Function<CompletableFuture<T>, DocumentCommand> command) {
    var done = new CompletableFuture<T>();
    return directory
        .inMemory(document)
        .filter(worker -> worker.force(command.apply(done)))
        .map(_ -> done);
  }
}
