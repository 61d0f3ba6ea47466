package dev.parlor.relay.document;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import java.util.List;

/**
 * Is told about the new changes of all documents, without their content. Every method is called on
 * a document's worker and must only enqueue. Unlike a {@link DocumentObserver}, a listener does not
 * keep documents in memory.
 */
public interface ChangeListener {

  /** Listens to no document. */
  ChangeListener NONE =
      new ChangeListener() {
        @Override
        public boolean listensTo(DocumentId document) {
          return false;
        }

        @Override
        public void changed(DocumentId document, List<ChangeHash> headsBefore) {}
      };

  /** Whether to report the changes of this document; asked each time when it enters memory. */
  boolean listensTo(DocumentId document);

  /**
   * Changes were added to the graph. Changes from another node are not reported here: the listener
   * of that node is told. The changes are handed to the store after this call. So a record that the
   * listener puts into a table of the document is durable no later than the changes.
   *
   * @param headsBefore the heads of the document before these changes; empty for a new document
   */
  void changed(DocumentId document, List<ChangeHash> headsBefore);
}
