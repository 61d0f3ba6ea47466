package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;

/**
 * All data of the stores of a data directory at one commit. One thread uses it. While the view of a
 * running server is open, its commits take more time and disk space, so close it soon.
 */
public interface StoreView extends AutoCloseable {

  /** Receives the values, in the order of their places. */
  interface Sink {

    /** An intact value. */
    void value(Place place, Bytes value) throws IOException;

    /** A value that fails its checksum or cannot be read. */
    void damaged(Place place, String reason) throws IOException;
  }

  /** The id of the data directory. */
  StorageId storageId();

  /** The number of shards; 1 for a data directory without shards. */
  int shards();

  /** How long the writers had to wait for each other when the view was opened. */
  long pausedNanos();

  /**
   * Passes all values to the sink.
   *
   * @throws IOException if the sink or the disk fails, or if an index of the store is damaged, so
   *     that it is unknown which values there are
   */
  void read(Sink sink) throws IOException;

  @Override
  void close() throws IOException;
}
