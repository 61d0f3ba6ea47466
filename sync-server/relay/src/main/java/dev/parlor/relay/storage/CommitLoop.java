package dev.parlor.relay.storage;

import dev.parlor.relay.config.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit thread: the only thread that writes to a store. It takes the waiting writes as one
 * group and passes them to {@link Committer}. When no write comes for a while, it copies the change
 * log into the database's trees, or tries a failed disk again. Then the thread sleeps.
 */
final class CommitLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(CommitLoop.class);

  private final CommitQueue queue;
  private final Committer committer;
  private final Limits.Storage limits;
  private final Thread thread;
  private final long idleNanos;

  /**
   * Creates the thread without starting it.
   *
   * @param name the name of the thread
   */
  CommitLoop(String name, Committer committer, Limits.Storage limits) {
    this.queue = new CommitQueue(limits.queueBytesMax());
    this.committer = committer;
    this.limits = limits;
    this.idleNanos = TimeUnit.MILLISECONDS.toNanos(limits.absorbIdleMillis());
    this.thread = Thread.ofPlatform().name(name).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Queues a write; its future fails at once if the store is closed or the queue is full. */
  void submit(Write write) {
    queue.put(write);
  }

  /** Commits the queued writes and ends the thread. */
  void close() throws IOException {
    queue.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the last changes were being committed", e);
    }
  }

  long queuedBytes() {
    return queue.bytes();
  }

  @Override
  public void run() {
    var group = new ArrayList<Write>();
    try {
      var open = true;
      while (open) {
        group.clear();
        var bytes = takeGroup(group);
        if (!group.isEmpty()) {
          committer.commit(group, bytes);
        } else if (queue.isClosed()) {
          open = false;
        } else {
          committer.idle();
        }
      }
      committer.absorb();
      queue.end(new IOException("the store is closed"));
    } catch (Throwable e) {
      fail(group, e);
    }
  }

  /**
   * Handles a defect of this server or a lack of memory, which ends the thread. All waiting writes
   * fail, since no thread will commit them.
   */
  private void fail(List<Write> group, Throwable cause) {
    committer.threadEnded(cause);
    LOG.error("the commit thread ended; the server needs a restart", cause);
    var failure = new IOException("the store needs a restart of the server", cause);
    queue.end(failure);
    for (var write : group) {
      write.done().completeExceptionally(failure);
    }
  }

  /**
   * Waits for a first write, and takes further writes up to the limits of a group. Returns the
   * bytes of the group. The group is empty if the queue is closed and empty, or if it is time for
   * {@link Committer#idle}.
   */
  private long takeGroup(List<Write> group) {
    var next = awaitFirst();
    var bytes = 0L;
    while (next != null) {
      group.add(next);
      bytes += next.bytes();
      if (group.size() >= limits.groupRecordsMax() || bytes > limits.groupBytesMax()) {
        break;
      }
      next = queue.poll();
    }
    queue.releaseBytes(bytes);
    return bytes;
  }

  /**
   * Waits for the next write. Returns null if the queue is closed and empty, or if it is time for
   * {@link Committer#idle}.
   */
  private @Nullable Write awaitFirst() {
    var next = queue.poll();
    var idleAt = next == null && committer.hasIdleWork() ? committer.idleAt(idleNanos) : 0;
    while (next == null) {
      if (queue.isClosed()) {
        // A write may have been queued between the last poll and the close.
        return queue.poll();
      }
      var wait = 0L; // no limit
      if (committer.hasIdleWork()) {
        wait = idleAt - System.nanoTime();
        if (wait <= 0) {
          return null;
        }
      }
      queue.await(wait);
      next = queue.poll();
    }
    return next;
  }
}
