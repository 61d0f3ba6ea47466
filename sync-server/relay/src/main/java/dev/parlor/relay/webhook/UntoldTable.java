package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code webhook-untold}: what the receiver was not told, by document. The nodes of a
 * cluster share the table, and the keys of each node have its name after the document. Writes are
 * queued, and reads may block on the disk. Safe from any thread.
 */
final class UntoldTable {
  private static final String TABLE = "webhook-untold";
  private static final char SEPARATOR = '/';

  private final ChangeStore store;
  private final String node;

  /**
   * @param node the name of this node; empty on one machine
   */
  UntoldTable(ChangeStore store, String node) {
    this.store = store;
    this.node = node;
  }

  /** What another node did not tell about a document. */
  record OfOther(DocumentId document, String node, Untold untold) {}

  private record Key(DocumentId document, String node) {
    static Optional<Key> parse(String text) {
      var separator = text.indexOf(SEPARATOR);
      var document = separator < 0 ? text : text.substring(0, separator);
      return DocumentId.parse(document) instanceof Decoding.Decoded<DocumentId>(var parsed)
          ? Optional.of(new Key(parsed, separator < 0 ? "" : text.substring(separator + 1)))
          : Optional.empty();
    }

    String text() {
      return node.isEmpty() ? document.value() : document.value() + SEPARATOR + node;
    }
  }

  Untold find(DocumentId document) {
    return table(document).get(key(document)).map(Untold::decode).orElse(Untold.NOTHING);
  }

  /** Stores what this node did not tell. */
  void put(DocumentId document, Untold untold) {
    var _ =
        untold.isNothing()
            ? table(document).remove(key(document))
            : table(document).put(key(document), untold.encode());
  }

  /** The documents about which this node did not tell everything, in shards that can be read. */
  List<DocumentId> documents() {
    var documents = new ArrayList<DocumentId>();
    forEach(
        (key, _) -> {
          if (key.node().equals(node)) {
            documents.add(key.document());
          }
        });
    return documents;
  }

  /** What other nodes did not tell, in shards that can be read. */
  List<OfOther> ofOthers() {
    var others = new ArrayList<OfOther>();
    forEach(
        (key, value) -> {
          if (!key.node().equals(node)) {
            others.add(new OfOther(key.document(), key.node(), Untold.decode(value)));
          }
        });
    return others;
  }

  /** Removes what another node did not tell. */
  void remove(OfOther other) {
    var key = new Key(other.document(), other.node());
    var _ = table(other.document()).remove(key.text());
  }

  @FunctionalInterface
  private interface Visitor {
    void visit(Key key, Bytes value);
  }

  private void forEach(Visitor visitor) {
    for (var part : store.partsOf(TABLE)) {
      part.withPrefix("")
          .forEach((text, value) -> Key.parse(text).ifPresent(key -> visitor.visit(key, value)));
    }
  }

  private String key(DocumentId document) {
    return new Key(document, node).text();
  }

  private RecordTable table(DocumentId document) {
    return store.tableOf(document, TABLE);
  }
}
