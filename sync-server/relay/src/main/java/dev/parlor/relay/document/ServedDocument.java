package dev.parlor.relay.document;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document in memory: open, deleted, or quarantined because it cannot be read. Belongs to the
 * document's worker.
 */
sealed interface ServedDocument permits OpenDocument, DeletedDocument, QuarantinedDocument {

  /**
   * Handles all commands of one step.
   *
   * @return nanoseconds until the next step is needed
   */
  long step(List<DocumentCommand> commands, long now);

  /** Whether neither peers nor the server use the document. */
  boolean isUnused();

  /** The document in place of this one as soon as it is unused; null if this one stays. */
  default @Nullable ServedDocument successor() {
    return null;
  }

  /** Whether the document leaves memory as soon as it is unused, as the operator requested. */
  boolean isLeaving();

  /** The document leaves memory because it is unused. */
  void evicted();

  /** A step failed: notifies peers and observers. */
  void fail(Throwable cause);

  /** The document has left memory, after {@link #evicted} or {@link #fail}. */
  void end();
}
