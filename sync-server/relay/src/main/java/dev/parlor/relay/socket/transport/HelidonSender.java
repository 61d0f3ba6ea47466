package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import io.helidon.common.buffers.BufferData;
import java.nio.ByteBuffer;

/**
 * Sends frames on a virtual thread, since writing blocks while the client does not read. The thread
 * ends when no frames wait. The fields are guarded by the outbox's lock.
 */
final class HelidonSender implements FrameSender {

  /** Frames are gathered into one buffer up to this size, in bytes. */
  private static final int GATHER_BYTES_MAX = 64 << 10;

  /** One write has at most this size, in bytes, so that a slow client shows progress. */
  private static final int WRITE_BYTES_MAX = 16 << 10;

  private final HelidonLink link;
  private boolean running;

  HelidonSender(HelidonLink link) {
    this.link = link;
  }

  @Override
  public boolean send(Outbox outbox, FrameQueue queue) {
    if (!running && queue.frames() > 0) {
      running = true;
      var _ = Thread.ofVirtual().name("socket-writer").start(() -> run(outbox));
    }
    return false;
  }

  /** Nothing to do: the writing thread waits by itself. */
  @Override
  public void writable() {}

  /** Nothing to do: the writing thread finds out that the outbox has stopped. */
  @Override
  public void stop() {}

  @Override
  public void kill() {
    link.kill();
  }

  private void run(Outbox outbox) {
    var batch = new FrameBatch();
    Runnable onEmpty = () -> running = false;
    try {
      while (outbox.next(batch, GATHER_BYTES_MAX, onEmpty)) {
        write(batch);
      }
    } catch (RuntimeException _) {
      outbox.stop();
      link.kill();
    }
    if (outbox.isDone()) {
      link.outputEnded();
    }
  }

  private void write(FrameBatch batch) {
    if (batch.bytesMax() <= GATHER_BYTES_MAX) {
      var target = ByteBuffer.allocate(batch.bytesMax());
      batch.items().forEach(item -> Frames.put(item, target));
      write(target.array(), target.position());
      return;
    }
    // Such a frame is too large to copy: many sockets may be sent the same snapshot at the same
    // time. It is the only frame of its batch.
    var header = ByteBuffer.allocate(Frames.HEADER_BYTES_MAX);
    var item = batch.items().getFirst();
    Frames.putHeader(item, header);
    write(header.array(), header.position());
    switch (item) {
      case Frames.Message(var shared, var own) -> {
        write(shared);
        write(own);
      }
      case Frames.Text(var utf8) -> write(utf8);
      case Frames.Ping _, Frames.Pong _, Frames.Close _ ->
          throw new IllegalStateException("a control frame is short");
    }
  }

  private void write(Bytes bytes) {
    for (var at = 0; at < bytes.length(); at += WRITE_BYTES_MAX) {
      var part = bytes.slice(at, Math.min(WRITE_BYTES_MAX, bytes.length() - at)).toArray();
      link.write(BufferData.create(part));
    }
  }

  private void write(byte[] bytes, int length) {
    for (var at = 0; at < length; at += WRITE_BYTES_MAX) {
      link.write(BufferData.create(bytes, at, Math.min(WRITE_BYTES_MAX, length - at)));
    }
  }
}
