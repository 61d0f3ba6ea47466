package dev.parlor.relay.socket.transport;

import java.io.IOException;

/** Sends the frames of one outbox, which calls it with its lock held. No method blocks. */
interface FrameSender {

  /**
   * Starts to send the queued frames.
   *
   * @param outbox the owner of the queue, for a sender that continues without its lock
   * @return whether the close frame has been sent
   * @throws IOException if the socket is closed
   */
  boolean send(Outbox outbox, FrameQueue queue) throws IOException;

  /** Called when the socket accepts bytes again. */
  void writable();

  /** Discards the frames that are being sent. */
  void stop();

  /** Closes the socket at once, without a close frame. */
  void kill();
}
