package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Writes the values of a backup into a new data directory. One thread uses it. The values must come
 * in the order of their places.
 */
public final class NewStore implements Closeable {

  /** Bytes of values in one commit; all of them are in memory until then. */
  private static final long COMMIT_BYTES = 4L << 20;

  private final List<Closeable> open = new ArrayList<>();
  private final Map<Integer, Database> databases = new HashMap<>();
  private Place lastPlace = new Place(-1, Place.Kind.RECORD, "", 0);
  private long lastNumber;
  private long uncommitted;

  private NewStore() {}

  /**
   * Creates the files of a data directory.
   *
   * @param path an empty directory
   * @param id the id that the backup's data directory has
   */
  public static NewStore create(Path path, int shards, StorageId id, Limits.Storage limits)
      throws IOException {
    new StoreOpening(limits, new Metrics(), firstThenRandom(id), new Disk())
        .open(path, new Shards(OptionalInt.of(shards), Set.of()))
        .close();
    var created = new NewStore();
    try {
      var directory = DataDirectory.claim(path);
      created.openDatabase(directory, 0);
      for (var number = 0; number < shards && shards > 1; number++) {
        created.openDatabase(directory.claimShard(number), number + 1);
      }
      return created;
    } catch (IOException | RuntimeException e) {
      created.close();
      throw e;
    }
  }

  /** Ids of which the first is the storage id of the data directory. */
  private static Supplier<UUID> firstThenRandom(StorageId id) throws IOException {
    UUID first;
    try {
      first = UUID.fromString(id.value());
    } catch (IllegalArgumentException e) {
      throw new IOException("the backup's storage id is not valid: " + id.value(), e);
    }
    var ids = List.of(first).iterator();
    return () -> ids.hasNext() ? ids.next() : UUID.randomUUID();
  }

  private void openDatabase(DataDirectory directory, int store) throws IOException {
    open.add(directory);
    var database = new Database(directory, new Disk(), UUID::randomUUID, null);
    open.add(database);
    databases.put(store, database);
  }

  /**
   * Writes a value.
   *
   * @throws IOException if the disk refuses, or if no store of this directory has such a place
   */
  public void put(Place place, Bytes value) throws IOException {
    var database = databases.get(place.store());
    if (database == null) {
      throw new IOException("the backup has a value of a shard that its header does not name");
    }
    switch (place.kind()) {
      case RECORD -> {
        var end = place.name().indexOf('\0');
        if (end < 0) {
          throw new IOException("the backup has a record without a table: " + place.description());
        }
        database.putRecord(place.name().substring(0, end), place.name().substring(end + 1), value);
      }
      case DOCUMENT -> putDocumentPart(database, place, value);
      case FILE -> throw new IOException(place.description() + " is not a value of a store");
    }
    lastPlace = place;
    uncommitted += value.length() + 64L;
    if (uncommitted >= COMMIT_BYTES) {
      commit();
    }
  }

  private void putDocumentPart(Database database, Place place, Bytes value) {
    if (place.store() != lastPlace.store()) {
      lastNumber = 0;
    }
    if (place.store() != lastPlace.store()
        || place.kind() != lastPlace.kind()
        || !place.name().equals(lastPlace.name())) {
      lastNumber++;
      database.putDocument(place.name(), lastNumber);
    }
    if (place.number() == 0) {
      database.putSnapshot(lastNumber, value);
    } else {
      database.putLogPayload(LogRecord.key(lastNumber, place.number() - 1), value);
    }
  }

  /** Makes all values so far durable. */
  public void commit() throws IOException {
    for (var database : databases.values()) {
      database.commit();
    }
    uncommitted = 0;
  }

  @Override
  public void close() throws IOException {
    for (var part : open.reversed()) {
      part.close();
    }
    open.clear();
  }
}
