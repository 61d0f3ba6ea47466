package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.storage.StoreOnDisk;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.server.backup.LiveBackups;
import io.helidon.webserver.http.HttpRouting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups over a real port, to clients that do not read, with the clock of the test. */
@Timeout(120)
class BackupStreamIT {

  private static final long LIMIT_NANOS =
      TimeUnit.SECONDS.toNanos(FixedServiceLimits.BACKUP_WRITE_SECONDS_MAX);

  @TempDir private Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private final Metrics metrics = new Metrics();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var each : opened.reversed()) {
      each.close();
    }
  }

  private int serve(Administration.Backups backups) throws IOException {
    var api = new BackupApi(_ -> {}, Optional.of(backups), nanos::get);
    var routing =
        HttpRouting.builder()
            .post(
                BackupApi.PATH,
                (request, response) ->
                    api.open(new HttpCall(request, 1_000, ClientAddresses.ofSockets()), response));
    var port =
        new WebPort(
            "127.0.0.1",
            0,
            new BasePathRouting(BasePath.ROOT),
            Optional.empty(),
            Map.of(),
            builder -> builder.writeQueueLength(0).routing(routing));
    port.start();
    opened.add(port::stop);
    return port.port();
  }

  private LiveBackups liveBackups() throws Exception {
    LargeStore.create(folder);
    StoreOnDisk store = LargeStore.open(folder);
    opened.add(store);
    var archive = Archive.open(store, folder.resolve("archive"), new NoChunks());
    return new LiveBackups(store, archive, "1", metrics, () -> Instant.EPOCH);
  }

  private RawHttp clientThatDoesNotRead(int port) throws IOException {
    var client = new RawHttp(port);
    opened.add(client);
    client.send("POST", BackupApi.PATH, "{}", new String[0]);
    assertEquals(200, client.head().status());
    return client;
  }

  private static void await(String condition, BooleanSupplier isTrue) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!isTrue.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, condition);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private boolean isCounted(String outcome) {
    return metrics
        .scrape()
        .lines()
        .anyMatch(line -> line.equals("parlor_backups_total{outcome=\"" + outcome + "\"} 1.0"));
  }

  @Test
  @DisplayName(
      "a backup whose client does not read ends incomplete after the limit, the connection is"
          + " closed, and the next backup is complete")
  void backupOfAClientThatDoesNotReadEnds() throws Exception {
    var port = serve(liveBackups());
    var stuck = clientThatDoesNotRead(port);
    await(
        "the time passes and the backup has ended",
        () -> {
          nanos.addAndGet(LIMIT_NANOS + 1);
          return isCounted("incomplete");
        });
    // What is left in the buffers of the connection ends without the end of the response.
    var left = assertDoesNotEndWell(stuck);
    assertTrue(left > 0);
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + BackupApi.PATH))
              .POST(BodyPublishers.noBody());
      var next = http.send(request.build(), BodyHandlers.ofByteArray());
      assertEquals(200, next.statusCode());
      assertTrue(isCounted("complete"));
    }
  }

  /** Reads until the connection ends; returns the number of bytes. */
  private static int assertDoesNotEndWell(RawHttp client) throws IOException {
    var read = new ByteArrayOutputStream();
    try {
      client.in().transferTo(read);
    } catch (SocketException e) {
      return read.size(); // reset
    }
    var text = read.toString(StandardCharsets.ISO_8859_1);
    assertFalse(text.endsWith("\r\n0\r\n\r\n"), "the response looks complete");
    return text.length();
  }

  /** Writes one byte at a time, so that only flushing or closing reaches the connection. */
  private static final class SmallWrites implements Administration.Backup {
    private final boolean flushes;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Exception thrown;

    private SmallWrites(boolean flushes) {
      this.flushes = flushes;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      try {
        while (true) {
          out.write(1);
          if (flushes) {
            out.flush();
          }
        }
      } catch (IOException | RuntimeException e) {
        thrown = e;
        throw e;
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName(
      "a backup that is blocked in a write or a flush ends after the limit with an IOException, which"
          + " no reader of the store takes for damage")
  void blockedFlushEnds(boolean flushes) throws Exception {
    var backup = new SmallWrites(flushes);
    var port = serve(() -> Optional.of(backup));
    var _ = clientThatDoesNotRead(port);
    await(
        "the time passes and the backup has ended",
        () -> {
          nanos.addAndGet(LIMIT_NANOS + 1);
          return backup.closed.getCount() == 0;
        });
    assertInstanceOf(IOException.class, backup.thrown);
  }

  /** The test archives no document. */
  private static final class NoChunks implements Archive.Chunks {
    @Override
    public List<Bytes> expand(DocumentId document, Bytes snapshot) {
      throw new AssertionError("a snapshot is read");
    }

    @Override
    public ChangeHash hash(Bytes change) {
      throw new AssertionError("a change is read");
    }
  }
}
