package dev.parlor.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of server-sent events: a bounded queue that any thread fills, and the
 * request's own virtual thread that writes it out.
 *
 * <p>A client that does not keep up is dropped as soon as its queue is full: the writing thread is
 * interrupted, which closes the socket it hangs on. The client comes back with Last-Event-ID and
 * misses nothing. A quiet stream gets a comment now and then, so that both ends notice when the
 * other is gone.
 */
final class EventStream {

  /** One event; {@code data} is JSON on one line. */
  record Event(String id, String name, String data) {}

  private final int queueMax;
  private final int heartbeatSeconds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final ArrayDeque<Event> queue = new ArrayDeque<>();
  private boolean ended;
  private @Nullable Thread writer;

  EventStream(int queueMax, int heartbeatSeconds) {
    this.queueMax = queueMax;
    this.heartbeatSeconds = heartbeatSeconds;
  }

  /** Queues an event; false when the stream has ended, or ends now because it is too slow. */
  boolean offer(Event event) {
    lock.lock();
    try {
      if (ended) {
        return false;
      }
      if (queue.size() >= queueMax) {
        ended = true;
        queue.clear();
        filled.signal();
        var slow = writer;
        if (slow != null) {
          slow.interrupt();
        }
        return false;
      }
      queue.add(event);
      filled.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream after what is queued. */
  void end() {
    lock.lock();
    try {
      ended = true;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Writes until the stream ends, the client is gone or the thread is interrupted. */
  void run(OutputStream out) throws IOException, InterruptedException {
    lock.lock();
    try {
      writer = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    try {
      write(out, "retry: 1000\n: open\n\n");
      out.flush();
      while (true) {
        var next = next();
        if (next.isPresent()) {
          write(out, format(next.get()));
          if (isQuiet()) {
            out.flush();
          }
        } else if (hasEnded()) {
          out.flush();
          return;
        } else {
          write(out, ": still here\n\n");
          out.flush();
        }
      }
    } finally {
      lock.lock();
      try {
        writer = null;
        ended = true;
      } finally {
        lock.unlock();
      }
    }
  }

  /** The next event, or empty when the stream ended or was quiet for a heartbeat. */
  private Optional<Event> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var nanos = TimeUnit.SECONDS.toNanos(heartbeatSeconds);
      while (queue.isEmpty() && !ended && nanos > 0) {
        nanos = filled.awaitNanos(nanos);
      }
      return Optional.ofNullable(queue.poll());
    } finally {
      lock.unlock();
    }
  }

  private boolean isQuiet() {
    lock.lock();
    try {
      return queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private boolean hasEnded() {
    lock.lock();
    try {
      return ended && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  static String format(Event event) {
    return "id: " + event.id() + "\nevent: " + event.name() + "\ndata: " + event.data() + "\n\n";
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
