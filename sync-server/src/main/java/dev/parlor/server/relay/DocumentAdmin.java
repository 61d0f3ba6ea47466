package dev.parlor.server.relay;

import dev.parlor.crdt.identity.DocumentId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Questions and orders of whoever runs the server, for rooms that are in memory; never opens one,
 * and asking does not keep one there. Each is put into the room's mailbox and answered by its
 * worker, after what waits there already. Safe from any thread; completion runs on the room's
 * thread: only wait for it.
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

  /** How the room is; empty when it is not in memory. */
  public Optional<CompletableFuture<DocumentDescription>> describe(
      DocumentId document, boolean inDetail) {
    return ask(document, done -> new DocumentCommand.Describe(inDetail, done));
  }

  /** Compacts the document now, however few changes its log has. */
  public Optional<CompletableFuture<Compaction>> compact(DocumentId document) {
    return ask(document, DocumentCommand.Compact::new);
  }

  /**
   * Closes every connection that has the document open, with 1012, and lets the room leave memory
   * as soon as nobody needs it. Answers how many connections there were.
   */
  public Optional<CompletableFuture<Integer>> close(DocumentId document) {
    return ask(document, DocumentCommand.Dismiss::new);
  }

  private <T> Optional<CompletableFuture<T>> ask(
      DocumentId document, Function<CompletableFuture<T>, DocumentCommand> command) {
    var done = new CompletableFuture<T>();
    return directory
        .inMemory(document)
        .filter(room -> room.force(command.apply(done)))
        .map(_ -> done);
  }
}
