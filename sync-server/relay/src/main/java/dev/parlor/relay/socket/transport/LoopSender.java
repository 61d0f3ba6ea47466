package dev.parlor.relay.socket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames on the thread that flushes the outbox: it writes as much as the socket takes, and
 * the rest when the socket is writable again. Guarded by the outbox's lock.
 */
final class LoopSender implements FrameSender {

  /** The output of one socket. Safe from any thread; no method blocks. */
  interface Output {

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

  /**
   * Frames are gathered into one write up to this size, in bytes; the parts of larger frames are
   * written separately.
   */
  private static final int GATHER_BYTES_MAX = 64 << 10;

  private final Output output;

  /** Frames that are being written, and their bytes that are not written yet. */
  private final FrameBatch current = new FrameBatch();

  private final ArrayDeque<ByteBuffer> parts = new ArrayDeque<>(2);
  private boolean blocked;

  LoopSender(Output output) {
    this.output = output;
  }

  @Override
  public boolean send(Outbox outbox, FrameQueue queue) throws IOException {
    while (!blocked) {
      if (!written()) {
        blocked = true;
        output.awaitWritable();
        return false;
      }
      var closed = current.closes();
      queue.sent(current);
      if (closed) {
        return true;
      }
      if (!queue.take(current, GATHER_BYTES_MAX)) {
        return false;
      }
      encode();
    }
    return false;
  }

  @Override
  public void writable() {
    blocked = false;
  }

  @Override
  public void stop() {
    current.clear();
    parts.clear();
  }

  @Override
  public void kill() {
    output.kill();
  }

  /**
   * Writes the current frames.
   *
   * @return whether the socket took all of them
   */
  private boolean written() throws IOException {
    while (!parts.isEmpty()) {
      var part = parts.getFirst();
      output.write(part);
      if (part.hasRemaining()) {
        keep(part);
        return false;
      }
      parts.removeFirst();
    }
    return true;
  }

  /** Copies a part out of scratch memory, which would be overwritten before the socket takes it. */
  private void keep(ByteBuffer part) {
    if (part.isDirect()) {
      parts.removeFirst();
      parts.addFirst(ByteBuffer.allocate(part.remaining()).put(part).flip());
    }
  }

  private void encode() {
    var length = current.bytesMax();
    if (length > GATHER_BYTES_MAX && current.items().getFirst() instanceof Frames.Message message) {
      // Such a message is too large to copy: many sockets may be sent the same snapshot at the same
      // time.
      var header = ByteBuffer.allocate(Frames.HEADER_BYTES_MAX);
      Frames.putHeader(message, header);
      parts.add(header.flip());
      parts.add(message.shared().buffer());
      parts.add(message.own().buffer());
      return;
    }
    var scratch = output.scratch(length);
    var target = scratch == null ? ByteBuffer.allocate(length) : scratch;
    for (var i = 0; i < current.items().size(); i++) {
      Frames.put(current.items().get(i), target);
    }
    parts.add(target.flip());
  }
}
