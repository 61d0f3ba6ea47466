package dev.parlor.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one client's server-sent events, on the request's own virtual thread, from a queue that
 * the room fills and bounds.
 *
 * <p>A quiet stream gets a comment now and then, so that both ends notice when the other is gone. A
 * client that takes nothing for so long that a single write hangs is dropped: {@link
 * #interruptIfStuck} wakes the thread, which closes the socket. It comes back with Last-Event-ID
 * and misses nothing.
 */
final class SseWriter {

  /**
   * One event; {@code data} is JSON on one line; an empty id leaves the client's last one. Without
   * a name it is no event for the client's program, and only sets the client's last id.
   */
  record Event(String id, String name, String data) {}

  /** Where the events come from; read by one thread. */
  interface Source {
    /** The next event, or empty when none came in that time or the source has ended. */
    Optional<Event> next(long waitMillis) throws InterruptedException;

    /** Whether nothing will come any more. */
    boolean ended();
  }

  private final Source source;
  private final long heartbeatMillis;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private @Nullable Thread running;
  private boolean stopped;
  private @Nullable Thread writing;
  private long writingSince;

  SseWriter(Source source, int heartbeatSeconds, LongSupplier nanoTime) {
    this.source = source;
    this.heartbeatMillis = TimeUnit.SECONDS.toMillis(heartbeatSeconds);
    this.nanoTime = nanoTime;
  }

  /** Writes until the source ends, the client is gone or the stream is told to stop. */
  void run(OutputStream out) throws IOException, InterruptedException {
    synchronized (lock) {
      if (stopped) {
        return;
      }
      running = Thread.currentThread();
    }
    try {
      writeAll(out);
    } finally {
      synchronized (lock) {
        running = null;
        // An interrupt that came too late is not for whatever this thread does next.
        var _ = Thread.interrupted();
      }
    }
  }

  /** Ends the stream now; from any thread, also before it runs. */
  void stop() {
    synchronized (lock) {
      stopped = true;
      if (running != null) {
        running.interrupt();
      }
    }
  }

  private void writeAll(OutputStream out) throws IOException, InterruptedException {
    // The first id goes out in the first write: a client that has no id cannot come back with one.
    var text = new StringBuilder("retry: 1000\n: open\n\n");
    var next = source.next(0);
    while (true) {
      for (; next.isPresent(); next = source.next(0)) {
        append(next.get(), text);
        if (text.length() > FLUSH_LENGTH) {
          break;
        }
      }
      write(out, text.toString());
      text.setLength(0);
      next = source.next(heartbeatMillis);
      if (next.isEmpty()) {
        if (source.ended()) {
          return;
        }
        text.append(": still here\n\n");
      }
    }
  }

  /** Characters gathered into one write while events wait. */
  private static final int FLUSH_LENGTH = 16 << 10;

  /** Interrupts the writer when one write has been hanging for longer than {@code nanosMax}. */
  void interruptIfStuck(long nanosMax) {
    synchronized (lock) {
      if (writing != null && nanoTime.getAsLong() - writingSince > nanosMax) {
        writing.interrupt();
      }
    }
  }

  static void append(Event event, StringBuilder out) {
    if (!event.id().isEmpty()) {
      out.append("id: ").append(event.id()).append('\n');
    }
    if (!event.name().isEmpty()) {
      out.append("event: ").append(event.name()).append('\n');
      out.append("data: ").append(event.data()).append('\n');
    }
    out.append('\n');
  }

  private void write(OutputStream out, String text) throws IOException {
    synchronized (lock) {
      writing = Thread.currentThread();
      writingSince = nanoTime.getAsLong();
    }
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } finally {
      synchronized (lock) {
        writing = null;
      }
    }
  }
}
