package dev.parlor.relay.socket.transport;

/**
 * The transport of one {@link WebSocket}. All methods are called on the socket's thread, unless
 * noted.
 */
interface SocketLink {

  /** Runs a task on the socket's thread, in order; from any thread. */
  void execute(Runnable task);

  /** Runs a step after the socket's thread has read all input that has arrived. */
  void executeAfterInput(Runnable step);

  /** Runs a task on the socket's thread after this many nanoseconds. */
  void after(long nanos, Runnable task);

  /** Reads nothing from the socket until {@link #resumeReading}. */
  void pauseReading();

  /** Resumes reading, first the input that had arrived before the pause. */
  void resumeReading();

  /** The number of bytes that have arrived and that the {@link WebSocket} has not read yet. */
  long unreadBytes();

  /** Discards the bytes that {@link #unreadBytes} counts. */
  void discardUnread();

  /**
   * The number of the thread that this socket shares with others; negative if the socket has a
   * thread of its own.
   */
  int threadNumber();

  /** Releases the socket at once. Nothing is read or written after this. */
  void close();
}
