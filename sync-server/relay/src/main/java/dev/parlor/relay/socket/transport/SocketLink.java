package dev.parlor.relay.socket.transport;

/** What a {@link WebSocket} needs of its transport. On the socket's thread unless noted. */
interface SocketLink {

  /** Runs a task on the socket's thread, in order; from any thread. */
  void execute(Runnable task);

  /** Runs a step after all input that has arrived is read. */
  void later(Runnable step);

  /** Runs a task on the socket's thread after this many nanoseconds. */
  void after(long nanos, Runnable task);

  /** Reads nothing from the socket until {@link #resumeReading}. */
  void pauseReading();

  /** Reads on; input that had arrived before the pause comes first. */
  void resumeReading();

  /** The number of bytes that were taken off the socket and not read yet. */
  long unreadBytes();

  /** Discards these bytes. */
  void discardUnread();

  /** Sockets with the same number share a thread; negative when the socket has its own. */
  int lane();

  /** Releases the socket, at once; nothing is read or written any more. */
  void close();
}
