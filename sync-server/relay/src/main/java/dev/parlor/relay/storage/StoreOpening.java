package dev.parlor.relay.storage;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.config.RelaySetting;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a data directory with all its shards, or creates it. Used once, by the thread that starts
 * the server.
 *
 * <h2>Why no shard is ever created twice</h2>
 *
 * A new directory gets the tables' store first, with the number of shards. Then the shards are
 * created. When all of them are on the disk, the directory is marked as complete; before that, no
 * change is saved. If the mark is missing, a missing shard is created. If the mark is there, a
 * missing shard means lost data, and the server does not start. Each shard stores its number and
 * the id of its data directory, so another shard's files or an empty disk are not mistaken for the
 * shard.
 */
final class StoreOpening {

  private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

  private final Limits.Storage limits;
  private final Metrics metrics;
  private final Supplier<UUID> ids;
  private final Disk disk;

  StoreOpening(Limits.Storage limits, Metrics metrics, Supplier<UUID> ids, Disk disk) {
    this.limits = limits;
    this.metrics = metrics;
    this.ids = ids;
    this.disk = disk;
  }

  StoreOnDisk open(Path path, Shards requested) throws IOException {
    var firstStore = openFirst(DataDirectory.claim(path), requested);
    try {
      return switch (firstStore.manifest()) {
        case ShardManifest.Everything() -> start(firstStore);
        case ShardManifest.Records records ->
            start(openShards(firstStore, records, requested.without()));
        case ShardManifest.Shard shard ->
            throw new IllegalStateException(shard + " was refused before");
      };
    } catch (IOException | RuntimeException e) {
      closeAll(List.of(firstStore), e);
      throw e;
    }
  }

  /**
   * Opens the store of the data directory itself: of all data, or of the tables if there are
   * shards.
   */
  private MapDbChangeStore openFirst(DataDirectory directory, Shards requested) throws IOException {
    @Nullable ShardManifest newManifest;
    try {
      newManifest =
          mayCreateStore(directory) ? ShardManifest.ofNew(requested.count().orElse(1)) : null;
    } catch (IOException e) {
      directory.close();
      throw e;
    }
    return open(
        directory,
        newManifest,
        limits,
        foundManifest -> requireRequestedShards(directory, foundManifest, requested));
  }

  /**
   * Whether a store may be created in the directory. It may not if shards have stores already,
   * since new tables would not belong to their documents.
   */
  private static boolean mayCreateStore(DataDirectory directory) throws IOException {
    for (var name : directory.shards()) {
      if (directory.hasStore(name)) {
        var missing = directory.missingFile();
        if (missing != null) {
          throw new IOException(
              "the data directory "
                  + directory
                  + " has shards, but its own files are missing: "
                  + missing
                  + " cannot be read; restore the files that belong to the shards");
        }
        return false;
      }
    }
    return true;
  }

  private static void requireRequestedShards(
      DataDirectory directory, ShardManifest foundManifest, Shards requested) throws IOException {
    var shards =
        switch (foundManifest) {
          case ShardManifest.Everything() -> 1;
          case ShardManifest.Records records -> records.shards();
          case ShardManifest.Shard shard ->
              throw new IOException(
                  directory
                      + " is not a data directory but shard "
                      + shard.number()
                      + " of one; set --data to that data directory");
        };
    if (requested.count().orElse(shards) != shards) {
      throw new IOException(
          RelaySetting.SHARDS.both()
              + " is "
              + requested.count().orElse(shards)
              + ", but the data directory "
              + directory
              + " was made with "
              + shards
              + (shards == 1 ? " shard" : " shards")
              + ", and that cannot be changed; set "
              + shards
              + " or nothing, or name a new directory with --data");
    }
    for (var excluded : requested.without()) {
      if (shards == 1 || excluded >= shards) {
        throw new IOException(
            RelaySetting.WITHOUT_SHARDS.both()
                + " names shard "
                + excluded
                + ", but the data directory "
                + directory
                + (shards == 1 ? " has no shards" : " has the shards 0 to " + (shards - 1)));
      }
    }
  }

  /** Opens or creates all shards that are not left out. */
  private ShardedChangeStore openShards(
      MapDbChangeStore records, ShardManifest.Records manifest, Set<Integer> without)
      throws IOException {
    var shards = new ArrayList<ShardStore>();
    try {
      if (!manifest.complete()) {
        // Without the tables' store the shards could not be opened, so its names are flushed first.
        records.directory().forceNames();
      }
      for (var number = 0; number < manifest.shards(); number++) {
        shards.add(
            without.contains(number) && manifest.complete()
                ? excludedShard(number)
                : openShard(records, manifest, number));
      }
      if (!manifest.complete()) {
        records.directory().forceNames();
        records.markComplete(manifest);
      }
      warnAboutUnknownNames(records.directory(), manifest.shards());
      return new ShardedChangeStore(records, shards);
    } catch (IOException | RuntimeException e) {
      closeAll(shards, e);
      throw e;
    }
  }

  private static UnavailableStore excludedShard(int number) {
    var reason =
        "shard " + number + " is left out, as " + RelaySetting.WITHOUT_SHARDS.both() + " says";
    LOG.warn("{}: its documents are unavailable", reason);
    return new UnavailableStore(reason);
  }

