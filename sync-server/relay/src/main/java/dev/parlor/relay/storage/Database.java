package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;

/**
 * Reads and writes the records in the store's file, without queues or threads. {@link StoreTrees}
 * has the place of each record. One thread writes and commits. Any thread may read, except during
 * {@link #rollback} and {@link #close}; the caller ensures that.
 *
 * <p>Values are stored outside the trees' nodes, each in an envelope ({@link ChecksummedRecord}).
 */
class Database implements Closeable {

  private final DataDirectory directory;
  private final Disk disk;
  private final JournaledVolume volume;
  private final StorageId storageId;
  private final long logSalt;
  private final long absorbed;
  private final boolean upgraded;
  private ShardManifest manifest;
  private StoreTrees trees;

  /**
   * Opens the files, or creates them.
   *
   * @param ids the source of a new store's storage id
   * @param newManifest the manifest for new files; null if the files must exist already
   * @throws DamagedStoreException if the files are damaged
   */
  Database(
      DataDirectory directory, Disk disk, Supplier<UUID> ids, @Nullable ShardManifest newManifest)
      throws IOException {
    this.directory = directory;
    this.disk = disk;
    volume =
        new JournaledVolume(
            directory.database(),
            disk.blocks(directory.database()),
            new Journal(disk.log(directory.journal()), JournaledVolume.BLOCK_BYTES),
            FixedLimits.JOURNAL_BYTES_MAX,
            FixedLimits.CLEAN_BLOCKS_MAX);
    try {
      trees = StoreTrees.open(volume, volume.hasContents());
      var metadata = metadata();
      upgraded = metadata.prepare(ids, newManifest);
      if (upgraded) {
        commit();
      }
      storageId = metadata.storageId();
      manifest = metadata.manifest();
      logSalt = metadata.logSalt();
      absorbed = metadata.absorbed();
    } catch (IOException | RuntimeException | Error e) {
      volume.close();
      throw openFailure(directory, e);
    }
  }

  /**
   * The exception for a failure to open the files: a {@link DamagedStoreException} if the stored
   * data is at fault and not the disk.
   */
  static IOException openFailure(DataDirectory directory, Throwable e) {
    if (e instanceof IOException failure) {
      return failure;
    }
    var sentence = "the store in " + directory + " cannot be opened: " + e;
    return e instanceof DBException.VolumeIOError || e instanceof VirtualMachineError
        ? new IOException(sentence, e)
        : new DamagedStoreException(sentence, e);
  }

  StoreMetadata metadata() {
    return new StoreMetadata(trees.meta(), directory);
  }

  /** Whether the files were new, or of an earlier version, when they were opened. */
  boolean wasUpgraded() {
    return upgraded;
  }

  StorageId storageId() {
    return storageId;
  }

  /** The part of the server's data that these files hold. */
  ShardManifest manifest() {
    return manifest;
  }

  /** Records that every shard has been created; called before the commit thread starts. */
  void markComplete(ShardManifest.Records incomplete) throws IOException {
    manifest = new ShardManifest.Records(incomplete.shards(), true);
    metadata().putManifest(manifest);
    commit();
  }

  /** See {@link StoreMetadata#logSalt}. */
  long logSalt() {
    return logSalt;
  }

  /**
   * The sequence up to which the trees had absorbed the change log when the database was opened.
   */
  long absorbed() {
    return absorbed;
  }

  /** Stores the absorbed sequence; committed together with the absorbed entries. */
  void putAbsorbed(long sequence) {
    metadata().putAbsorbed(sequence);
  }

  /** Calls the action with each document's id and number; -1 if the number is unreadable. */
  void eachDocument(BiConsumer<String, Long> action) {
    trees
        .documents()
        .forEach(
            (id, record) -> {
              var payload = ChecksummedRecord.open("documents/" + id, record);
              action.accept(id, payload == null ? -1 : payload.buffer().getLong(0));
            });
  }

  /** The highest document number in use; new documents get higher numbers. */
  long highestNumber() {
    return Math.max(
        trees.log().isEmpty() ? 0 : LogRecord.document(trees.log().lastKey()),
        trees.snapshots().isEmpty() ? 0 : trees.snapshots().lastKey());
  }

  void putDocument(String id, long number) {
    var payload = Bytes.wrap(ByteBuffer.allocate(8).putLong(number).array());
    trees.documents().put(id, ChecksummedRecord.seal("documents/" + id, payload));
  }

  /** Removes the document and everything under its number. */
  void removeDocument(String id, long number) {
    trees.documents().remove(id);
    trees.snapshots().remove(number);
    var keys =
        new ArrayList<>(
            trees.log().subMap(LogRecord.key(number, 0), LogRecord.key(number + 1, 0)).keySet());
    keys.forEach(trees.log()::remove);
  }

  /** The records of a document's log with sequences below {@code end}. */
  List<StoredRecord> log(long number, long end) {
    var records = new ArrayList<StoredRecord>();
    trees
        .log()
        .subMap(LogRecord.key(number, 0), LogRecord.key(number, end))
        .forEach(
            (key, record) -> {
              if (record != null) { // null: the record was removed after the tree had read its key
                records.add(new StoredRecord(key, LogRecord.decode(key, record)));
              }
            });
    return records;
  }

