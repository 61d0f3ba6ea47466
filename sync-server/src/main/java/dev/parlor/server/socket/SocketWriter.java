package dev.parlor.server.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The port to one socket's outgoing half. Safe from any thread; no method blocks. */
interface SocketWriter {

  /**
   * Gives the socket as many bytes as it takes now.
   *
   * @throws IOException when the socket is gone
   */
  void write(ByteBuffer bytes) throws IOException;

  /**
   * Memory of the system's for so many bytes, to write from at once without a copy; null when there
   * is none for the caller. It is overwritten as soon as the caller has returned.
   */
  @Nullable ByteBuffer scratch(int length);

  /** Asks for a call of {@link Outbox#writable} as soon as the socket takes bytes again. */
  void awaitWritable();

  /** Breaks the connection without a word. */
  void kill();
}
