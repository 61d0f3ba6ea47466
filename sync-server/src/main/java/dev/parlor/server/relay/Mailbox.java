package dev.parlor.server.relay;

import dev.parlor.server.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The commands that wait for one room, and whether somebody works on it: at most one thread does at
 * any time. A full mailbox takes nothing more of connections, which then stop reading their
 * sockets; the server's own commands always get in. The worker takes everything at once. After
 * closing, nothing gets in any more and callers turn to the room's successor.
 *
 * <p>Safe from any thread; what the worker sees of the room's state is handed on by the lock.
 */
final class Mailbox {

  /** What became of a command. */
  enum Put {
    /** It waits, and somebody is at work already. */
    TAKEN,
    /** It waits, and the caller now has to see that somebody works on the room. */
    WAKE,
    /** It was not taken; the courier hears when there is room again. */
    FULL,
    /** It was not taken: the room is gone. */
    CLOSED
  }

  private final int commandsMax;
  private final int portionBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private List<DocumentCommand> waiting = new ArrayList<>();
  private List<StepExecutor> turnedAway = new ArrayList<>(0);
  private long bytes;
  private long unfinished;
  private boolean working;
  private boolean closed;

  /**
   * Open, with somebody at work: the one who loads the document.
   *
   * @param commandsMax that wait
   * @param portionBytesMax of a message that is taken in at once
   */
  Mailbox(int commandsMax, int portionBytesMax) {
    this.commandsMax = commandsMax;
    this.portionBytesMax = portionBytesMax;
    this.working = true;
  }

  /** Adds a connection's command if there is room for it. */
  Put put(DocumentCommand command, long weight, StepExecutor courier) {
    lock.lock();
    try {
      if (!closed && isFull(weight)) {
        if (!turnedAway.contains(courier)) {
          turnedAway.add(courier);
        }
        return Put.FULL;
      }
      return add(command, weight);
    } finally {
      lock.unlock();
    }
  }

  /** Messages that are taken in at once need not wait for the room that others' portions leave. */
  private boolean isFull(long weight) {
    return waiting.size() >= commandsMax
        || (bytes > 0 && bytes + weight > FixedLimits.MAILBOX_BYTES_MAX)
        || (unfinished > 0
            && weight > portionBytesMax
            && unfinished + weight > FixedLimits.MAILBOX_BYTES_MAX);
  }

  /** Adds a command of the server's own, however many wait. */
  Put force(DocumentCommand command) {
    lock.lock();
    try {
      return add(command, 0);
    } finally {
      lock.unlock();
    }
  }

  private Put add(DocumentCommand command, long weight) {
    if (closed) {
      return Put.CLOSED;
    }
    waiting.add(command);
    bytes += weight;
    if (working) {
      return Put.TAKEN;
    }
    working = true;
    return Put.WAKE;
  }

  /** The weight of the messages that wait or are taken in by portions, in bytes. */
  long bytes() {
    lock.lock();
    try {
      return bytes + unfinished;
    } finally {
      lock.unlock();
    }
  }

  // For the worker.

  /**
   * Takes all commands.
   *
   * @param spare an empty list that the mailbox goes on with
   */
  List<DocumentCommand> take(List<DocumentCommand> spare) {
    List<DocumentCommand> taken;
    List<StepExecutor> couriers;
    lock.lock();
    try {
      taken = waiting;
      waiting = spare;
      bytes = 0;
      couriers = callBack();
    } finally {
      lock.unlock();
    }
    couriers.forEach(StepExecutor::drained);
    return taken;
  }

  /** What was taken and is not taken in entirely, in bytes. */
  void unfinished(long weight) {
    lock.lock();
    try {
      unfinished = weight;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the work if nothing waits; false when the worker has to go on. */
  boolean rest() {
    lock.lock();
    try {
      working = !waiting.isEmpty();
      return !working;
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
  List<DocumentCommand> close() {
    List<DocumentCommand> left;
    List<StepExecutor> couriers;
    lock.lock();
    try {
      closed = true;
      left = waiting;
      waiting = new ArrayList<>();
      couriers = callBack();
    } finally {
      lock.unlock();
    }
    couriers.forEach(StepExecutor::drained);
    return left;
  }

  private List<StepExecutor> callBack() {
    if (turnedAway.isEmpty()) {
      return List.of();
    }
    var couriers = turnedAway;
    turnedAway = new ArrayList<>(0);
    return couriers;
  }
}
