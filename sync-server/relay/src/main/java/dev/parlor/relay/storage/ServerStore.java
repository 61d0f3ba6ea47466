package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.health.Health.Condition;
import java.util.Set;

/**
 * The store of a server, with its state for the operator: a data directory of this machine ({@link
 * StoreOnDisk}), or the store that the nodes of a cluster share.
 */
public interface ServerStore extends ChangeStore {

  /** The tables whose records change together in batches. */
  RecordStore recordStore();

  /** The condition of the store, for {@code /health/ready}; answers from memory. */
  Condition condition();

  /**
   * Milliseconds for which the store has not answered, if nothing can be saved or read at present;
   * otherwise 0. A store on this machine is never away.
   */
  default long awayMillis() {
    return 0;
  }

  /** Bytes that wait for a commit. */
  long queuedBytes();

  /** Documents that failed a checksum when they were loaded. */
  Set<DocumentId> quarantined();

  /** Whether the document belongs to a shard that is left out or damaged as a whole. */
  default boolean isUnavailable(DocumentId document) {
    return false;
  }

  /** Whether every shard is available. */
  default boolean hasAllShards() {
    return true;
  }
}
