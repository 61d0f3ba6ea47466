package dev.parlor.relay.socket.transport;

import org.jspecify.annotations.Nullable;

/**
 * Blocking calls of one thread at a time, which another thread can break off by an interrupt. An
 * interrupt closes the channel of the call. It never reaches the thread outside such a call, where
 * it could break a document's step. Safe from any thread.
 */
final class BlockingCalls {

  private @Nullable Thread thread;
  private boolean stopped;

  /** Begins a call on this thread; false if there must be no more calls. */
  synchronized boolean begin() {
    if (stopped) {
      return false;
    }
    thread = Thread.currentThread();
    return true;
  }

  /** Ends the call. */
  synchronized void end() {
    thread = null;
    if (stopped) {
      var _ = Thread.interrupted();
    }
  }

  /** Breaks off the current call, and allows no more. */
  synchronized void stop() {
    stopped = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
