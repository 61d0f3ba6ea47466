package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.DocumentId;

/** Is told about deletions and restorations. Must only enqueue; called on any thread. */
public interface DeletionListener {

  /** Listens to nothing. */
  DeletionListener NONE =
      new DeletionListener() {
        @Override
        public void begins(DocumentId document) {}

        @Override
        public void ended(DocumentId document) {}
      };

  /** This listener and then another one. */
  default DeletionListener and(DeletionListener other) {
    var first = this;
    return new DeletionListener() {
      @Override
      public void begins(DocumentId document) {
        first.begins(document);
        other.begins(document);
      }

      @Override
      public void ended(DocumentId document) {
        first.ended(document);
        other.ended(document);
      }
    };
  }

  /**
   * The document is about to be deleted or restored. A record that the listener puts into a table
   * of the document is durable no later than that.
   */
  void begins(DocumentId document);

  /** The document was deleted or restored, or the attempt failed. */
  void ended(DocumentId document);
}
