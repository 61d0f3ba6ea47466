package dev.parlor.relay.cluster;

import dev.parlor.crdt.identity.Bytes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Records that all nodes share for seconds or minutes, for example tickets. They may be lost when
 * servers of the cluster restart, but a record that exists is the same for all nodes. The futures
 * fail with an {@link java.io.IOException} if the cluster does not answer. Safe from any thread.
 */
public interface BriefRecords {

  /** The longest lifetime of a record. */
  Duration LIFETIME_MAX = Duration.ofHours(24);

  /**
   * Stores a record unless one with this key exists.
   *
   * @param key any text of at most 512 bytes
   * @param value at most 256 KiB
   * @param lifetime time after which the record is gone, from one second to {@link #LIFETIME_MAX};
   *     it may be rounded up by a second
   * @return whether the record was stored; of several nodes one succeeds
   */
  CompletableFuture<Boolean> putOnce(String key, Bytes value, Duration lifetime);

  /** Stores a record in place of any other with this key. */
  CompletableFuture<Void> put(String key, Bytes value, Duration lifetime);

  /** Reads a record; sees every completed write of every node. */
  CompletableFuture<Optional<Bytes>> get(String key);

  /** Reads and removes a record; of several nodes one gets it. */
  CompletableFuture<Optional<Bytes>> take(String key);
}
