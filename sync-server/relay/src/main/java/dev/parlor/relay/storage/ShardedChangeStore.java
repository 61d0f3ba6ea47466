package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.health.Health.Condition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A store that consists of several stores. Each document is in one shard, chosen by a hash of its
 * id. The tables are in a separate store. Each of these stores has a directory, a change log and a
 * commit thread. A shard with a slow, full or damaged disk therefore delays only its own documents.
 * Safe from any thread; this class has no thread and no state.
 *
 * <p>The tables' store keeps the storage id and the claim on the data directory. A shard that is
 * left out, or damaged as a whole, is an {@link UnavailableStore}.
 */
final class ShardedChangeStore implements StoreOnDisk {

  private final MapDbChangeStore records;
  private final List<ShardStore> shards;

  ShardedChangeStore(MapDbChangeStore records, List<ShardStore> shards) {
    this.records = records;
    this.shards = List.copyOf(shards);
  }

  /**
   * The shard of a document: the first four bytes of the SHA-256 of its id's text, as an unsigned
   * big-endian number, modulo the number of shards. It must never change, since it locates
   * documents. {@code docs/operations.md} says how to compute it outside the server.
   */
  static int shardOf(DocumentId document, int shards) {
    try {
      var hash =
          MessageDigest.getInstance("SHA-256")
              .digest(document.value().getBytes(StandardCharsets.US_ASCII));
      return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), shards);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private ShardStore shard(DocumentId document) {
    return shards.get(shardOf(document, shards.size()));
  }

  /** The open stores, the tables' store first. */
  List<MapDbChangeStore> stores() {
    var stores = new ArrayList<MapDbChangeStore>();
    stores.add(records);
    for (var shard : shards) {
      if (shard instanceof MapDbChangeStore store) {
        stores.add(store);
      }
    }
    return stores;
  }

  @Override
  public StorageId storageId() {
    return records.storageId();
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    return shard(document).load(document);
  }

  @Override
  public boolean contains(DocumentId document) {
    return shard(document).contains(document);
  }

  @Override
  public Set<DocumentId> documents() {
    var all = new HashSet<DocumentId>();
    shards.forEach(shard -> all.addAll(shard.documents()));
    return Set.copyOf(all);
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    return shard(document).append(document, changes);
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    return shard(document).compact(document, snapshot, covered);
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return shard(document).remove(document);
  }

  @Override
  public RecordTable table(String name) {
    return records.table(name);
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return shard(document).tableOf(document, name);
  }

  @Override
  public List<RecordTable> partsOf(String name) {
    return shards.stream()
        .filter(MapDbChangeStore.class::isInstance)
        .map(shard -> shard.table(name))
        .toList();
  }

  @Override
  public RecordStore recordStore() {
    return records.recordStore();
  }

  @Override
  public boolean isUnavailable(DocumentId document) {
    return shard(document) instanceof UnavailableStore;
  }

  @Override
  public boolean hasAllShards() {
    return unavailable() == 0;
  }

  /** The number of unavailable shards. */
  int unavailable() {
    return (int) shards.stream().filter(UnavailableStore.class::isInstance).count();
  }

  @Override
  public Condition condition() {
    var problems = new ArrayList<String>();
    var notes = new StringBuilder();
    describe("", records, problems, notes);
    for (var i = 0; i < shards.size(); i++) {
      switch (shards.get(i)) {
        case MapDbChangeStore store -> describe("shard " + i + ": ", store, problems, notes);
        case UnavailableStore store -> notes.append("; ").append(store.reason());
      }
    }
    return problems.isEmpty()
        ? Condition.ok(
            "saving to " + records.directory() + ", " + shards.size() + " shards" + notes)
        : Condition.failing(String.join("; ", problems));
  }

  private static void describe(
      String prefix, MapDbChangeStore store, List<String> problems, StringBuilder notes) {
    var problem = store.savingFailure();
    if (problem != null) {
      problems.add(prefix + problem);
    }
    var damage = store.damage();
    if (!damage.isEmpty()) {
      notes.append("; ").append(prefix).append(damage);
    }
  }

  @Override
  public StoreView freeze() throws IOException {
    for (var shard : shards) {
      if (shard instanceof UnavailableStore unavailable) {
        throw new IOException(
            "there is no backup of a part of the documents: " + unavailable.reason());
      }
    }
    return new StoreCut(stores(), storageId(), shards.size()).take();
  }

  @Override
  public long queuedBytes() {
    return stores().stream().mapToLong(MapDbChangeStore::queuedBytes).sum();
  }

  @Override
  public Set<DocumentId> quarantined() {
    var all = new HashSet<DocumentId>();
    stores().forEach(store -> all.addAll(store.quarantined()));
    return Set.copyOf(all);
  }

  @Override
  public int replayedChanges() {
    return stores().stream().mapToInt(MapDbChangeStore::replayedChanges).sum();
  }

  /**
   * Closes every store, even if another store fails to close. The store with the claim on the data
   * directory is closed last.
   */
  @Override
  public void close() throws IOException {
    @Nullable IOException problem = null;
    for (var store : stores().reversed()) {
      try {
        store.close();
      } catch (IOException e) {
        if (problem == null) {
          problem = e;
        } else {
          problem.addSuppressed(e);
        }
      }
    }
    if (problem != null) {
      throw problem;
    }
  }
}
