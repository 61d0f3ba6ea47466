package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.storage.ChangeStore.ChangeRecord;
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
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * The trees in the store's file: their layout and encoding, without queues or threads. One thread
 * writes and commits. Any thread may read, except during {@link #rollback} and {@link #close}; the
 * caller ensures that.
 *
 * <p>Trees: {@code meta} (schema version, storage id, {@link ShardManifest}, how far the change log
 * is absorbed), {@code documents} (id to number), {@code log} ({@link LogRecord} keys), {@code
 * snapshots} (by number), {@code tables} (table, NUL, key). Values are stored outside the tree's
 * nodes, each in an envelope ({@link ChecksummedRecord}).
 */
class Database implements Closeable {

  /** Increased when an older server can no longer read the files. */
  static final String SCHEMA = "2";

  /** The schema of files that hold one shard: a server without shards must not open them. */
  static final String SCHEMA_OF_PARTS = "3";

  /** The schema before the change log existed; such files are upgraded when they are opened. */
  private static final String SCHEMA_BEFORE = "1";

  private final JournaledVolume volume;
  private final StorageId storageId;
  private ShardManifest holding;
  private final long logSalt;
  private final long absorbed;
  private DB db;
  private NavigableMap<String, byte[]> meta;
  private NavigableMap<String, byte[]> documents;
  private NavigableMap<Long, byte[]> log;
  private NavigableMap<Long, byte[]> snapshots;
  private NavigableMap<String, byte[]> tables;

  /**
   * Opens the files, or creates them.
   *
   * @param ids the source of a new store's storage id
   * @param fresh the contents of new files; null if the files must exist already
   * @throws DamagedStoreException if the files are damaged
   */
  Database(DataDirectory directory, Disk disk, Supplier<UUID> ids, @Nullable ShardManifest fresh)
      throws IOException {
    volume =
        new JournaledVolume(
            directory.database(),
            disk.blocks(directory.database()),
            new Journal(disk.log(directory.journal()), JournaledVolume.BLOCK_BYTES),
            FixedLimits.JOURNAL_BYTES_MAX,
            FixedLimits.CLEAN_BLOCKS_MAX);
    try {
      db = make(volume.hasContents());
      meta = tree("meta");
      documents = tree("documents");
      log = numbered("log");
      snapshots = numbered("snapshots");
      tables = tree("tables");
      storageId = identify(directory, ids, fresh);
      holding = readHolding(directory);
      logSalt = metaNumber("logSalt", directory);
      absorbed = metaNumber("absorbed", directory);
    } catch (IOException | RuntimeException | Error e) {
      volume.close();
      throw cannotBeOpened(directory, e);
    }
  }

  /**
   * Turns a failure to open into an exception that says whether the disk or the stored data is at
   * fault.
   */
  static IOException cannotBeOpened(DataDirectory directory, Throwable e) {
    if (e instanceof IOException told) {
      return told;
    }
    var sentence = "the store in " + directory + " cannot be opened: " + e;
    return e instanceof DBException.VolumeIOError || e instanceof VirtualMachineError
        ? new IOException(sentence, e)
        : new DamagedStoreException(sentence, e);
  }

  StorageId storageId() {
    return storageId;
  }

  /** The part of the server's data that these files hold. */
  ShardManifest holding() {
    return holding;
  }

  /** Records that every shard has been created; called before the commit thread starts. */
  void complete(ShardManifest.Records begun) throws IOException {
    holding = new ShardManifest.Records(begun.shards(), true);
    putHolding(holding);
    commit();
  }

  /**
   * The salt that tells entries of this directory's change log from bytes that a client made up.
   */
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
    putNumber("absorbed", sequence);
  }

  /** Every document's id and number; an unreadable number is -1. */
  void eachDocument(BiConsumer<String, Long> each) {
    documents.forEach(
        (id, record) -> {
          var payload = ChecksummedRecord.open("documents/" + id, record);
          each.accept(id, payload == null ? -1 : payload.buffer().getLong(0));
        });
  }

  /** The highest document number in use, so that no number is given twice. */
  long highestNumber() {
    return Math.max(
        log.isEmpty() ? 0 : LogRecord.document(log.lastKey()),
        snapshots.isEmpty() ? 0 : snapshots.lastKey());
  }

  void putDocument(String id, long number) {
    var payload = Bytes.wrap(ByteBuffer.allocate(8).putLong(number).array());
    documents.put(id, ChecksummedRecord.seal("documents/" + id, payload));
  }

  /** Removes the document and everything under its number. */
  void removeDocument(String id, long number) {
    documents.remove(id);
    snapshots.remove(number);
    var keys =
        new ArrayList<>(
            log.subMap(LogRecord.key(number, 0), LogRecord.key(number + 1, 0)).keySet());
    keys.forEach(log::remove);
  }

  /** The records of a document below {@code end}; each value null when its record is damaged. */
  List<Read> log(long number, long end) {
    var records = new ArrayList<Read>();
    log.subMap(LogRecord.key(number, 0), LogRecord.key(number, end))
        .forEach(
            (key, record) -> {
              if (record != null) { // Otherwise the record was trimmed after the tree read the key.
                records.add(new Read(key, LogRecord.decode(key, record)));
              }
            });
    return records;
  }

  /** One record of a log, as read. */
  record Read(long key, @Nullable List<ChangeRecord> changes) {}

  /** The sequence after the last record of the document. */
  long nextSequence(long number) {
    var last = log.lowerKey(LogRecord.key(number + 1, 0));
    return last == null || LogRecord.document(last) != number ? 0 : LogRecord.sequence(last) + 1;
  }

  void putLog(long key, List<ChangeRecord> changes) {
    log.put(key, LogRecord.encode(key, changes));
  }

  /**
   * Stores the rest of a damaged record in its place, marked so that readers recognize the damage.
   */
  void putDamagedLog(long key, Bytes raw) {
    log.put(key, LogRecord.damaged(key, raw));
  }

  void removeLog(long key) {
    log.remove(key);
  }

  /** Empty when there is none. */
  Optional<Bytes> snapshot(long number) throws DamagedException {
    var record = snapshots.get(number);
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
    snapshots.put(number, ChecksummedRecord.seal("snapshots/" + number, contents));
  }

  /** Null when there is none. */
  @Nullable Bytes record(String table, String key) throws DamagedException {
    var name = table + '\0' + key;
    var record = tables.get(name);
    if (record == null) {
      return null;
    }
    var payload = ChecksummedRecord.open(name, record);
    if (payload == null) {
      throw new DamagedException("record " + key + " of table " + table + " fails its checksum");
    }
    return payload;
  }

  /** Damaged records are left out and passed to {@code damaged}. */
  SortedMap<String, Bytes> records(
      String table, String prefix, BiConsumer<String, String> damaged) {
    var found = new TreeMap<String, Bytes>();
    var from = table + '\0' + prefix;
    tables
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

  void putRecord(String table, String key, @Nullable Bytes value) {
    var name = table + '\0' + key;
    if (value == null) {
      tables.remove(name);
    } else {
      tables.put(name, ChecksummedRecord.seal(name, value));
    }
  }

  /** Makes all writes so far durable, wholly or not at all. */
  void commit() throws IOException {
    db.commit();
    volume.commit();
  }

  /** Rolls back to the last commit. */
  void rollback() {
    volume.rollback();
    db = make(true);
    meta = tree("meta");
    documents = tree("documents");
    log = numbered("log");
    snapshots = numbered("snapshots");
    tables = tree("tables");
  }

  @Override
  public void close() throws IOException {
    try {
      volume.close();
    } catch (DBException e) {
      throw new IOException("the store's file could not be closed cleanly: " + e, e);
    }
  }

  private DB make(boolean exists) {
    return DBMaker.volumeDB(volume, exists).make();
  }

  private NavigableMap<String, byte[]> tree(String name) {
    return db.treeMap(name, Serializer.STRING, Serializer.BYTE_ARRAY)
        .valuesOutsideNodesEnable()
        .createOrOpen();
  }

  private NavigableMap<Long, byte[]> numbered(String name) {
    return db.treeMap(name, Serializer.LONG, Serializer.BYTE_ARRAY)
        .valuesOutsideNodesEnable()
        .createOrOpen();
  }

  void putSchema(String schema) {
    meta.put("schema", ChecksummedRecord.seal("schema", Bytes.utf8(schema)));
  }

  private void putHolding(ShardManifest now) {
    var text = now.text();
    if (text != null) {
      meta.put("holding", ChecksummedRecord.seal("holding", Bytes.utf8(text)));
    }
  }

  private ShardManifest readHolding(DataDirectory directory) throws IOException {
    if (metaText("schema", directory).equals(SCHEMA)) {
      return new ShardManifest.Everything();
    }
    var found = ShardManifest.parse(metaText("holding", directory));
    if (found == null) {
      throw new DamagedStoreException(
          "the store in " + directory + " is damaged: its holding cannot be read");
    }
    return found;
  }

  private StorageId identify(
      DataDirectory directory, Supplier<UUID> ids, @Nullable ShardManifest fresh)
      throws IOException {
    if (meta.isEmpty()) {
      if (fresh == null) {
        throw new IOException("the store in " + directory + " is gone: its files are empty");
      }
      putSchema(fresh instanceof ShardManifest.Everything ? SCHEMA : SCHEMA_OF_PARTS);
      putHolding(fresh);
      meta.put("storageId", ChecksummedRecord.seal("storageId", Bytes.utf8(ids.get().toString())));
      beginLog(ids.get());
      commit();
    }
    var schema = metaText("schema", directory);
    if (schema.equals(SCHEMA_BEFORE)) {
      putSchema(SCHEMA);
      beginLog(ids.get());
      commit();
      schema = SCHEMA;
    }
    if (!schema.equals(SCHEMA) && !schema.equals(SCHEMA_OF_PARTS)) {
      throw new IOException(
          "the data directory "
              + directory
              + " has schema "
              + schema
              + ", this server reads schemas "
              + SCHEMA
              + " and "
              + SCHEMA_OF_PARTS
              + "; start the server that wrote it");
    }
    return new StorageId(metaText("storageId", directory));
  }

  private void beginLog(UUID drawn) {
    putNumber("logSalt", drawn.getMostSignificantBits() ^ drawn.getLeastSignificantBits());
    putAbsorbed(0);
  }

  private void putNumber(String key, long value) {
    var payload = Bytes.wrap(ByteBuffer.allocate(8).putLong(value).array());
    meta.put(key, ChecksummedRecord.seal(key, payload));
  }

  private long metaNumber(String key, DataDirectory directory) throws IOException {
    return metaBytes(key, directory).buffer().getLong(0);
  }

  private String metaText(String key, DataDirectory directory) throws IOException {
    return metaBytes(key, directory).toUtf8();
  }

  private Bytes metaBytes(String key, DataDirectory directory) throws IOException {
    var record = meta.get(key);
    var payload = record == null ? null : ChecksummedRecord.open(key, record);
    if (payload == null) {
      throw new DamagedStoreException(
          "the store in " + directory + " is damaged: its " + key + " cannot be read");
    }
    return payload;
  }

  /** A record fails its checksum or is in the wrong place. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String what) {
      super(what);
    }
  }
}
