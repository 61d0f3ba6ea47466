package dev.parlor.server.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The commands that wait for one room's writer. Connections block while it is full, so their
 * sockets stop being read; the server's own commands always get in. The writer takes everything at
 * once. After closing, nothing gets in any more and callers turn to the room's successor.
 */
final class Mailbox {

  /** Bytes of messages that may wait; above: the sender blocks. */
  static final long BYTES_MAX = 64L << 20;

  private final int commandsMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private List<RoomCommand> waiting = new ArrayList<>();
  private long bytes;
  private boolean closed;

  Mailbox(int commandsMax) {
    this.commandsMax = commandsMax;
  }

  /** Adds a connection's command, waiting for room; false when closed. */
  boolean put(RoomCommand command, int weight) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed
          && (waiting.size() >= commandsMax || (bytes > 0 && bytes + weight > BYTES_MAX))) {
        drained.await();
      }
      return add(command, weight);
    } finally {
      lock.unlock();
    }
  }

  /** Adds a command of the server's own without waiting; false when closed. */
  boolean force(RoomCommand command) {
    lock.lock();
    try {
      return add(command, 0);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes all commands, waiting for the first at most so long; none when the time is over.
   *
   * @param spare an empty list that the mailbox goes on with
   */
  List<RoomCommand> take(long nanos, List<RoomCommand> spare) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var left = nanos;
      while (waiting.isEmpty() && left > 0) {
        left = filled.awaitNanos(left);
      }
      var taken = waiting;
      waiting = spare;
      bytes = 0;
      drained.signalAll();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Closes if nothing waits; true when it did. */
  boolean closeIfEmpty() {
    lock.lock();
    try {
      closed |= waiting.isEmpty();
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Closes and gives back what still waits. */
  List<RoomCommand> close() {
    lock.lock();
    try {
      closed = true;
      var left = waiting;
      waiting = new ArrayList<>();
      drained.signalAll();
      return left;
    } finally {
      lock.unlock();
    }
  }

  private boolean add(RoomCommand command, int weight) {
    if (closed) {
      return false;
    }
    waiting.add(command);
    bytes += weight;
    if (waiting.size() == 1) {
      filled.signal();
    }
    return true;
  }

  /** Longest sensible wait, for a writer without a deadline. */
  static final long FOREVER = TimeUnit.DAYS.toNanos(1);
}
