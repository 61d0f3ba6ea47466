package dev.parlor.relay.storage;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A store in a data directory of this machine, with its state for the operator: one {@link
 * MapDbChangeStore}, or several as shards ({@link ShardedChangeStore}).
 */
public interface StoreOnDisk extends ServerStore {

  /**
   * Opens a data directory, or creates it.
   *
   * @param ids the source of a new directory's storage id, {@code UUID::randomUUID}
   * @throws IOException with one sentence for the operator: the directory is in use by another
   *     process, is not writable, has another schema or another number of shards, or is damaged; or
   *     a shard is missing
   */
  static StoreOnDisk open(
      Path path, Shards shards, Limits.Storage limits, Metrics metrics, Supplier<UUID> ids)
      throws IOException {
    return new StoreOpening(limits, metrics, ids, new Disk()).open(path, shards);
  }

  /**
   * All data at one commit. It includes every write whose future completed before this call, and
   * later commits do not change it. Blocks until the commit threads have reached that moment.
   *
   * @throws IOException with one sentence for the operator: the disk fails, a shard is unavailable,
   *     or another view is open
   */
  StoreView freeze() throws IOException;

  /** The number of changes that the start replayed from change logs. */
  int replayedChanges();
}
