package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.util.ArrayList;
import java.util.List;

/**
 * The table {@code webhook-untold}: what the receiver was not told, by document. Writes are queued,
 * and reads may block on the disk. Safe from any thread.
 */
final class UntoldTable {
  private static final String TABLE = "webhook-untold";

  private final ChangeStore store;

  UntoldTable(ChangeStore store) {
    this.store = store;
  }

  Untold find(DocumentId document) {
    return table(document).get(document.value()).map(Untold::decode).orElse(Untold.NOTHING);
  }

  /** Stores what is untold. */
  void put(DocumentId document, Untold untold) {
    var _ =
        untold.isNothing()
            ? table(document).remove(document.value())
            : table(document).put(document.value(), untold.encode());
  }

  /** The documents with something untold, in shards that can be read. */
  List<DocumentId> documents() {
    var documents = new ArrayList<DocumentId>();
    for (var part : store.partsOf(TABLE)) {
      for (var key : part.withPrefix("").keySet()) {
        if (DocumentId.parse(key) instanceof Decoding.Decoded<DocumentId>(var document)) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  private RecordTable table(DocumentId document) {
    return store.tableOf(document, TABLE);
  }
}
