package dev.parlor.room.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one client's server-sent events. It runs on the request's virtual thread and reads from a
 * queue that the room fills and bounds.
 *
 * <p>An idle stream gets a comment at every heartbeat, so that both ends detect a lost connection.
 * If a client does not read and one write blocks too long, {@link #interruptIfStuck} interrupts the
 * thread, which closes the socket. The client reconnects with Last-Event-ID and gets all later
 * events that the room still has.
 */
final class SseWriter {

  /**
   * One event. An event without a name only sets the client's last event id; the browser does not
   * deliver it to the page.
   *
   * @param id the event id; empty to keep the client's last event id
   * @param data JSON on one line
   */
  record Event(String id, String name, String data) {}

  /** The source of the events; read by one thread. */
  interface Source {
    /** The next event; empty if none came within {@code waitMillis} or the source has ended. */
    Optional<Event> next(long waitMillis) throws InterruptedException;

    /** Whether the source has ended. */
    boolean hasEnded();
  }

  private final Source source;
  private final long heartbeatMillis;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private @Nullable Thread runningThread;
  private boolean stopped;
  private @Nullable Thread writingThread;
  private long writeStartNanos;

  SseWriter(Source source, int heartbeatSeconds, LongSupplier nanoTime) {
    this.source = source;
    this.heartbeatMillis = TimeUnit.SECONDS.toMillis(heartbeatSeconds);
    this.nanoTime = nanoTime;
  }

  /** Writes until the source ends, the client disconnects, or {@link #stop} is called. */
  void run(OutputStream out) throws IOException, InterruptedException {
    synchronized (lock) {
      if (stopped) {
        return;
      }
      runningThread = Thread.currentThread();
    }
    try {
      writeAll(out);
    } finally {
      synchronized (lock) {
        runningThread = null;
        // Clear a late interrupt, so that it does not affect the thread's next work.
        var _ = Thread.interrupted();
      }
    }
  }

  /** Ends the stream at once. May be called from any thread, also before {@link #run}. */
  void stop() {
    synchronized (lock) {
      stopped = true;
      if (runningThread != null) {
        runningThread.interrupt();
      }
    }
  }

  private void writeAll(OutputStream out) throws IOException, InterruptedException {
    // The first write contains the first event id: without an id a client cannot resume the stream.
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
        if (source.hasEnded()) {
          return;
        }
        text.append(": still here\n\n");
      }
    }
  }

  /** Characters of collected events above which no further event is added to the same write. */
  private static final int FLUSH_LENGTH = 16 << 10;

  /** Interrupts the writer if one write has been blocked for longer than {@code nanosMax}. */
  void interruptIfStuck(long nanosMax) {
    synchronized (lock) {
      if (writingThread != null && nanoTime.getAsLong() - writeStartNanos > nanosMax) {
        writingThread.interrupt();
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
      writingThread = Thread.currentThread();
      writeStartNanos = nanoTime.getAsLong();
    }
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } finally {
      synchronized (lock) {
        writingThread = null;
      }
    }
  }
}