  private ShardStore openShard(MapDbChangeStore records, ShardManifest.Records manifest, int number)
      throws IOException {
    var dataDirectory = records.directory();
    var expected = new ShardManifest.Shard(number, manifest.shards(), records.storageId());
    if (manifest.complete()) {
      requireFilesOf(dataDirectory, number);
    }
    try {
      return open(
          dataDirectory.claimShard(number),
          manifest.complete() ? null : expected,
          limits.ofShard(manifest.shards()),
          foundManifest -> requireExpectedShard(dataDirectory, expected, foundManifest));
    } catch (DamagedStoreException e) {
      if (!manifest.complete()) {
        throw e;
      }
      var reason = "shard " + number + " is damaged (" + e.getMessage() + ")";
      LOG.error("{}: its documents are unavailable, and nothing in it is touched", reason, e);
      return new UnavailableStore(reason);
    }
  }

  private static void requireFilesOf(DataDirectory dataDirectory, int number) throws IOException {
    var missing = dataDirectory.missingFile(number);
    if (missing != null) {
      var path = dataDirectory.shard(number);
      var link = Files.isSymbolicLink(path) ? ", a link to " + Files.readSymbolicLink(path) : "";
      throw new IOException(
          "shard "
              + number
              + " is not where it should be: "
              + missing
              + " cannot be read ("
              + path
              + " is "
              + (Files.isDirectory(path) ? "a directory" : "no directory")
              + link
              + "); put the shard back, or make a link of that name to it, or start"
              + " without its documents with --"
              + RelaySetting.WITHOUT_SHARDS.key()
              + " "
              + number);
    }
  }

  private static void requireExpectedShard(
      DataDirectory dataDirectory, ShardManifest.Shard expected, ShardManifest foundManifest)
      throws IOException {
    if (!foundManifest.equals(expected)) {
      var what =
          switch (foundManifest) {
            case ShardManifest.Shard(var number, var shards, var dataDirectoryId)
                when dataDirectoryId.equals(expected.dataDirectoryId()) ->
                "shard " + number + " of " + shards;
            case ShardManifest.Shard(var number, var shards, var dataDirectoryId) ->
                "shard "
                    + number
                    + " of "
                    + shards
                    + " of another data directory, "
                    + dataDirectoryId;
            case ShardManifest.Everything(), ShardManifest.Records _ ->
                "a data directory of its own";
          };
      throw new IOException(
          dataDirectory.shard(expected.number())
              + " should be shard "
              + expected.number()
              + " of "
              + expected.shards()
              + ", but it is "
              + what
              + "; put each shard in its place, nothing was changed");
    }
  }

  private static void warnAboutUnknownNames(DataDirectory directory, int shards)
      throws IOException {
    for (var name : directory.shards()) {
      if (!name.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(name) >= shards) {
        LOG.warn("{} is not one of the {} shards; it is ignored", name, shards);
      }
    }
  }

  /** Closes every store, even if another store fails to close. */
  private static void closeAll(List<? extends ChangeStore> stores, Exception cause) {
    for (var store : stores) {
      try {
        store.close();
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** A check of the stored manifest that runs before the files are changed. */
  private interface Check {
    void of(ShardManifest foundManifest) throws IOException;
  }

  /** Opens the files, checks their manifest and replays the change log. */
  private MapDbChangeStore open(
      DataDirectory directory,
      @Nullable ShardManifest newManifest,
      Limits.Storage limits,
      Check check)
      throws IOException {
    Database database;
    try {
      Files.deleteIfExists(directory.frozenBlocks()); // a backup that a kill interrupted
      database = new Database(directory, disk, ids, newManifest);
    } catch (IOException | RuntimeException | Error e) {
      directory.close();
      throw e;
    }
    try {
      check.of(database.manifest());
    } catch (IOException e) {
      try (directory;
          database) {
        throw e;
      }
    }
    return openStore(directory, database, limits);
  }

  private MapDbChangeStore openStore(
      DataDirectory directory, Database database, Limits.Storage limits) throws IOException {
    try {
      var file = disk.changeLog(directory.changeLog());
      try {
        var log =
            new ChangeLog(file, database.logSalt(), database.absorbed(), limits.logBytesMax());
        var store = new MapDbChangeStore(directory, database, log, limits, metrics);
        store.replay();
        return store;
      } catch (IOException | RuntimeException | AssertionError e) {
        file.close();
        throw e;
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      try (directory;
          database) {
        throw Database.openFailure(directory, e);
      }
    }
  }

  private StoreOnDisk start(MapDbChangeStore store) {
    watch(List.of(store), 0);
    store.start();
    return store;
  }

  private StoreOnDisk start(ShardedChangeStore store) {
    watch(store.stores(), store.unavailable());
    store.stores().forEach(MapDbChangeStore::start);
    return store;
  }

  private void watch(List<MapDbChangeStore> stores, int unavailable) {
    watch("queue.bytes", "Bytes that wait for a commit", stores, MapDbChangeStore::queuedBytes);
    watch(
        "log.bytes",
        "Bytes in change logs that are not in the store's files yet",
        stores,
        MapDbChangeStore::logBytes);
    watch("documents", "Documents stored", stores, MapDbChangeStore::size);
    metrics.watch(
        "parlor.store.shards.unavailable",
        "Shards that are left out, or damaged as a whole",
        () -> unavailable);
  }

  private void watch(
      String name,
      String description,
      List<MapDbChangeStore> stores,
      ToLongFunction<MapDbChangeStore> value) {
    metrics.watch(
        "parlor.store." + name,
        description,
        () -> (int) Math.min(Integer.MAX_VALUE, stores.stream().mapToLong(value).sum()));
  }
}
