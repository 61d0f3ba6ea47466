package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.relay.CloseCodes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one socket is still to be sent, and the virtual thread that sends it: the only
 * writer of that socket. Offering never blocks. A queue that grows above its limit ends the session
 * with 1013: sync is an ordered stream, so nothing is ever taken out of its middle. Ephemeral
 * messages may be [EP6].
 */
final class Outbox {

  /** From so many waiting frames on, a newer ephemeral message of an author replaces the older. */
  static final int PRESSURE_FRAMES = 64;

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final SocketWriter writer;
  private final Limits.Outbox limits;
  private final Metrics metrics;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();

  /** Null where a waiting ephemeral message was dropped. */
  private List<SocketWriter.@Nullable Item> waiting = new ArrayList<>(4);

  /** Where in {@link #waiting} an author's newest ephemeral message stands. */
  private final Map<PeerId, Integer> ephemerals = new HashMap<>();

  private int frames;
  private long bytes;
  private boolean closing;
  private boolean stopped;
  private volatile int closeCode;

  Outbox(SocketWriter writer, String name, Limits.Outbox limits, Metrics metrics) {
    this.writer = writer;
    this.limits = limits;
    this.metrics = metrics;
    this.thread = Thread.ofVirtual().name("outbox-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Queues a message; false when the session is closing, which a full queue makes it. */
  boolean offer(Bytes shared, Bytes own) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      var message = new SocketWriter.Message(shared, own);
      if (frames >= limits.framesMax()
          || (frames > 0 && bytes + message.length() > limits.bytesMax())) {
        overflow();
        return false;
      }
      add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Queues a message that may be left out; false when the session is closing. */
  boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      if (frames >= PRESSURE_FRAMES) {
        @Nullable Integer older = ephemerals.get(author);
        if (older != null) {
          drop(older);
        } else if (frames >= limits.framesMax() / 2 || bytes >= limits.bytesMax() / 2) {
          return true;
        }
      }
      ephemerals.put(author, waiting.size());
      add(new SocketWriter.Message(shared, own));
      return true;
    } finally {
      lock.unlock();
    }
  }

  void ping() {
    control(new SocketWriter.Ping());
  }

  void pong(Bytes payload) {
    control(new SocketWriter.Pong(payload));
  }

  /** Sends what waits, then the last message when there is one, then closes. Only once. */
  void close(int code, String reason, @Nullable Bytes lastMessage) {
    lock.lock();
    try {
      if (closing) {
        return;
      }
      if (lastMessage != null) {
        add(new SocketWriter.Message(lastMessage, Bytes.EMPTY));
      }
      end(code, reason);
    } finally {
      lock.unlock();
    }
  }

  /** The code that the session ends with, or 0 while it goes on. */
  int closeCode() {
    return closeCode;
  }

  /**
   * Ends the thread without sending more and waits for it: after this returns, nobody but the
   * caller writes to the socket. Not called by the outbox's own thread.
   */
  void stop() {
    lock.lock();
    try {
      closing = true;
      stopped = true;
      discard();
      filled.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        // Stuck in a write to a peer that does not read: interrupting closes the socket.
        thread.interrupt();
        thread.join(PATIENCE);
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /** Frames that wait; for tests. */
  int depth() {
    lock.lock();
    try {
      return frames;
    } finally {
      lock.unlock();
    }
  }

  private void control(SocketWriter.Item item) {
    lock.lock();
    try {
      if (!closing && frames < limits.framesMax()) {
        add(item);
      }
    } finally {
      lock.unlock();
    }
  }

  private void overflow() {
    metrics.outboxOverflowed();
    discard();
    end(CloseCodes.OVERLOAD, "this client takes its messages too slowly");
  }

  private void end(int code, String reason) {
    add(new SocketWriter.Close(code, reason));
    closing = true;
    closeCode = code;
  }

  private void add(SocketWriter.Item item) {
    waiting.add(item);
    frames++;
    bytes += item.length();
    if (waiting.size() == 1) {
      filled.signal();
    }
  }

  private void drop(int index) {
    var item = waiting.set(index, null);
    if (item != null) {
      frames--;
      bytes -= item.length();
      metrics.ephemeralDropped("slow");
    }
  }

  private void discard() {
    for (var item : waiting) {
      if (item != null) {
        frames--;
        bytes -= item.length();
      }
    }
    waiting.clear();
    ephemerals.clear();
  }

  private void run() {
    var batch = new ArrayList<SocketWriter.Item>(4);
    try {
      while (take(batch)) {
        writer.write(batch);
        sent(batch);
        if (batch.getLast() instanceof SocketWriter.Close) {
          return;
        }
        batch.clear();
      }
    } catch (InterruptedException | RuntimeException _) {
      // The socket is gone or being torn down; the pulse finds its reader dead and cleans up.
      writer.kill();
    } finally {
      end();
    }
  }

  /** Waits for something to send; false when stopped. */
  private boolean take(List<SocketWriter.Item> batch) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !stopped) {
        filled.await();
      }
      for (var item : waiting) {
        if (item != null) {
          batch.add(item);
        }
      }
      waiting.clear();
      ephemerals.clear();
      return !stopped && !batch.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void sent(List<SocketWriter.Item> batch) {
    var total = 0;
    for (var item : batch) {
      total += item.length();
    }
    metrics.frameOut(total);
    lock.lock();
    try {
      frames -= batch.size();
      bytes -= total;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      closing = true;
      stopped = true;
      discard();
      frames = 0;
      bytes = 0;
    } finally {
      lock.unlock();
    }
  }
}
