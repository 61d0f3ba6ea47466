package dev.parlor.relay.storage;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The queue of writes for the commit thread. Any thread may put a write. That takes no lock, and
 * wakes the commit thread only if it sleeps. Only the commit thread polls writes.
 */
final class CommitQueue {

  private final Queue<Write> writes = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();
  private final long bytesMax;
  private volatile @Nullable Thread sleeper;
  private volatile boolean closed;
  private volatile @Nullable IOException endCause;

  /**
   * @param bytesMax maximum number of bytes that wait; above: a write fails at once
   */
  CommitQueue(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Queues a write; its future fails at once if the store is closed or the queue is full. */
  void put(Write write) {
    var waiting = bytes.get();
    if (closed) {
      write.done().completeExceptionally(new IOException("the store is closed"));
    } else if (waiting > 0 && waiting + write.bytes() > bytesMax) {
      write
          .done()
          .completeExceptionally(
              new IOException("the disk is too slow: " + waiting + " bytes wait for a commit"));
    } else {
      bytes.addAndGet(write.bytes());
      writes.add(write);
      var thread = sleeper;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
      var cause = endCause;
      if (cause != null) {
        // The commit thread ended after the check above, so this thread must fail the write.
        failAll(cause);
      }
    }
  }

  /** The next write if there is one; for the commit thread. */
  @Nullable Write poll() {
    return writes.poll();
  }

  /** Subtracts the bytes of polled writes from the waiting bytes. */
  void releaseBytes(long count) {
    bytes.addAndGet(-count);
  }

  long bytes() {
    return bytes.get();
  }

  /**
   * Sleeps until a write may be waiting; for the commit thread.
   *
   * @param nanosMax the longest sleep in nanoseconds; 0 for no limit
   */
  void await(long nanosMax) {
    sleeper = Thread.currentThread();
    if (writes.isEmpty() && !closed) {
      if (nanosMax > 0) {
        LockSupport.parkNanos(this, nanosMax);
      } else {
        LockSupport.park(this);
      }
    }
    sleeper = null;
  }

  /** Refuses further writes; the commit thread still commits the queued writes. */
  void close() {
    closed = true;
    var thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends the queue: queued writes, and writes that still arrive, fail with this cause. */
  void end(IOException cause) {
    closed = true;
    endCause = cause;
    failAll(cause);
  }

  private void failAll(IOException cause) {
    for (var write = writes.poll(); write != null; write = writes.poll()) {
      write.done().completeExceptionally(cause);
    }
  }
}
