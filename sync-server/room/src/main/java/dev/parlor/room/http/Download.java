package dev.parlor.room.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A response whose body is written piece by piece, so that it need not fit into memory. Runs on the
 * virtual thread of its request.
 *
 * @param head status, type and headers; its body is not sent
 * @param length bytes of the body
 * @param body writes exactly this many bytes; a failure ends the connection, so that no client
 *     takes the part that it has for the whole
 */
record Download(Reply head, long length, Body body) {

  /** Writes a body. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** A response that is in memory. */
  static Download of(Reply reply) {
    return new Download(reply, reply.body().length(), reply.body()::writeTo);
  }
}
