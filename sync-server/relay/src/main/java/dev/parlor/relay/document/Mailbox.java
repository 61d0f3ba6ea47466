package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The commands that wait for one document, and whether a thread works on the document. At most one
 * thread works at any time, and it takes all commands at once. A full mailbox rejects commands of
 * connections, which then stop reading their sockets. It always accepts the server's own commands.
 * A closed mailbox rejects all commands, and callers then use the document's next worker.
 *
 * <p>Safe from any thread; the lock publishes the document's state from one working thread to the
 * next.
 */
final class Mailbox {

  /** The outcome of adding a command. */
  enum PutResult {
    /** The command was added, and a thread works on the document already. */
    ACCEPTED,
    /** The command was added, and the caller must make a thread work on the document. */
    WAKE,
    /** The command was not added; {@link StepExecutor#drained} follows when there is space. */
    FULL,
    /** The command was not added, because the worker has ended. */
    CLOSED
  }

  private final int commandsMax;
  private final int portionBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private List<DocumentCommand> waiting = new ArrayList<>();

  /** The executors whose commands did not fit since the last {@link #take}. */
  private List<StepExecutor> rejectedExecutors = new ArrayList<>(0);

  /** The cost of the messages that wait. */
  private long waitingCost;

  /** The cost of the messages that are admitted in portions and not finished. */
  private long unfinishedCost;

  private boolean working;
  private boolean closed;

  /**
   * Creates an open mailbox; the thread that loads the document counts as working on it.
   *
   * @param commandsMax the number of waiting commands at which the mailbox is full
   * @param portionBytesMax the highest cost of a message that is admitted in one step
   */
  Mailbox(int commandsMax, int portionBytesMax) {
    this.commandsMax = commandsMax;
    this.portionBytesMax = portionBytesMax;
    this.working = true;
  }

  /** Adds a connection's command if there is space for it. */
  PutResult put(DocumentCommand command, long cost, StepExecutor executor) {
    lock.lock();
    try {
      if (!closed && isFull(cost)) {
        if (!rejectedExecutors.contains(executor)) {
          rejectedExecutors.add(executor);
        }
        return PutResult.FULL;
      }
      return add(command, cost);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether there is no space for a message of this cost. Messages that are admitted in portions
   * take no space from a message that fits into one step.
   */
  private boolean isFull(long cost) {
    return waiting.size() >= commandsMax
        || (waitingCost > 0 && waitingCost + cost > FixedLimits.MAILBOX_BYTES_MAX)
        || (unfinishedCost > 0
            && cost > portionBytesMax
            && unfinishedCost + cost > FixedLimits.MAILBOX_BYTES_MAX);
  }

  /** Adds a command of the server's own, even if the mailbox is full. */
  PutResult forcePut(DocumentCommand command) {
    lock.lock();
    try {
      return add(command, 0);
    } finally {
      lock.unlock();
    }
  }

  private PutResult add(DocumentCommand command, long cost) {
    if (closed) {
      return PutResult.CLOSED;
    }
    waiting.add(command);
    waitingCost += cost;
    if (working) {
      return PutResult.ACCEPTED;
    }
    working = true;
    return PutResult.WAKE;
  }

  /** The cost of the messages that wait, and of those that are admitted in portions. */
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
   * @param spare an empty list, which the mailbox uses for the next commands
   */
  List<DocumentCommand> take(List<DocumentCommand> spare) {
    List<DocumentCommand> taken;
    List<StepExecutor> executors;
    lock.lock();
    try {
      taken = waiting;
      waiting = spare;
      waitingCost = 0;
      executors = takeRejectedExecutors();
    } finally {
      lock.unlock();
    }
    executors.forEach(StepExecutor::drained);
    return taken;
  }

  /** Sets the cost of the messages that are admitted in portions and not finished. */
  void setUnfinishedCost(long cost) {
    lock.lock();
    try {
      unfinishedCost = cost;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread's work if no commands wait; false if the thread has to continue. */
  boolean stopIfEmpty() {
    lock.lock();
    try {
      working = !waiting.isEmpty();
      return !working;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the mailbox if no commands wait. Returns whether the mailbox is closed. */
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
    List<DocumentCommand> unhandled;
    List<StepExecutor> executors;
    lock.lock();
    try {
      closed = true;
      unhandled = waiting;
      waiting = new ArrayList<>();
      executors = takeRejectedExecutors();
    } finally {
      lock.unlock();
    }
    executors.forEach(StepExecutor::drained);
    return unhandled;
  }

  private List<StepExecutor> takeRejectedExecutors() {
    if (rejectedExecutors.isEmpty()) {
      return List.of();
    }
    var executors = rejectedExecutors;
    rejectedExecutors = new ArrayList<>(0);
    return executors;
  }
}
