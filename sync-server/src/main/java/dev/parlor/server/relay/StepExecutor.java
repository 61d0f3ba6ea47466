package dev.parlor.server.relay;

/**
 * The thread that brings rooms their messages, as rooms see it. A room has no thread of its own:
 * whoever brings it the first message sees that it takes a step, and doing so on the spot saves
 * waking another thread, which costs more than most steps.
 */
public interface StepExecutor {

  /** Runs the step on this thread, once it has brought everything that it has at hand. */
  void later(Runnable step);

  /** There is room again in a mailbox that was full; may come from any thread, and in vain. */
  void drained();
}
