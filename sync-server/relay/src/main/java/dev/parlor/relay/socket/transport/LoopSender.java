package dev.parlor.relay.socket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames on the thread that flushes the outbox: it writes as much as the socket accepts, and
 * continues when the socket is writable again. Guarded by the outbox's lock.
 */
final class LoopSender implements FrameSender {

  /** The output of one socket. Safe from any thread; no method blocks. */
  interface Output {

    /**
     * Writes as many bytes as the socket accepts now.
     *
     * @throws IOException if the socket is closed
     */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * A direct buffer of this length, from which bytes are written without a copy; null if the
     * caller's thread has none. It may be overwritten as soon as the caller has returned.
     */
    @Nullable ByteBuffer scratch(int length);

    /** Requests a call of {@link Outbox#writable} as soon as the socket accepts bytes again. */
    void awaitWritable();

    /** Closes the connection at once, without a close frame. */
    void kill();
  }

  /**
   * Frames are gathered into one write up to this size, in bytes; the parts of larger frames are
   * written separately.
   */
  private static final int GATHER_BYTES_MAX = 64 << 10;

  private final Output output;

  /** The frames that are being written. */
  private final FrameBatch current = new FrameBatch();

  /** The bytes of these frames that are not written yet. */
  private final ArrayDeque<ByteBuffer> unwrittenParts = new ArrayDeque<>(2);

  private boolean blocked;

  LoopSender(Output output) {
    this.output = output;
  }

  @Override
  public boolean send(Outbox outbox, FrameQueue queue) throws IOException {
    while (!blocked) {
      if (!writeParts()) {
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
    unwrittenParts.clear();
  }

  @Override
  public void kill() {
    output.kill();
  }

  /**
   * Writes the current frames.
   *
   * @return whether the socket accepted all of them
   */
  private boolean writeParts() throws IOException {
    while (!unwrittenParts.isEmpty()) {
      var part = unwrittenParts.getFirst();
      output.write(part);
      if (part.hasRemaining()) {
        copyFromScratch(part);
        return false;
      }
      unwrittenParts.removeFirst();
    }
    return true;
  }

  /** Copies a part out of scratch memory, which would be overwritten before the socket takes it. */
  private void copyFromScratch(ByteBuffer part) {
    if (part.isDirect()) {
      unwrittenParts.removeFirst();
      unwrittenParts.addFirst(ByteBuffer.allocate(part.remaining()).put(part).flip());
    }
  }

  private void encode() {
    var length = current.bytesMax();
    if (length > GATHER_BYTES_MAX && current.items().getFirst() instanceof Frames.Message message) {
      // Such a message is too large to copy: many sockets may be sent the same snapshot at the same
      // time.
      var header = ByteBuffer.allocate(Frames.HEADER_BYTES_MAX);
      Frames.putHeader(message, header);
      unwrittenParts.add(header.flip());
      unwrittenParts.add(message.shared().buffer());
      unwrittenParts.add(message.own().buffer());
      return;
    }
    var scratch = output.scratch(length);
    var target = scratch == null ? ByteBuffer.allocate(length) : scratch;
    for (var i = 0; i < current.items().size(); i++) {
      Frames.put(current.items().get(i), target);
    }
    unwrittenParts.add(target.flip());
  }
}
