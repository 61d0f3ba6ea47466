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

  /** Signalled when reading resumes after a pause, and when the socket ends. */
  private final Condition resumedOrEnded = lock.newCondition();

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>(1);
  private @Nullable ByteBuffer unread;
  private volatile long checkedAt;

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
      runLocked(socket::open);
      if (leftOver != null) {
        receive(leftOver);
      }
      for (var input = read(); input != null; input = read()) {
        receive(ByteBuffer.wrap(input));
      }
    } finally {
      runLocked(() -> socket.finish(WebSocket.ABNORMAL_CLOSURE));
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

  /** Handles input; returns when all input is read and reading is not paused. */
  private void receive(ByteBuffer in) {
    lock.lock();
    try {
      unread = in;
      do {
        runGuarded(() -> socket.received(in));
        runTasks();
        runStepsUnlocked();
        while (socket.isPaused() && !socket.isEnded()) {
          resumedOrEnded.awaitUninterruptibly();
        }
      } while (in.hasRemaining() && socket.readsFrames());
      unread = null;
    } finally {
      lock.unlock();
    }
  }

  /** Runs a task with the lock held, so that the caller is the socket's thread meanwhile. */
  private void runLocked(Runnable task) {
    lock.lock();
    try {
      runGuarded(task);
      runTasks();
      runStepsUnlocked();
    } finally {
      lock.unlock();
    }
  }

  private void runTasks() {
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      runGuarded(task);
    }
  }

  /**
   * Runs the documents' steps without the lock. A step does not belong to this socket, so tasks of
   * the socket need not wait for it.
   */
  private void runStepsUnlocked() {
    for (var step = steps.poll(); step != null; step = steps.poll()) {
      lock.unlock();
      try {
        runGuarded(step);
      } finally {
        lock.lock();
      }
    }
  }

  /** Runs a task; if it throws an exception, the connection is closed. */
  private void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOG.error("a connection failed", e);
      kill();
    }
  }

  /** Runs the timed checks, unless the socket is busy. */
  void checkTimeouts(long now) {
    checkedAt = now;
    if (lock.tryLock()) {
      try {
        runGuarded(() -> socket.checkTimeouts(now));
        if (!steps.isEmpty() || !tasks.isEmpty()) {
          execute(() -> {});
        }
      } finally {
        lock.unlock();
      }
    }
  }

  // For the sender, on its thread.

  /** Writes bytes, and blocks until the socket has accepted them. */
  void write(BufferData bytes) {
    if (!writes.begin()) {
      throw new IllegalStateException("the socket has ended");
    }
    try {
      var checkedBefore = checkedAt;
      context.dataWriter().writeNow(bytes);
      if (checkedAt != checkedBefore) {
        // A timed check ran during the write, so the write had to wait for the client.
        socket.outputAccepted();
      }
    } finally {
      writes.end();
    }
  }

  /** Called when the close frame is written, or when nothing will be written any more. */
  void outputEnded() {
    execute(socket::finishIfClosed);
  }

  /** Closes the socket at once; from any thread. */
  void kill() {
    socket.kill();
  }

  // For the socket.

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    var _ = Thread.ofVirtual().name("socket-task").start(() -> runLocked(() -> {}));
  }

  @Override
  public void executeAfterInput(Runnable step) {
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
    resumedOrEnded.signalAll();
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
    return -1;
  }

  /** The reading thread returns to Helidon, which closes the channel. */
  @Override
  public void close() {
    resumedOrEnded.signalAll();
    reads.stop();
    writes.stop();
  }
}
