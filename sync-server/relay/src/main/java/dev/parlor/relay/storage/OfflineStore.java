package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A data directory that no server has open, read without changing any of its files. One thread uses
 * it. Damage does not prevent reading the rest.
 */
public final class OfflineStore implements StoreView {

  private final Limits.Storage limits;
  private final List<Closeable> open = new ArrayList<>();
  private final List<StoreContents> contents = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();
  private final StorageId storageId;
  private final int shards;

  /**
   * Opens a data directory.
   *
   * @throws IOException with one sentence for the operator: this is no data directory, a server has
   *     it open, its version is not known, or its own files are damaged as a whole
   */
  public static OfflineStore open(Path path, Limits.Storage limits) throws IOException {
    return new OfflineStore(path, limits);
  }

  private OfflineStore(Path path, Limits.Storage limits) throws IOException {
    this.limits = limits;
    try {
      var first = openDatabase(path, 0);
      storageId = first.storageId();
      shards =
          switch (first.manifest()) {
            case ShardManifest.Everything() -> 1;
            case ShardManifest.Records(var count, _) -> count;
            case ShardManifest.Shard shard ->
                throw new IOException(
                    path
                        + " is shard "
                        + shard.number()
                        + " of a data directory, not the directory");
          };
      if (first.manifest() instanceof ShardManifest.Records) {
        openShards(path);
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void openShards(Path path) {
    for (var number = 0; number < shards; number++) {
      try {
        var database = openDatabase(path.resolve("shards").resolve("" + number), number + 1);
        var expected = new ShardManifest.Shard(number, shards, storageId);
        if (!database.manifest().equals(expected)) {
          damage.add("the files in the place of shard " + number + " belong elsewhere");
        }
      } catch (IOException e) {
        damage.add("shard " + number + " cannot be read: " + e.getMessage());
      }
    }
  }

  private Database openDatabase(Path path, int store) throws IOException {
    var directory = DataDirectory.claimToRead(path);
    open.add(directory);
    var disk = new OfflineDisk();
    var hadLog = Files.exists(directory.changeLog());
    if (!Files.exists(directory.journal())) {
      damage.add("the file " + directory.journal() + " is missing");
    }
    var database = new Database(directory, disk, UUID::randomUUID, null);
    open.add(database);
    if (!hadLog && !database.wasUpgraded()) {
      damage.add("the file " + directory.changeLog() + " is missing");
    }
    try {
      absorb(database, disk, directory);
    } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
      damage.add("the entries of " + directory.changeLog() + " cannot be read: " + e);
    }
    contents.add(database.contents(store));
    return database;
  }

  /** Puts the entries of the change log into the trees, in memory. */
  private void absorb(Database database, Disk disk, DataDirectory directory) throws IOException {
    var log =
        new ChangeLog(
            disk.changeLog(directory.changeLog()),
            database.logSalt(),
            database.absorbed(),
            limits.logBytesMax());
    var index = new DocumentIndex(database);
    var unabsorbed = new UnabsorbedEntries(log, index, limits);
    for (var part : unabsorbed.replay(database)) {
      damage.add("the change log " + directory.changeLog() + " is damaged: " + part);
    }
    unabsorbed.putInto(index.begin(), database);
    database.commit();
  }

  /** Sentences about damaged or missing files; the values of other files can be read. */
  public List<String> damage() {
    return List.copyOf(damage);
  }

  @Override
  public StorageId storageId() {
    return storageId;
  }

  @Override
  public int shards() {
    return shards;
  }

  @Override
  public long pausedNanos() {
    return 0;
  }

  @Override
  public void read(Sink sink) throws IOException {
    for (var store : contents) {
      store.read(sink);
    }
  }

  /**
   * Like {@link #read}, but a damaged index of one store does not prevent reading the others.
   *
   * @return a sentence for each damaged index
   */
  public List<String> readInto(Sink sink) throws IOException {
    var damaged = new ArrayList<String>();
    for (var store : contents) {
      try {
        store.read(sink);
      } catch (DamagedStoreException e) {
        damaged.add(String.valueOf(e.getMessage()));
      }
    }
    return damaged;
  }

  @Override
  public void close() throws IOException {
    for (var part : open.reversed()) {
      part.close();
    }
    open.clear();
  }
}
