package dev.parlor.room.http;

import dev.parlor.room.limits.FixedServiceLimits;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams a backup of all data to a program on this machine. It runs on the request's virtual
 * thread. A backup has the secrets of all rooms, so it always needs the admin token.
 */
final class BackupApi {
  private static final Logger log = LoggerFactory.getLogger(BackupApi.class);

  static final String PATH = AdminApi.PATH + "backup";

  private static final long WRITE_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedServiceLimits.BACKUP_WRITE_SECONDS_MAX);

  private final Consumer<HttpCall> authorization;
  private final Optional<Administration.Backups> backups;
  private final LongSupplier nanoTime;

  /**
   * @param authorization throws a problem if the call may not make a backup
   * @param nanoTime a monotonic clock for the time of one write
   */
  BackupApi(
      Consumer<HttpCall> authorization,
      Optional<Administration.Backups> backups,
      LongSupplier nanoTime) {
    this.authorization = authorization;
    this.backups = backups;
    this.nanoTime = nanoTime;
  }

  /** Streams a backup. Its end shows the client that it is complete. */
  void open(HttpCall call, ServerResponse response) {
    authorization.accept(call);
    log.info("a program on this machine requested a backup");
    try (var backup = begin()) {
      response.status(200);
      response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
      response.header(HeaderNames.CACHE_CONTROL, "no-store");
      stream(backup, response);
    }
  }

  private Administration.Backup begin() {
    try {
      return backups
          .orElseThrow(
              () ->
                  ProblemDetail.of(
                          409,
                          "in-cluster",
                          "the data is in a cluster; ./parlor cluster export writes its backup")
                      .thrown())
          .begin()
          .orElseThrow(
              () ->
                  ProblemDetail.of(
                          409, "backup-running", "another backup is running; try again later")
                      .thrown());
    } catch (IOException e) {
      log.error("a backup could not begin", e);
      throw ProblemDetail.of(503, "no-backup", String.valueOf(e.getMessage())).thrown();
    }
  }

  private void stream(Administration.Backup backup, ServerResponse response) {
    var out = new WatchedOutput(response.outputStream());
    var watch = Thread.ofVirtual().name("backup-watch").start(() -> watch(out));
    try (out) {
      backup.writeTo(out);
    } catch (IOException | UncheckedIOException e) {
      // The client sees that the end is missing.
      log.error("a backup is incomplete", e);
    } finally {
      watch.interrupt();
    }
  }

  private void watch(WatchedOutput out) {
    try {
      while (true) {
        TimeUnit.SECONDS.sleep(1);
        out.interruptIfStuck();
      }
    } catch (InterruptedException _) {
      // The backup has ended.
    }
  }

  /** A call that may block on the connection. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  /** The response's stream, which knows how long the current call has been blocked. */
  private final class WatchedOutput extends OutputStream {
    private final OutputStream out;
    private @Nullable Thread writer;
    private long writeStartNanos;

    private WatchedOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      watched(() -> out.write(bytes, from, count));
    }

    /** Helidon buffers small writes, so flushing and closing may block as well. */
    private void watched(Step step) throws IOException {
      begin();
      try {
        step.run();
      } catch (RuntimeException e) {
        // A reader of the store would take Helidon's unchecked exception for damage.
        throw new IOException("the connection to the client of the backup has failed", e);
      } finally {
        end();
      }
    }

    private synchronized void begin() {
      writer = Thread.currentThread();
      writeStartNanos = nanoTime.getAsLong();
    }

    private synchronized void end() {
      writer = null;
      // Clear a late interrupt, so that it does not affect the thread's next work.
      var _ = Thread.interrupted();
    }

    private synchronized void interruptIfStuck() {
      if (writer != null && nanoTime.getAsLong() - writeStartNanos > WRITE_NANOS_MAX) {
        log.warn("the client of a backup does not read; the backup ends");
        writer.interrupt();
      }
    }

    @Override
    public void flush() throws IOException {
      watched(out::flush);
    }

    @Override
    public void close() throws IOException {
      watched(out::close);
    }
  }
}
