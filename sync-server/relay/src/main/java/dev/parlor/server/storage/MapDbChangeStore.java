package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.server.config.Limits;
import dev.parlor.server.config.ServerConfig.Shards;
import dev.parlor.server.health.Health.Condition;
import dev.parlor.server.health.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on disk: MapDB's trees on a journaled file, one thread that commits groups [DU1], and a
 * lock on the directory [DU5]. See {@link CommitLoop} for writes, {@link Database} for the layout,
 * and {@link JournaledVolume} for crash safety.
 *
 * <p>{@link #load} reads on the caller's thread beside the commits and sees committed changes only.
 * A caller that compacts a document must pass snapshots that cover the previous ones, one at a
 * time.
 */
public final class MapDbChangeStore implements StoreOnDisk, ShardStore {

  private static final Logger LOG = LoggerFactory.getLogger(MapDbChangeStore.class);

  private final DataDirectory directory;
  private final Database database;
  private final DocumentIndex index;
  private final UnabsorbedEntries backlog;
  private final Committer committer;
  private final CommitLoop commits;
  private final ReentrantReadWriteLock readers = new ReentrantReadWriteLock();
  private final Map<String, RecordTable> tables = new ConcurrentHashMap<>();
  private final Set<DocumentId> quarantined = ConcurrentHashMap.newKeySet();
  private final Set<DocumentId> damagedInLog = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor compactor;
  private int replayedChanges;
  private boolean closed;

  /** Takes over open files; call {@link #replay} next. */
  MapDbChangeStore(
      DataDirectory directory,
      Database database,
      ChangeLog log,
      Limits.Storage limits,
      Metrics metrics) {
    var suffix =
        database.holding() instanceof ShardManifest.Shard shard ? "-" + shard.number() : "";
    this.directory = directory;
    this.database = database;
    this.index = new DocumentIndex(database);
    this.backlog = new UnabsorbedEntries(log, index, limits);
    this.committer =
        new Committer(directory, database, index, backlog, metrics, readers.writeLock());
    this.commits = new CommitLoop("parlor-commit" + suffix, committer, limits);
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
   * @throws IOException with one sentence for the person who starts the server: in use by another
   *     process, not writable, of another schema, of several shards, damaged
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
    replayedChanges = committer.replay(damagedInLog::addAll);
    quarantined.addAll(damagedInLog);
  }

  @Override
  public Condition condition() {
    var failing = failing();
    return failing == null
        ? Condition.ok("saving to " + directory + (damage().isEmpty() ? "" : "; " + damage()))
        : Condition.failing(failing);
  }

  DataDirectory directory() {
    return directory;
  }

  ShardManifest holding() {
    return database.holding();
  }

  /** Records that every shard has been created; call it before {@link #start}. */
  void complete(ShardManifest.Records begun) throws IOException {
    database.complete(begun);
  }

  /** A sentence about the reason why saving fails; null if it works. */
  @Nullable String failing() {
    var trouble = committer.trouble();
    if (trouble != null) {
      return "changes cannot be saved: " + trouble;
    }
    var owed = committer.backlogTrouble();
    if (owed != null) {
      return "changes are saved for as long as the change log has room, but the store's file"
          + " refuses: "
          + owed;
    }
    return null;
  }

  /** A description of the damage that was found; empty if there is none. */
  String damage() {
    var found = new ArrayList<String>();
    if (!quarantined.isEmpty()) {
      found.add("damaged and left alone: " + quarantined);
    }
    var aside = committer.keptAside();
    if (!aside.isEmpty()) {
      found.add("the change log was damaged, copies are kept: " + aside);
    }
    return String.join("; ", found);
  }

  @Override
  public long queuedBytes() {
    return commits.queuedBytes();
  }

  /** Bytes in the change log that the trees have not absorbed yet. */
  long logBytes() {
    return backlog.logBytes();
  }

  /** The number of stored documents. */
  int size() {
    return index.size();
  }

  @Override
  public Set<DocumentId> quarantined() {
    return Set.copyOf(quarantined);
  }

  @Override
  public StorageId storageId() {
    return database.storageId();
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    try {
      return read(
          () -> {
            var entry = index.get(document);
            return entry == null ? Optional.empty() : Optional.of(load(document, entry));
          });
    } catch (CorruptDocumentException e) {
      if (quarantined.add(document)) {
        LOG.error("a document is damaged on disk and will not be opened", e);
      }
      throw e;
    }
  }

  /**
   * Reads the log before the snapshot: if a compaction removes records meanwhile, its snapshot
   * covers them.
   */
  private StoredDocument load(DocumentId document, DocumentIndex.Entry entry) throws IOException {
    var damage = entry.damage();
    if (damage != null) {
      throw new CorruptDocumentException(document, damage);
    }
    if (damagedInLog.contains(document)) {
      throw new CorruptDocumentException(
          document, "a part of the change log that holds it fails its checksum");
    }
    var view = entry.view();
    var tail = new ArrayList<ChangeRecord>();
    for (var record : readLog(document, entry, view)) {
      tail.addAll(record.getValue());
    }
    tail.addAll(view.logged());
    try {
      return new StoredDocument(database.snapshot(entry.number()), tail);
    } catch (Database.DamagedException e) {
      throw new CorruptDocumentException(document, String.valueOf(e.getMessage()));
    } catch (RuntimeException | AssertionError e) {
      throw damage(document, "its snapshot cannot be read", e);
    }
  }

  private List<Map.Entry<Long, List<ChangeRecord>>> readLog(
      DocumentId document, DocumentIndex.Entry entry, DocumentIndex.View view) throws IOException {
    try {
      var records = new ArrayList<Map.Entry<Long, List<ChangeRecord>>>();
      for (var record : database.log(entry.number(), view.end())) {
        if (record.changes() == null) {
          throw new CorruptDocumentException(
              document,
              "record " + LogRecord.sequence(record.key()) + " of its log fails its checksum");
        }
        records.add(Map.entry(record.key(), record.changes()));
      }
      return records;
    } catch (RuntimeException | AssertionError e) {
      throw damage(document, "its log cannot be read", e);
    }
  }

  private static IOException damage(DocumentId document, String what, Throwable cause) {
    return cause instanceof DBException.VolumeIOError && cause.getCause() instanceof IOException io
        ? io
        : new CorruptDocumentException(document, what + " (" + cause + ")");
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
    var done = new CompletableFuture<Void>();
    submit(new Write.Append(document, copy, bytes, done));
    return done;
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    var gone = Set.copyOf(covered);
    var kept = new CompletableFuture<Void>();
    submit(new Write.Snapshot(document, snapshot, kept));
    // Changes may be removed only now, after the snapshot is durable [DU3].
    return kept.thenComposeAsync(_ -> trim(document, gone), compactor);
  }

  private CompletableFuture<Void> trim(DocumentId document, Set<ChangeHash> covered) {
    var entry = index.get(document);
    if (entry == null || covered.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    var gone = new ArrayList<Long>();
    var rest = new LinkedHashMap<Long, List<ChangeRecord>>();
    var bytes = 0L;
    try {
      for (var record : read(() -> readLog(document, entry, entry.view()))) {
        var left =
            record.getValue().stream().filter(change -> !covered.contains(change.hash())).toList();
        if (left.isEmpty()) {
          gone.add(record.getKey());
        } else if (left.size() < record.getValue().size()) {
          rest.put(record.getKey(), left);
          bytes += left.stream().mapToLong(LogRecord::bytes).sum();
        }
      }
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    var done = new CompletableFuture<Void>();
    submit(new Write.Trim(gone, rest, bytes, done));
    return done;
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    var done = new CompletableFuture<Void>();
    submit(new Write.Remove(document, done));
    return done;
  }

  @Override
  public RecordTable table(String name) {
    return tables.computeIfAbsent(name, key -> new MapDbTable(key, this));
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return table(name);
  }

  void submit(Write write) {
    commits.submit(write);
  }

  @Nullable Bytes readRecord(String table, String key) {
    try {
      return read(() -> Optional.ofNullable(database.record(table, key))).orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SortedMap<String, Bytes> readRecords(String table, String prefix) {
    try {
      return read(
          () ->
              database.records(
                  table,
                  prefix,
                  (_, key) ->
                      LOG.error(
                          "record {} of table {} is damaged on disk and left out", key, table)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    commits.close();
    compactor.shutdown();
    readers.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        try (directory;
            database;
            backlog) {
          LOG.debug("closing the store in {}", directory);
        }
      }
    } finally {
      readers.writeLock().unlock();
    }
  }

  /** An operation that reads from the database. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  /** Runs a read while no rollback or close can happen. */
  private <T> T read(Reading<T> reading) throws IOException {
    readers.readLock().lock();
    try {
      requireOpen();
      return reading.read();
    } finally {
      readers.readLock().unlock();
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the store is closed");
    }
  }
}
