package dev.parlor.server.socket;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The port to one socket's outgoing half. Safe from any thread; no method blocks. */
interface SocketWriter {

  /**
   * Gives the socket as many bytes as it takes now.
   *
   * @throws IOException when the socket is gone
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Asks for a call of {@link Outbox#writable} as soon as the socket takes bytes again. */
  void awaitWritable();

  /** Breaks the connection without a word. */
  void kill();
}
