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
 * The trees in the store's file: what lies where and in which form, and nothing of queues or
 * threads. One thread writes and commits; any thread reads, except during {@link #rollback} and
 * {@link #close}, from which the caller keeps it away.
 *
 * <p>Trees: {@code meta} (schema version, storage id, {@link Holding}, how far the change log is
 * absorbed), {@code documents} (id to number), {@code log} ({@link LogRecord} keys), {@code
 * snapshots} (by number), {@code tables} (table, NUL, key). Values stand outside the tree's nodes
 * and in an envelope, {@link Sealed}.
 */
class Database implements Closeable {

  /** Raised when what is on disk can no longer be read by an older server. */
  static final String SCHEMA = "2";

  /** Of files that do not hold everything: a server that knows no shards must not open them. */
  static final String SCHEMA_OF_PARTS = "3";

  /** Before there was a change log; read, and raised when it is opened. */
  private static final String SCHEMA_BEFORE = "1";

  private final JournaledVolume volume;
  private final StorageId storageId;
  private Holding holding;
  private final long logSalt;
  private final long absorbed;
  private DB db;
  private NavigableMap<String, byte[]> meta;
  private NavigableMap<String, byte[]> documents;
  private NavigableMap<Long, byte[]> log;
  private NavigableMap<Long, byte[]> snapshots;
  private NavigableMap<String, byte[]> tables;

  /**
   * Opens the files, or makes them.
   *
   * @param ids where a new store's storage id comes from
   * @param fresh what new files hold; null when they must be there already
   * @throws DamagedStoreException when they are not what was written
   */
  Database(DataDirectory directory, Disk disk, Supplier<UUID> ids, @Nullable Holding fresh)
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

  /** Whose fault it is that a store cannot be opened: the disk's, or that of what lies there. */
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

  /** What these files hold of a server's data. */
  Holding holding() {
    return holding;
  }

  /** Writes down that every shard has been made; before there is a commit thread. */
  void complete(Holding.Records begun) throws IOException {
    holding = new Holding.Records(begun.shards(), true);
    putHolding(holding);
    commit();
  }

  /** What tells this directory's change log from any bytes that somebody else made up. */
  long logSalt() {
    return logSalt;
  }

  /** When it was opened, the trees held what the change log has up to this sequence. */
  long absorbed() {
    return absorbed;
  }

  /** To be committed together with what was absorbed. */
  void putAbsorbed(long sequence) {
    putNumber("absorbed", sequence);
  }

  /** Every document's id and number; an unreadable number is -1. */
  void eachDocument(BiConsumer<String, Long> each) {
    documents.forEach(
        (id, record) -> {
          var payload = Sealed.open("documents/" + id, record);
          each.accept(id, payload == null ? -1 : payload.buffer().getLong(0));
        });
  }

  /** The highest number that stands anywhere, so that none is ever given twice. */
  long highestNumber() {
    return Math.max(
        log.isEmpty() ? 0 : LogRecord.document(log.lastKey()),
        snapshots.isEmpty() ? 0 : snapshots.lastKey());
  }

  void putDocument(String id, long number) {
    var payload = Bytes.wrap(ByteBuffer.allocate(8).putLong(number).array());
    documents.put(id, Sealed.seal("documents/" + id, payload));
  }

  /** Forgets the document and all that lies under its number. */
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
              if (record != null) { // Else it was trimmed after the tree looked at the key.
                records.add(new Read(key, LogRecord.decode(key, record)));
              }
            });
    return records;
  }

  /** One record of a log as it was read. */
  record Read(long key, @Nullable List<ChangeRecord> changes) {}

  /** The sequence after the last record of the document. */
  long nextSequence(long number) {
    var last = log.lowerKey(LogRecord.key(number + 1, 0));
    return last == null || LogRecord.document(last) != number ? 0 : LogRecord.sequence(last) + 1;
  }

  void putLog(long key, List<ChangeRecord> changes) {
    log.put(key, LogRecord.encode(key, changes));
  }

  /** Keeps what is left of a damaged record in its place, where no reader takes it for whole. */
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
    var payload = Sealed.open("snapshots/" + number, record);
    if (payload == null) {
      throw new DamagedException("its snapshot fails its checksum");
    }
    return Optional.of(payload);
  }

  void putSnapshot(long number, Bytes contents) {
    snapshots.put(number, Sealed.seal("snapshots/" + number, contents));
  }

  /** Null when there is none. */
  @Nullable Bytes record(String table, String key) throws DamagedException {
    var name = table + '\0' + key;
    var record = tables.get(name);
    if (record == null) {
      return null;
    }
    var payload = Sealed.open(name, record);
    if (payload == null) {
      throw new DamagedException("record " + key + " of table " + table + " fails its checksum");
    }
    return payload;
  }

  /** Damaged records are left out and told to {@code damaged}. */
  SortedMap<String, Bytes> records(
      String table, String prefix, BiConsumer<String, String> damaged) {
    var found = new TreeMap<String, Bytes>();
    var from = table + '\0' + prefix;
    tables
        .subMap(from, from + Character.MAX_VALUE)
        .forEach(
            (name, record) -> {
              if (record == null) {
                return; // Removed between the tree's look at the key and its look at the value.
              }
              var key = name.substring(table.length() + 1);
              var payload = Sealed.open(name, record);
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
      tables.put(name, Sealed.seal(name, value));
    }
  }

  /** Makes everything written so far durable, all of it or nothing. */
  void commit() throws IOException {
    db.commit();
    volume.commit();
  }

  /** Goes back to the last commit. */
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
    meta.put("schema", Sealed.seal("schema", Bytes.utf8(schema)));
  }

  private void putHolding(Holding now) {
    var text = now.text();
    if (text != null) {
      meta.put("holding", Sealed.seal("holding", Bytes.utf8(text)));
    }
  }

  private Holding readHolding(DataDirectory directory) throws IOException {
    if (metaText("schema", directory).equals(SCHEMA)) {
      return new Holding.Everything();
    }
    var found = Holding.parse(metaText("holding", directory));
    if (found == null) {
      throw new DamagedStoreException(
          "the store in " + directory + " is damaged: its holding cannot be read");
    }
    return found;
  }

  private StorageId identify(DataDirectory directory, Supplier<UUID> ids, @Nullable Holding fresh)
      throws IOException {
    if (meta.isEmpty()) {
      if (fresh == null) {
        throw new IOException("the store in " + directory + " is gone: its files are empty");
      }
      putSchema(fresh instanceof Holding.Everything ? SCHEMA : SCHEMA_OF_PARTS);
      putHolding(fresh);
      meta.put("storageId", Sealed.seal("storageId", Bytes.utf8(ids.get().toString())));
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
    meta.put(key, Sealed.seal(key, payload));
  }

  private long metaNumber(String key, DataDirectory directory) throws IOException {
    return metaBytes(key, directory).buffer().getLong(0);
  }

  private String metaText(String key, DataDirectory directory) throws IOException {
    return metaBytes(key, directory).toUtf8();
  }

  private Bytes metaBytes(String key, DataDirectory directory) throws IOException {
    var record = meta.get(key);
    var payload = record == null ? null : Sealed.open(key, record);
    if (payload == null) {
      throw new DamagedStoreException(
          "the store in " + directory + " is damaged: its " + key + " cannot be read");
    }
    return payload;
  }

  /** A record is not what was written there. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String what) {
      super(what);
    }
  }
}
