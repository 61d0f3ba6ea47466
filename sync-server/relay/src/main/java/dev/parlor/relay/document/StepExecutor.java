package dev.parlor.relay.document;

/**
 * The thread that brings messages to documents, as documents see it. A document has no thread of
 * its own, so the caller that adds the first command makes sure that a step runs. Running the step
 * on the caller's thread avoids waking another thread, which costs more than most steps.
 */
public interface StepExecutor {

  /** Runs the step on this thread, after the thread has delivered all messages that it has read. */
  void later(Runnable step);

  /** A full mailbox has space again; may be called from any thread, and without need. */
  void drained();
}
