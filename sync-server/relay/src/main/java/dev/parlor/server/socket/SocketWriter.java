package dev.parlor.server.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The port to the output of one socket. Safe from any thread; no method blocks. */
interface SocketWriter {

  /**
   * Writes as many bytes as the socket takes now.
   *
   * @throws IOException when the socket is gone
   */
  void write(ByteBuffer bytes) throws IOException;

  /**
   * Direct memory of this length, to write from at once without a copy; null when the caller's
   * thread has none. It may be overwritten as soon as the caller has returned.
   */
  @Nullable ByteBuffer scratch(int length);

  /** Requests a call of {@link Outbox#writable} as soon as the socket can take bytes again. */
  void awaitWritable();

  /** Breaks the connection without a close frame. */
  void kill();
}
