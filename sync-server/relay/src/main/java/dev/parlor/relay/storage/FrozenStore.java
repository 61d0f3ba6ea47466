package dev.parlor.relay.storage;

import java.io.Closeable;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one store at one commit. One thread reads and closes it, while the commit thread
 * goes on.
 */
final class FrozenStore implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(FrozenStore.class);

  private final FrozenVolume volume;
  private final int store;
  private final Closeable end;
  private volatile long pausedNanos;

  /**
   * @param store the number of the store, as in {@link Place}
   * @param end releases the kept blocks
   */
  FrozenStore(FrozenVolume volume, int store, Closeable end) {
    this.volume = volume;
    this.store = store;
    this.end = end;
  }

  /** Records how long the commit thread waited for the other stores. */
  void paused(long nanos) {
    pausedNanos = nanos;
  }

  long pausedNanos() {
    return pausedNanos;
  }

  void read(StoreView.Sink sink) throws IOException {
    StoreTrees trees;
    try {
      trees = StoreTrees.openToRead(volume);
    } catch (RuntimeException | AssertionError e) {
      throw new IOException("the state at one commit cannot be read: " + e, e);
    }
    new StoreContents(trees, store).read(sink);
  }

  @Override
  public void close() {
    try {
      end.close();
    } catch (IOException e) {
      LOG.warn("the former blocks of a backup could not be released", e);
    }
  }
}
