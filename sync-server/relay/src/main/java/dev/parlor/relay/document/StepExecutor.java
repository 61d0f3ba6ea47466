package dev.parlor.relay.document;

/**
 * Runs steps of documents on a thread that delivers messages to them. A document has no thread, so
 * the caller whose command wakes a document must start a step. A step on the caller's thread avoids
 * waking another thread, which costs more than most steps.
 */
public interface StepExecutor {

  /** Runs the step on this thread, after the thread has delivered all messages that it has read. */
  void later(Runnable step);

  /**
   * The mailbox that rejected a command has space again. Called on any thread, possibly more often
   * than needed.
   */
  void drained();
}
