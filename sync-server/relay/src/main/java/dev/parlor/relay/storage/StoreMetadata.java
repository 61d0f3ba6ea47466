package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of the store's files, in the tree {@code meta}: the schema version, the storage id,
 * the {@link ShardManifest}, the salt of the change log, and the absorbed sequence. {@link
 * Database} commits the writes of this class.
 */
final class StoreMetadata {

  /** Increased when an older server can no longer read the files. */
  private static final String SCHEMA = "2";

  /**
   * The schema of files in a sharded data directory, which a server without shards must not open.
   */
  private static final String SCHEMA_OF_SHARDS = "3";

  /** The schema before the change log existed; such files are upgraded when they are opened. */
  private static final String SCHEMA_BEFORE_LOG = "1";

  /**
   * The key of the {@link ShardManifest}. It differs from the class name, since stores on disk have
   * this key.
   */
  private static final String MANIFEST = "holding";

  private final NavigableMap<String, byte[]> tree;

  /** The directory, for error messages. */
  private final DataDirectory directory;

  StoreMetadata(NavigableMap<String, byte[]> tree, DataDirectory directory) {
    this.tree = tree;
    this.directory = directory;
  }

  /**
   * Writes the metadata of new files, or upgrades files of the previous schema.
   *
   * @param ids the source of a new store's storage id
   * @param newManifest the manifest for new files; null if the files must exist already
   * @return whether metadata was written, which must then be committed
   * @throws IOException if the files are empty, or of a schema that this server does not read
   */
  boolean prepare(Supplier<UUID> ids, @Nullable ShardManifest newManifest) throws IOException {
    if (tree.isEmpty()) {
      if (newManifest == null) {
        throw new IOException("the store in " + directory + " is gone: its files are empty");
      }
      putSchema(newManifest instanceof ShardManifest.Everything ? SCHEMA : SCHEMA_OF_SHARDS);
      putManifest(newManifest);
      put("storageId", Bytes.utf8(ids.get().toString()));
      beginLog(ids.get());
      return true;
    }
    var schema = schema();
    if (schema.equals(SCHEMA_BEFORE_LOG)) {
      putSchema(SCHEMA);
      beginLog(ids.get());
      return true;
    }
    if (!schema.equals(SCHEMA) && !schema.equals(SCHEMA_OF_SHARDS)) {
      throw new IOException(
          "the data directory "
              + directory
              + " has schema "
              + schema
              + ", this server reads schemas "
              + SCHEMA
              + " and "
              + SCHEMA_OF_SHARDS
              + "; start the server that wrote it");
    }
    return false;
  }

  private String schema() throws IOException {
    return get("schema").toUtf8();
  }

  void putSchema(String schema) {
    put("schema", Bytes.utf8(schema));
  }

  StorageId storageId() throws IOException {
    return new StorageId(get("storageId").toUtf8());
  }

  /** The part of the server's data that the files hold. */
  ShardManifest manifest() throws IOException {
    if (schema().equals(SCHEMA)) {
      return new ShardManifest.Everything();
    }
    var found = ShardManifest.parse(get(MANIFEST).toUtf8());
    if (found == null) {
      throw unreadable(MANIFEST);
    }
    return found;
  }

  void putManifest(ShardManifest manifest) {
    var text = manifest.text();
    if (text != null) {
      put(MANIFEST, Bytes.utf8(text));
    }
  }

  /**
   * The salt at the start of each entry of the change log. No client knows it, so a client's bytes
   * cannot look like an entry.
   */
  long logSalt() throws IOException {
    return get("logSalt").buffer().getLong(0);
  }

  /** The sequence up to which the trees have absorbed the change log. */
  long absorbed() throws IOException {
    return get("absorbed").buffer().getLong(0);
  }

  void putAbsorbed(long sequence) {
    putNumber("absorbed", sequence);
  }

  private void beginLog(UUID random) {
    putNumber("logSalt", random.getMostSignificantBits() ^ random.getLeastSignificantBits());
    putAbsorbed(0);
  }

  private void putNumber(String key, long value) {
    put(key, Bytes.wrap(ByteBuffer.allocate(8).putLong(value).array()));
  }

  private void put(String key, Bytes payload) {
    tree.put(key, ChecksummedRecord.seal(key, payload));
  }

  private Bytes get(String key) throws IOException {
    var record = tree.get(key);
    var payload = record == null ? null : ChecksummedRecord.open(key, record);
    if (payload == null) {
      throw unreadable(key);
    }
    return payload;
  }

  private DamagedStoreException unreadable(String key) {
    return new DamagedStoreException(
        "the store in " + directory + " is damaged: its " + key + " cannot be read");
  }
}
