package dev.parlor.nats.records;

import dev.parlor.nats.records.BatchMessage.Large;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the large values that no record names: a node wrote them and crashed before its batch, or
 * before it deleted a replaced value. Runs at the start and then daily, on a virtual thread.
 */
final class LargeValueSweep implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LargeValueSweep.class);

  /** Age of a value that no record names; above: the next sweep deletes it. */
  private static final Duration ORPHAN_AGE_MAX = Duration.ofDays(1);

  private final LargeValues large;
  private final RecordIndex index;
  private final Object lock;
  private final InstantSource clock;
  private final Thread thread;

  private LargeValueSweep(LargeValues large, RecordIndex index, Object lock, InstantSource clock) {
    this.large = large;
    this.index = index;
    this.lock = lock;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("sweep of large values").unstarted(this::sweepDaily);
  }

  static LargeValueSweep start(
      LargeValues large, RecordIndex index, Object lock, InstantSource clock) {
    var sweep = new LargeValueSweep(large, index, lock, clock);
    sweep.thread.start();
    return sweep;
  }

  private void sweepDaily() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          var _ = sweep();
        } catch (IOException | RuntimeException e) {
          LOG.debug("large values without a record were not looked for", e);
        }
        Thread.sleep(ORPHAN_AGE_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /**
   * Deletes the large values without a record; blocks.
   *
   * @return how many there were
   */
  int sweep() throws IOException {
    var before = clock.millis() - ORPHAN_AGE_MAX.toMillis();
    var old = large.names().stream().filter(object -> LargeValues.millis(object) < before).toList();
    if (old.isEmpty()) {
      return 0;
    }
    var _ = RecordFutures.await(index.refreshed());
    var named = new HashSet<String>();
    synchronized (lock) {
      for (var cell : index.cells().values()) {
        if (cell.state() instanceof Large object) {
          named.add(object.object());
        }
      }
    }
    var orphans = old.stream().filter(object -> !named.contains(object)).toList();
    orphans.forEach(large::delete);
    return orphans.size();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