  /**
   * One record of a document's log.
   *
   * @param changes null if the record is damaged
   */
  record StoredRecord(long key, @Nullable List<ChangeRecord> changes) {}

  /** The sequence after the last record of the document. */
  long nextSequence(long number) {
    var last = trees.log().lowerKey(LogRecord.key(number + 1, 0));
    return last == null || LogRecord.document(last) != number ? 0 : LogRecord.sequence(last) + 1;
  }

  void putLog(long key, List<ChangeRecord> changes) {
    trees.log().put(key, LogRecord.encode(key, changes));
  }

  /** Stores a record of a log from its payload, as {@link LogRecord} describes it. */
  void putLogPayload(long key, Bytes payload) {
    trees.log().put(key, ChecksummedRecord.seal(LogRecord.place(key), payload));
  }

  /**
   * Stores the bytes of a damaged section under this key, marked so that readers recognize the
   * damage.
   */
  void putDamagedLog(long key, Bytes raw) {
    trees.log().put(key, LogRecord.damaged(key, raw));
  }

  void removeLog(long key) {
    trees.log().remove(key);
  }

  /** The snapshot of a document; empty if it has none. */
  Optional<Bytes> snapshot(long number) throws DamagedException {
    var record = trees.snapshots().get(number);
    if (record == null) {
      return Optional.empty();
    }
    var payload = ChecksummedRecord.open("snapshots/" + number, record);
    if (payload == null) {
      throw new DamagedException("its snapshot fails its checksum");
    }
    return Optional.of(payload);
  }

  void putSnapshot(long number, Bytes contents) {
    trees.snapshots().put(number, ChecksummedRecord.seal("snapshots/" + number, contents));
  }

  /** The record of a table; null if there is none. */
  @Nullable Bytes record(String table, String key) throws DamagedException {
    var name = table + '\0' + key;
    var record = trees.tables().get(name);
    if (record == null) {
      return null;
    }
    var payload = ChecksummedRecord.open(name, record);
    if (payload == null) {
      throw new DamagedException("record " + key + " of table " + table + " fails its checksum");
    }
    return payload;
  }

  /**
   * The records of a table whose keys begin with the prefix. A damaged record is left out, and its
   * table and key are passed to {@code damaged}.
   */
  SortedMap<String, Bytes> records(
      String table, String prefix, BiConsumer<String, String> damaged) {
    var found = new TreeMap<String, Bytes>();
    var from = table + '\0' + prefix;
    trees
        .tables()
        .subMap(from, from + Character.MAX_VALUE)
        .forEach(
            (name, record) -> {
              if (record == null) {
                return; // The record was removed between reading the key and reading the value.
              }
              var key = name.substring(table.length() + 1);
              var payload = ChecksummedRecord.open(name, record);
              if (payload == null) {
                damaged.accept(table, key);
              } else {
                found.put(key, payload);
              }
            });
    return found;
  }

  /**
   * At most {@code limit} records of a range, from its beginning or, if it is descending, from its
   * end. Damaged records are left out and passed to {@code damaged}.
   */
  NavigableMap<String, Bytes> records(
      RecordStore.Range range, int limit, BiConsumer<String, String> damaged) {
    var prefix = range.table() + '\0';
    var names = trees.tables().subMap(prefix + range.from(), true, prefix + range.to(), false);
    var found = new TreeMap<String, Bytes>();
    for (var entry : (range.descending() ? names.descendingMap() : names).entrySet()) {
      if (found.size() == limit) {
        break;
      }
      var record = entry.getValue();
      if (record == null) {
        continue; // The record was removed between reading the key and reading the value.
      }
      var key = entry.getKey().substring(prefix.length());
      var payload = ChecksummedRecord.open(entry.getKey(), record);
      if (payload == null) {
        damaged.accept(range.table(), key);
      } else {
        found.put(key, payload);
      }
    }
    return found;
  }

  void putRecord(String table, String key, @Nullable Bytes value) {
    var name = table + '\0' + key;
    if (value == null) {
      trees.tables().remove(name);
    } else {
      trees.tables().put(name, ChecksummedRecord.seal(name, value));
    }
  }

  /** Makes all writes so far durable, all of them or none. */
  void commit() throws IOException {
    trees.db().commit();
    volume.commit();
  }

  /**
   * The state of the last commit, which later commits do not change. Called by the thread that
   * commits.
   *
   * @throws IOException if an earlier state was not closed yet
   */
  FrozenStore freeze(int store) throws IOException {
    var kept = new FrozenBlocks(directory.frozenBlocks(), disk);
    var frozen = volume.freeze(kept);
    return new FrozenStore(frozen, store, () -> volume.thaw(kept));
  }

  /** The contents of the trees; they must not change while they are read. */
  StoreContents contents(int store) {
    return new StoreContents(trees, store);
  }

  /** Rolls back to the last commit. */
  void rollback() {
    volume.rollback();
    trees = StoreTrees.open(volume, true);
  }

  @Override
  public void close() throws IOException {
    try {
      volume.close();
    } catch (DBException e) {
      throw new IOException("the store's file could not be closed cleanly: " + e, e);
    }
  }

  /** A record fails its checksum or is in the wrong place. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String what) {
      super(what);
    }
  }
}
