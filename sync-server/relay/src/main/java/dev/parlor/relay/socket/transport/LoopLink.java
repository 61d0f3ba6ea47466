package dev.parlor.relay.socket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One socket on an {@link IoLoop}, whose thread is the socket's thread. */
final class LoopLink implements SocketLink, IoLoop.Handler, LoopSender.Output {

  /** The maximum number of bytes that one system call writes to a socket. */
  private static final int WRITE_BYTES_MAX = 64 << 10;

  private final IoLoop loop;
  private final SocketChannel channel;
  private final SocketSettings settings;
  private final WebSocket socket;

  /** Set while the loop serves the channel. */
  private @Nullable SelectionKey key;

  /** Input that had arrived before reading was paused. */
  private @Nullable ByteBuffer unread;

  LoopLink(
      IoLoop loop,
      SocketChannel channel,
      SocketSettings settings,
      WebSocketEndpoint.Admission admission) {
    this.loop = loop;
    this.channel = channel;
    this.settings = settings;
    this.socket = new WebSocket(this, new LoopSender(this), settings, admission);
  }

  /**
   * Starts serving; {@code leftOver} holds the bytes that came directly after the upgrade request.
   */
  void open(@Nullable ByteBuffer leftOver) {
    try {
      key = loop.register(channel, this);
    } catch (IOException _) {
      socket.finish(WebSocket.ABNORMAL_CLOSURE);
      return;
    }
    socket.open();
    if (leftOver != null) {
      received(leftOver);
    }
  }

  private void received(ByteBuffer in) {
    socket.received(in);
    if (socket.isPaused() && socket.readsFrames() && in.hasRemaining()) {
      unread = ByteBuffer.allocate(in.remaining()).put(in).flip();
    }
  }

  private void watchReadable(boolean watch) {
    var registered = Objects.requireNonNull(key);
    if (watch) {
      registered.interestOpsOr(SelectionKey.OP_READ);
    } else {
      registered.interestOpsAnd(~SelectionKey.OP_READ);
    }
  }

  private void watchWritable() {
    if (!socket.isEnded()) {
      Objects.requireNonNull(key).interestOpsOr(SelectionKey.OP_WRITE);
    }
  }

  // Events of the loop.

  @Override
  public void readable() {
    var buffer = loop.buffer();
    int count;
    try {
      count = channel.read(buffer);
    } catch (IOException _) {
      count = -1;
    }
    if (count < 0) {
      socket.finish(WebSocket.ABNORMAL_CLOSURE);
      return;
    }
    received(buffer.flip());
  }

  @Override
  public void writable() {
    socket.outputAccepted();
    socket.outbox().writable();
    socket.finishIfClosed();
  }

  @Override
  public void checkTimeouts() {
    socket.checkTimeouts(settings.now());
  }

  // Output, from any thread.

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      // For a heap buffer, the system call copies all bytes before it finds out how many the
      // socket accepts.
      var end = bytes.limit();
      var sliceEnd = Math.min(end, bytes.position() + WRITE_BYTES_MAX);
      bytes.limit(sliceEnd);
      channel.write(bytes);
      var tookAll = bytes.position() == sliceEnd;
      bytes.limit(end);
      if (!tookAll) {
        return;
      }
    }
  }

  @Override
  public @Nullable ByteBuffer scratch(int length) {
    return loop.scratch(length);
  }

  @Override
  public void awaitWritable() {
    loop.execute(this::watchWritable);
  }

  @Override
  public void kill() {
    socket.kill();
  }

  // For the socket.

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void executeAfterInput(Runnable step) {
    loop.executeAfterInput(step);
  }

  @Override
  public void after(long nanos, Runnable task) {
    loop.after(nanos, task);
  }

  @Override
  public void pauseReading() {
    watchReadable(false);
  }

  @Override
  public void resumeReading() {
    var unreadInput = unread;
    unread = null;
    if (unreadInput != null) {
      received(unreadInput);
    }
    if (!socket.isPaused() && !socket.isEnded()) {
      watchReadable(true);
    }
  }

  @Override
  public long unreadBytes() {
    var unreadInput = unread;
    return unreadInput == null ? 0 : unreadInput.remaining();
  }

  @Override
  public void discardUnread() {
    unread = null;
  }

  @Override
  public int threadNumber() {
    return loop.number();
  }

  @Override
  public void close() {
    if (key != null) {
      key.cancel();
    }
    try {
      channel.close();
    } catch (IOException _) {
      // The channel was closed already.
    }
  }
}
