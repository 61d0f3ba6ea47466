package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The tombstones of deleted documents, in the table {@code tombstones}. A tombstone is in the same
 * shard as its document, so it is on disk no later than what is done to the document after it.
 * Reads the disk; safe from any thread.
 */
public final class Tombstones {
  static final String TABLE = "tombstones";

  private final ChangeStore store;

  public Tombstones(ChangeStore store) {
    this.store = store;
  }

  /** The tombstone of a deleted document; empty if the document is not deleted. */
  public Optional<Tombstone> find(DocumentId document) {
    return record(document).filter(Tombstone::isDeletion);
  }

  /** Whether the document is deleted. */
  public boolean isDeleted(DocumentId document) {
    return find(document).isPresent();
  }

  /** The record of the document, also if it was restored. */
  public Optional<Tombstone> record(DocumentId document) {
    return stored(document).map(Tombstone::decode);
  }

  /** All tombstones of deleted documents in shards that can be read. */
  Map<DocumentId, Tombstone> all() {
    var all = new TreeMap<DocumentId, Tombstone>();
    for (var part : store.partsOf(TABLE)) {
      part.withPrefix("")
          .forEach(
              (key, value) -> {
                var tombstone = Tombstone.decode(value);
                if (tombstone.isDeletion()
                    && DocumentId.parse(key)
                        instanceof Decoding.Decoded<DocumentId>(var document)) {
                  all.put(document, tombstone);
                }
              });
    }
    return all;
  }

  Optional<Bytes> stored(DocumentId document) {
    return table(document).get(document.value());
  }

  /** Puts a tombstone if the stored record is still the expected one. */
  RecordTable.Replaced replace(DocumentId document, Optional<Bytes> expected, Tombstone tombstone) {
    return table(document).replace(document.value(), expected, tombstone.encode());
  }

  private RecordTable table(DocumentId document) {
    return store.tableOf(document, TABLE);
  }
}
