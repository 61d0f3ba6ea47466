package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on disk: MapDB's trees on a journaled file, one thread that commits groups [DU1], and a
 * lock on the directory [DU5]. See {@link CommitLoop} for writes, {@link StoreReader} for reads,
 * {@link Database} for the layout, and {@link JournaledVolume} for crash safety.
 *
 * <p>Each snapshot that a caller passes to {@link #compact} must cover the previous snapshot, and
 * only one compaction of a document may run at a time.
 */
public final class MapDbChangeStore implements StoreOnDisk, ShardStore {

  private static final Logger LOG = LoggerFactory.getLogger(MapDbChangeStore.class);

  private final DataDirectory directory;
  private final Database database;
  private final DocumentIndex index;
  private final UnabsorbedEntries unabsorbed;
  private final Committer committer;
  private final CommitLoop commits;
  private final StoreReader reader;
  private final RecordStore records;
  private final Map<String, RecordTable> tables = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor compactor;
  private int replayedChanges;

  /** Makes a store of open files; call {@link #replay} next. */
  MapDbChangeStore(
      DataDirectory directory,
      Database database,
      ChangeLog log,
      Limits.Storage limits,
      Metrics metrics) {
    var suffix =
        database.manifest() instanceof ShardManifest.Shard shard ? "-" + shard.number() : "";
    this.directory = directory;
    this.database = database;
    this.index = new DocumentIndex(database);
    this.reader = new StoreReader(database, index);
    this.unabsorbed = new UnabsorbedEntries(log, index, limits);
    this.committer =
        new Committer(directory, database, index, unabsorbed, metrics, reader.exclusionLock());
    this.commits = new CommitLoop("parlor-commit" + suffix, committer, limits);
    this.records = new MapDbRecordStore(reader, commits);
    this.compactor =
        new ThreadPoolExecutor(
            1,
            1,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("parlor-compaction" + suffix).daemon().factory());
    compactor.allowCoreThreadTimeOut(true);
  }

  /**
   * Opens the directory of one shard, or creates it.
   *
   * @param ids the source of a new directory's storage id, {@code UUID::randomUUID}
   * @throws IOException with one sentence for the operator: the directory is in use by another
   *     process, is not writable, has another schema or several shards, or is damaged
   */
  public static MapDbChangeStore open(
      Path path, Limits.Storage limits, Metrics metrics, Supplier<UUID> ids) throws IOException {
    return open(path, limits, metrics, ids, new Disk());
  }

  /** For tests, with files that can fail. */
  static MapDbChangeStore open(
      Path path, Limits.Storage limits, Metrics metrics, Supplier<UUID> ids, Disk disk)
      throws IOException {
    var opened =
        new StoreOpening(limits, metrics, ids, disk)
            .open(path, new Shards(OptionalInt.of(1), Set.of()));
    return (MapDbChangeStore) opened;
  }

  /** Starts to accept writes. */
  void start() {
    commits.start();
  }

  @Override
  public int replayedChanges() {
    return replayedChanges;
  }

  /** Replays the change log that the last process left; call it before {@link #start}. */
  void replay() throws IOException {
    replayedChanges = committer.replay(reader::quarantine);
  }

  @Override
  public Condition condition() {
    var failure = savingFailure();
    return failure == null
        ? Condition.ok("saving to " + directory + (damage().isEmpty() ? "" : "; " + damage()))
        : Condition.failing(failure);
  }

  DataDirectory directory() {
    return directory;
  }

  ShardManifest manifest() {
    return database.manifest();
  }

  /** Records that every shard has been created; call it before {@link #start}. */
  void markComplete(ShardManifest.Records incomplete) throws IOException {
    database.markComplete(incomplete);
  }

  /** A sentence about the reason why saving fails; null if saving works. */
  @Nullable String savingFailure() {
    var commitFailure = committer.commitFailure();
    if (commitFailure != null) {
      return "changes cannot be saved: " + commitFailure;
    }
    var absorbFailure = committer.absorbFailure();
    if (absorbFailure != null) {
      return "changes are saved for as long as the change log has room, but the store's file"
          + " refuses: "
          + absorbFailure;
    }
    return null;
  }

  /** A description of the damage that was found; empty if there is none. */
  String damage() {
    var found = new ArrayList<String>();
    var quarantined = reader.quarantined();
    if (!quarantined.isEmpty()) {
      found.add("damaged and not opened: " + quarantined);
    }
    var logCopies = committer.damagedLogCopies();
    if (!logCopies.isEmpty()) {
      found.add("the change log was damaged, copies are kept: " + logCopies);
    }
    return String.join("; ", found);
  }

  @Override
  public long queuedBytes() {
    return commits.queuedBytes();
  }

  /** Bytes in the change log that the trees have not absorbed yet. */
  long logBytes() {
    return unabsorbed.logBytes();
  }

  /** The number of stored documents. */
  int size() {
    return index.size();
  }

  @Override
  public Set<DocumentId> quarantined() {
    return reader.quarantined();
  }

  @Override
  public StorageId storageId() {
    return database.storageId();
  }

  @Override
  public RecordStore recordStore() {
    return records;
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    return reader.load(document);
  }

  @Override
  public boolean contains(DocumentId document) {
    return index.get(document) != null;
  }

  @Override
  public Set<DocumentId> documents() {
    return index.documents();
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    if (changes.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    var copy = List.copyOf(changes);
    var bytes = 0L;
    for (var change : copy) {
      bytes += LogRecord.bytes(change);
    }
    return submit(new Write.Append(document, copy, bytes, new CompletableFuture<>()));
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    var removed = Set.copyOf(covered);
    var snapshotWritten = submit(new Write.Snapshot(document, snapshot, new CompletableFuture<>()));
    // Changes may be removed only now, after the snapshot is durable [DU3].
    return snapshotWritten.thenComposeAsync(_ -> trim(document, removed), compactor);
  }

  /** Removes the changes that a durable snapshot covers from the document's log. */
  private CompletableFuture<Void> trim(DocumentId document, Set<ChangeHash> covered) {
    var entry = index.get(document);
    if (entry == null || covered.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    var removed = new ArrayList<Long>();
    var remaining = new LinkedHashMap<Long, List<ChangeRecord>>();
    var bytes = 0L;
    try {
      for (var record : reader.log(document, entry)) {
        var uncovered =
            record.getValue().stream().filter(change -> !covered.contains(change.hash())).toList();
        if (uncovered.isEmpty()) {
          removed.add(record.getKey());
        } else if (uncovered.size() < record.getValue().size()) {
          remaining.put(record.getKey(), uncovered);
          bytes += uncovered.stream().mapToLong(LogRecord::bytes).sum();
        }
      }
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    return submit(new Write.Trim(removed, remaining, bytes, new CompletableFuture<>()));
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return submit(new Write.Remove(document, new CompletableFuture<>()));
  }

  @Override
  public RecordTable table(String name) {
    return tables.computeIfAbsent(name, key -> new MapDbTable(key, reader, commits));
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return table(name);
  }

  @Override
  public StoreView freeze() throws IOException {
    return new StoreCut(List.of(this), storageId(), 1).take();
  }

  /** The state at a moment; see {@link Write.Freeze}. */
  CompletableFuture<FrozenStore> freeze(CyclicBarrier cut) {
    var write = new Write.Freeze(cut, new CompletableFuture<>(), new CompletableFuture<>());
    var _ =
        submit(write)
            .exceptionally(
                e -> {
                  cut.reset();
                  write.state().completeExceptionally(e);
                  return null;
                });
    return write.state();
  }

  /** Lets the trees absorb the change log. */
  CompletableFuture<Void> absorb() {
    return submit(new Write.Trim(List.of(), Map.of(), 0, new CompletableFuture<>()));
  }

  private CompletableFuture<Void> submit(Write write) {
    commits.submit(write);
    return write.done();
  }

  @Override
  public void close() throws IOException {
    commits.close();
    compactor.shutdown();
    reader.close(this::closeFiles);
  }

  private void closeFiles() throws IOException {
    try (directory;
        database;
        unabsorbed) {
      LOG.debug("closing the store in {}", directory);
    }
  }
}
