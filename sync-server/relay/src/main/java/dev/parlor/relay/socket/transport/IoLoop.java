package dev.parlor.relay.socket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One platform thread that serves many sockets without blocking on any of them. Each turn of the
 * loop waits for input, reads the input of all sockets, and runs the resulting steps. So messages
 * that arrive together are handled together. A message costs at most one wake-up of a thread; with
 * a thread for each socket it would cost several.
 */
final class IoLoop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(IoLoop.class);

  private static final int READ_BYTES = 64 << 10;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** The handler of one socket; called on the loop's thread only. */
  interface Handler {

    /** The socket has input, or its input has ended. */
    void readable();

    /** The socket accepts bytes again; {@code OP_WRITE} is off already. */
    void writable();

    /** Closes the socket at once, after a defect of the server. */
    void kill();

    /** Runs the timed checks; called several times between two pings. */
    void checkTimeouts();
  }

  /** A task for a time on the clock {@code System.nanoTime}. */
  private record Timed(long atNanos, Runnable task) implements Comparable<Timed> {
    @Override
    public int compareTo(Timed other) {
      return Long.compare(atNanos - other.atNanos, 0);
    }
  }

  private final int number;
  private final Selector selector;
  private final Thread thread;
  private final long timeoutCheckMillis;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(READ_BYTES);
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Runnable> afterInput = new ArrayDeque<>();
  private final PriorityQueue<Timed> timed = new PriorityQueue<>();
  private long checkedAt = System.nanoTime();
  private volatile boolean open = true;

  /**
   * Creates a loop that serves no sockets until it is started.
   *
   * @param timeoutCheckMillis the time between two timed checks of a socket
   */
  IoLoop(int number, long timeoutCheckMillis) throws IOException {
    this.number = number;
    this.selector = Selector.open();
    this.timeoutCheckMillis = timeoutCheckMillis;
    this.thread = Thread.ofPlatform().daemon().name("sockets-" + number).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Runs a task on the loop's thread, in order; from any thread. */
  void execute(Runnable task) {
    tasks.add(task);
    if (!Thread.currentThread().equals(thread)) {
      selector.wakeup();
    }
  }

  /**
   * Runs a step at the end of the turn, after all input that has arrived is read. On the loop's
   * thread.
   */
  void executeAfterInput(Runnable step) {
    afterInput.add(step);
  }

  /** Runs a task after this many nanoseconds. On the loop's thread. */
  void after(long nanos, Runnable task) {
    timed.add(new Timed(System.nanoTime() + nanos, task));
  }

  /** Serves a socket from now on. On the loop's thread. */
  SelectionKey register(SocketChannel channel, Handler handler) throws IOException {
    channel.configureBlocking(false);
    return channel.register(selector, SelectionKey.OP_READ, handler);
  }

  /** The empty buffer into which all sockets of this loop read. On the loop's thread. */
  ByteBuffer buffer() {
    return buffer.clear();
  }

  /**
   * An empty buffer to write from, for callers on the loop's thread; null on other threads. From
   * any thread.
   */
  @Nullable ByteBuffer scratch(int length) {
    return length <= scratch.capacity() && Thread.currentThread().equals(thread)
        ? scratch.clear()
        : null;
  }

  /** The number of this loop among the loops. */
  int number() {
    return number;
  }

  @Override
  public void close() {
    open = false;
    selector.wakeup();
  }

  private void run() {
    try (selector) {
      while (open) {
        try {
          runTurn();
        } catch (RuntimeException | Error e) {
          // No other thread serves these sockets, so the loop continues: the next turn may succeed.
          LOG.error("a turn of the socket loop failed", e);
        }
      }
      finish();
    } catch (IOException e) {
      LOG.error("the selector of the socket loop failed", e);
    } finally {
      open = false;
    }
  }

  /** Runs the tasks that were queued before the end, and closes the sockets that are still open. */
  private void finish() throws IOException {
    runAll(tasks);
    for (var key : selector.keys()) {
      key.channel().close();
    }
  }

  /** Runs one turn: waits for events and handles all of them. */
  private void runTurn() throws IOException {
    var wait = millisUntil(checkedAt + timeoutCheckMillis * NANOS_PER_MILLI);
    if (wait > 0 && tasks.isEmpty()) {
      selector.select(this::ready, wait);
    } else {
      selector.selectNow(this::ready);
    }
    runAll(tasks);
    runTimed();
    runAll(afterInput);
    if (System.nanoTime() - checkedAt >= timeoutCheckMillis * NANOS_PER_MILLI) {
      checkedAt = System.nanoTime();
      for (var key : selector.keys()) {
        if (key.attachment() instanceof Handler handler) {
          runGuarded(handler::checkTimeouts);
        }
      }
    }
  }

  /** Milliseconds until the timed checks or an earlier task; 0 if one of them is due. */
  private long millisUntil(long checkAt) {
    var next = timed.peek();
    var atNanos = next != null && next.atNanos - checkAt < 0 ? next.atNanos : checkAt;
    return Math.ceilDiv(Math.max(0, atNanos - System.nanoTime()), NANOS_PER_MILLI);
  }

  private void runTimed() {
    for (var next = timed.peek();
        next != null && next.atNanos - System.nanoTime() <= 0;
        next = timed.peek()) {
      timed.remove();
      runGuarded(next.task);
    }
  }

  private void ready(SelectionKey key) {
    if (!(key.attachment() instanceof Handler handler) || !key.isValid()) {
      return;
    }
    try {
      if (key.isReadable()) {
        handler.readable();
      }
      if (key.isValid() && key.isWritable()) {
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
        handler.writable();
      }
    } catch (Throwable e) {
      LOG.error("a connection failed", e);
      handler.kill();
    }
  }

  private static void runAll(Queue<Runnable> runnables) {
    for (var next = runnables.poll(); next != null; next = runnables.poll()) {
      runGuarded(next);
    }
  }

  private static void runGuarded(Runnable runnable) {
    try {
      runnable.run();
    } catch (Throwable e) {
      LOG.error("a task of the socket loop failed", e);
    }
  }
}
