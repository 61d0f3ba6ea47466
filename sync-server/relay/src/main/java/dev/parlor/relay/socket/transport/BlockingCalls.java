package dev.parlor.relay.socket.transport;

import org.jspecify.annotations.Nullable;

/**
 * Lets another thread interrupt the blocking reads or the blocking writes of one socket. The
 * interrupt makes the call fail and closes the socket. Outside a call, between {@link #end} and
 * {@link #begin}, the thread is never interrupted, since it may run a document's step there. At
 * most one thread at a time is in a call. Safe from any thread.
 */
final class BlockingCalls {

  private @Nullable Thread thread;
  private boolean stopped;

  /**
   * Registers a blocking call of the current thread. After {@link #stop} it returns false, and the
   * thread must not make the call.
   */
  synchronized boolean begin() {
    if (stopped) {
      return false;
    }
    thread = Thread.currentThread();
    return true;
  }

  /** Records that the blocking call of the current thread has ended. */
  synchronized void end() {
    thread = null;
    if (stopped) {
      var _ =
          Thread.interrupted(); // clears the interrupt flag, which even an interrupted call leaves
      // set
    }
  }

  /** Interrupts the current call, and refuses further calls. */
  synchronized void stop() {
    stopped = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
