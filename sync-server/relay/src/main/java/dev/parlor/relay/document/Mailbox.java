package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The commands that wait for one document, and whether a thread works on them. At most one thread
 * works at any time, and it takes all commands at once. A full mailbox takes no commands from
 * connections, which then stop reading their sockets; it always takes the server's own commands. A
 * closed mailbox takes no commands at all, and callers turn to the successor of its worker.
 *
 * <p>Safe from any thread; the lock publishes the document's state from one working thread to the
 * next.
 */
final class Mailbox {

  /** The outcome of adding a command. */
  enum Put {
    /** The command waits, and a thread works already. */
    TAKEN,
    /**
     * The command waits, and the caller now has to make sure that a thread works on the document.
     */
    WAKE,
    /** The command was not taken; the connection's executor is told when there is space again. */
    FULL,
    /** The command was not taken: the worker has ended. */
    CLOSED
  }

  private final int commandsMax;
  private final int portionBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private List<DocumentCommand> waiting = new ArrayList<>();
  private List<StepExecutor> turnedAway = new ArrayList<>(0);
  private long waitingCost;
  private long unfinishedCost;
  private boolean working;
  private boolean closed;

  /**
   * Creates an open mailbox; the thread that loads the document counts as working on it.
   *
   * @param commandsMax commands of connections that may wait
   * @param portionBytesMax largest message that is admitted in one step
   */
  Mailbox(int commandsMax, int portionBytesMax) {
    this.commandsMax = commandsMax;
    this.portionBytesMax = portionBytesMax;
    this.working = true;
  }

  /** Adds a connection's command if there is space for it. */
  Put put(DocumentCommand command, long cost, StepExecutor executor) {
    lock.lock();
    try {
      if (!closed && isFull(cost)) {
        if (!turnedAway.contains(executor)) {
          turnedAway.add(executor);
        }
        return Put.FULL;
      }
      return add(command, cost);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A message that is admitted in one step need not wait for the space that other messages in
   * portions occupy.
   */
  private boolean isFull(long cost) {
    return waiting.size() >= commandsMax
        || (waitingCost > 0 && waitingCost + cost > FixedLimits.MAILBOX_BYTES_MAX)
        || (unfinishedCost > 0
            && cost > portionBytesMax
            && unfinishedCost + cost > FixedLimits.MAILBOX_BYTES_MAX);
  }

  /** Adds a command of the server's own, even when the mailbox is full. */
  Put force(DocumentCommand command) {
    lock.lock();
    try {
      return add(command, 0);
    } finally {
      lock.unlock();
    }
  }

  private Put add(DocumentCommand command, long cost) {
    if (closed) {
      return Put.CLOSED;
    }
    waiting.add(command);
    waitingCost += cost;
    if (working) {
      return Put.TAKEN;
    }
    working = true;
    return Put.WAKE;
  }

  /** The cost of the messages that wait or are being admitted in portions. */
  long cost() {
    lock.lock();
    try {
      return waitingCost + unfinishedCost;
    } finally {
      lock.unlock();
    }
  }

  // For the worker.

  /**
   * Takes all commands.
   *
   * @param spare an empty list, in which the mailbox collects the next commands
   */
  List<DocumentCommand> take(List<DocumentCommand> spare) {
    List<DocumentCommand> taken;
    List<StepExecutor> executors;
    lock.lock();
    try {
      taken = waiting;
      waiting = spare;
      waitingCost = 0;
      executors = takeTurnedAway();
    } finally {
      lock.unlock();
    }
    executors.forEach(StepExecutor::drained);
    return taken;
  }

  /** Sets the cost of the messages that were taken but are not completely admitted. */
  void setUnfinishedCost(long cost) {
    lock.lock();
    try {
      unfinishedCost = cost;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the work if no commands wait; false when the thread has to continue. */
  boolean rest() {
    lock.lock();
    try {
      working = !waiting.isEmpty();
      return !working;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the mailbox if no commands wait; true when it did. */
  boolean closeIfEmpty() {
    lock.lock();
    try {
      closed |= waiting.isEmpty();
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the mailbox and returns the commands that still wait. */
  List<DocumentCommand> close() {
    List<DocumentCommand> left;
    List<StepExecutor> executors;
    lock.lock();
    try {
      closed = true;
      left = waiting;
      waiting = new ArrayList<>();
      executors = takeTurnedAway();
    } finally {
      lock.unlock();
    }
    executors.forEach(StepExecutor::drained);
    return left;
  }

  private List<StepExecutor> takeTurnedAway() {
    if (turnedAway.isEmpty()) {
      return List.of();
    }
    var executors = turnedAway;
    turnedAway = new ArrayList<>(0);
    return executors;
  }
}
