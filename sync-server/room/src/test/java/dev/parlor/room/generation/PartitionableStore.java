package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One node's connection to shared tables, which a test can cut or make slow. */
final class PartitionableStore implements ChangeStore {
  private final ChangeStore shared;
  private final Semaphore refusedWrites = new Semaphore(0);
  private volatile boolean cut;

  private final Semaphore heldAnswers = new Semaphore(0);

  /** Completes when the answers to conditional writes may return. */
  private volatile CompletableFuture<Void> answers = CompletableFuture.completedFuture(null);

  PartitionableStore(ChangeStore shared) {
    this.shared = shared;
  }

  void cut(boolean isCut) {
    cut = isCut;
  }

  /**
   * Keeps back the answers to conditional writes from now on.
   *
   * @return lets them return
   */
  Runnable holdAnswers() {
    CompletableFuture<Void> held = new CompletableFuture<>();
    answers = held;
    return () -> held.complete(null);
  }

  /** Waits at most 30 s until an answer is kept back. */
  void awaitHeldAnswer() throws InterruptedException {
    assertTrue(heldAnswers.tryAcquire(30, TimeUnit.SECONDS), "the node writes nothing");
  }

  /** Waits at most 30 s until this number of writes was refused. */
  void awaitRefusedWrites(int count) throws InterruptedException {
    assertTrue(refusedWrites.tryAcquire(count, 30, TimeUnit.SECONDS), "the node writes nothing");
  }

  private IOException refuseWrite() {
    refusedWrites.release();
    return unreachable();
  }

  private static IOException unreachable() {
    return new IOException("the store cannot be reached");
  }

  @Override
  public RecordTable table(String name) {
    return new CutTable(shared.table(name));
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return new CutTable(shared.tableOf(document, name));
  }

  private final class CutTable implements RecordTable {
    private final RecordTable table;

    private CutTable(RecordTable table) {
      this.table = table;
    }

    private RecordTable requireConnected() {
      if (cut) {
        throw new UncheckedIOException(unreachable());
      }
      return table;
    }

    private void requireWritable() {
      if (cut) {
        throw new UncheckedIOException(refuseWrite());
      }
    }

    @Override
    public Optional<Bytes> get(String key) {
      return requireConnected().get(key);
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      return cut ? CompletableFuture.failedFuture(refuseWrite()) : table.put(key, value);
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      requireWritable();
      PutIfAbsent put = table.putIfAbsent(key, value);
      CompletableFuture<Void> answer = answers;
      if (!answer.isDone()) {
        heldAnswers.release();
      }
      return new PutIfAbsent(put.inserted(), put.value(), put.committed().thenCompose(_ -> answer));
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      requireWritable();
      return table.replace(key, expected, value);
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      return cut ? CompletableFuture.failedFuture(refuseWrite()) : table.remove(key);
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      return requireConnected().withPrefix(prefix);
    }
  }

  // Generation stores no changes.

  @Override
  public StorageId storageId() {
    return shared.storageId();
  }

  @Override
  public CompletableFuture<Void> refresh(DocumentId document) {
    return cut ? CompletableFuture.failedFuture(unreachable()) : shared.refresh(document);
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean contains(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<DocumentId> documents() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
