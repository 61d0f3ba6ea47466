package dev.parlor.relay.socket.transport;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket on Helidon's virtual thread of its connection. The socket's thread is the thread that
 * holds {@link #lock}: the reading thread while it handles input, or a virtual thread for tasks of
 * other threads.
 */
final class HelidonLink implements SocketLink {

  private static final Logger LOG = LoggerFactory.getLogger(HelidonLink.class);

  private final HelidonServer server;
  private final ConnectionContext context;
  private final WebSocket socket;
  private final BlockingCalls reads = new BlockingCalls();
  private final BlockingCalls writes = new BlockingCalls();
  private final ReentrantLock lock = new ReentrantLock();

  /** The end of a pause, or of the socket. */
  private final Condition flows = lock.newCondition();

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>(1);
  private @Nullable ByteBuffer unread;
  private volatile long pulsedAt;

  HelidonLink(
      HelidonServer server,
      ConnectionContext context,
      SocketSettings settings,
      WebSocketEndpoint.Admission admission) {
    this.server = server;
    this.context = context;
    this.socket = new WebSocket(this, new HelidonSender(this), settings, admission);
  }

  /** Serves the socket until it ends; on Helidon's thread. */
  void serve(@Nullable ByteBuffer leftOver) {
    try {
      locked(socket::open);
      if (leftOver != null) {
        receive(leftOver);
      }
      for (var input = read(); input != null; input = read()) {
        receive(ByteBuffer.wrap(input));
      }
    } finally {
      locked(() -> socket.finish(WebSocket.VANISHED));
    }
  }

  /** Blocks until there is input; null when the socket has ended. */
  private byte @Nullable [] read() {
    if (!reads.begin()) {
      return null;
    }
    try {
      var reader = context.dataReader();
      reader.ensureAvailable();
      return reader.readBytes(reader.available());
    } catch (RuntimeException _) {
      return null;
    } finally {
      reads.end();
    }
  }

  /** Handles input; returns when all of it is read and the reading is not paused. */
  private void receive(ByteBuffer in) {
    lock.lock();
    try {
      unread = in;
      do {
        guarded(() -> socket.received(in));
        runTasks();
        runStepsUnlocked();
        while (socket.isPaused() && !socket.isEnded()) {
          flows.awaitUninterruptibly();
        }
      } while (in.hasRemaining() && socket.readsFrames());
      unread = null;
    } finally {
      lock.unlock();
    }
  }

  /** Runs a task on the socket's thread, which the caller's thread is meanwhile. */
  private void locked(Runnable task) {
    lock.lock();
    try {
      guarded(task);
      runTasks();
      runStepsUnlocked();
    } finally {
      lock.unlock();
    }
  }

  private void runTasks() {
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      guarded(task);
    }
  }

  /**
   * Runs the documents' steps. They do not belong to this socket, so others need not wait for its
   * lock meanwhile.
   */
  private void runStepsUnlocked() {
    for (var step = steps.poll(); step != null; step = steps.poll()) {
      lock.unlock();
      try {
        guarded(step);
      } finally {
        lock.lock();
      }
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOG.error("a connection failed", e);
      kill();
    }
  }

  /** The timed checks; a socket that is busy is left out. */
  void pulse(long now) {
    pulsedAt = now;
    if (lock.tryLock()) {
      try {
        guarded(() -> socket.pulse(now));
        if (!steps.isEmpty() || !tasks.isEmpty()) {
          execute(() -> {});
        }
      } finally {
        lock.unlock();
      }
    }
  }

  // For the sender, on its thread.

  /** Writes bytes, and blocks until the socket has taken them. */
  void write(BufferData bytes) {
    if (!writes.begin()) {
      throw new IllegalStateException("the socket has ended");
    }
    try {
      var before = pulsedAt;
      context.dataWriter().writeNow(bytes);
      if (pulsedAt != before) {
        // The write had to wait for the client.
        socket.tookBytes();
      }
    } finally {
      writes.end();
    }
  }

  /** The close frame is written, or nothing will be written any more. */
  void sentAll() {
    execute(socket::finishIfClosed);
  }

  /** Breaks the socket; from any thread. */
  void kill() {
    socket.kill();
  }

  // For the socket.

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    var _ = Thread.ofVirtual().name("socket-task").start(() -> locked(() -> {}));
  }

  @Override
  public void later(Runnable step) {
    steps.add(step);
  }

  @Override
  public void after(long nanos, Runnable task) {
    server.after(nanos, () -> execute(task));
  }

  /** The reading thread waits after the current frame. */
  @Override
  public void pauseReading() {}

  @Override
  public void resumeReading() {
    flows.signalAll();
  }

  @Override
  public long unreadBytes() {
    var rest = unread;
    return rest == null ? 0 : rest.remaining();
  }

  @Override
  public void discardUnread() {
    unread = null;
  }

  @Override
  public int lane() {
    return -1;
  }

  /** The reading thread returns to Helidon, which closes the channel. */
  @Override
  public void close() {
    flows.signalAll();
    reads.stop();
    writes.stop();
  }
}
