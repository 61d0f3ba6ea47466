package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A store in memory. A test can hold back its commits, let them fail, and lose uncommitted changes
 * ({@link #crash}).
 */
public final class HeldStore implements ChangeStore {

  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));

  private record Append(
      DocumentId document, List<ChangeRecord> changes, CompletableFuture<Void> done) {}

  private final Map<DocumentId, Map<ChangeHash, Bytes>> logs = new HashMap<>();
  private final Map<DocumentId, Bytes> snapshots = new HashMap<>();
  private final Set<DocumentId> corrupt = new java.util.HashSet<>();
  private final List<Append> held = new ArrayList<>();
  private boolean holding;
  private boolean refusing;
  private int appends;

  /** Holds appends back until {@link #release}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Commits the held appends, and from now on commits each append at once. */
  public void release() {
    List<Append> ready;
    synchronized (this) {
      holding = false;
      ready = List.copyOf(held);
      held.clear();
    }
    ready.forEach(this::commit);
  }

  /** Makes appends fail, or succeed again. */
  public synchronized void refuse(boolean refusingNow) {
    refusing = refusingNow;
  }

  /** Makes every later load of this document fail. */
  public synchronized void corrupt(DocumentId document) {
    corrupt.add(document);
  }

  /** The number of held appends. */
  public synchronized int held() {
    return held.size();
  }

  /** The number of appends so far. */
  public synchronized int appends() {
    return appends;
  }

  /** Simulates a crash of the process: held appends are lost. */
  public synchronized void crash() {
    held.clear();
    holding = false;
  }

  /** The hashes of the committed changes. */
  public synchronized Set<ChangeHash> committed(DocumentId document) {
    return Set.copyOf(logs.getOrDefault(document, Map.of()).keySet());
  }

  @Override
  public StorageId storageId() {
    return new StorageId("storage-of-the-test");
  }

  @Override
  public synchronized Optional<StoredDocument> load(DocumentId document) throws IOException {
    if (corrupt.contains(document)) {
      throw new CorruptDocumentException(document, "a record fails its checksum");
    }
    if (!contains(document)) {
      return Optional.empty();
    }
    var tail = new ArrayList<ChangeRecord>();
    logs.getOrDefault(document, Map.of())
        .forEach((hash, chunk) -> tail.add(new ChangeRecord(hash, chunk)));
    return Optional.of(new StoredDocument(Optional.ofNullable(snapshots.get(document)), tail));
  }

  @Override
  public synchronized boolean contains(DocumentId document) {
    return logs.containsKey(document) || snapshots.containsKey(document);
  }

  @Override
  public synchronized Set<DocumentId> documents() {
    return Set.copyOf(logs.keySet());
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    var append = new Append(document, List.copyOf(changes), new CompletableFuture<>());
    synchronized (this) {
      appends++;
      if (holding) {
        held.add(append);
        return append.done();
      }
    }
    commit(append);
    return append.done();
  }

  @Override
  public synchronized CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    snapshots.put(document, snapshot);
    logs.getOrDefault(document, new LinkedHashMap<>()).keySet().removeAll(covered);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletableFuture<Void> remove(DocumentId document) {
    logs.remove(document);
    snapshots.remove(document);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public RecordTable table(String name) {
    return tables.table(name);
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return tables.tableOf(document, name);
  }

  @Override
  public void close() {}

  private void commit(Append append) {
    synchronized (this) {
      if (!refusing) {
        var log = logs.computeIfAbsent(append.document(), _ -> new LinkedHashMap<>());
        append.changes().forEach(change -> log.put(change.hash(), change.chunk()));
      }
    }
    if (isRefusing()) {
      append.done().completeExceptionally(new IOException("no space left on device"));
    } else {
      append.done().complete(null);
    }
  }

  private synchronized boolean isRefusing() {
    return refusing;
  }
}
