package dev.parlor.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** One document on the server with its writer and its readers. Owned by the loop's thread. */
final class BenchDocument {

  /** The longest wait for one step before the run is aborted. */
  static final Duration STEP_TIME_MAX = Duration.ofMinutes(5);

  private static final int FILL_BATCH = 500;

  /** Edits by which a writer may be ahead of the slowest reader during warm-up. */
  private static final int EDITS_AHEAD_MAX = 100;

  private final Loop loop;
  private final int port;
  private final ClientProtocol protocol;
  private final DocumentWriter writer;
  private final List<DocumentReader> readers = new ArrayList<>();

  BenchDocument(Loop loop, int port, ClientProtocol protocol, Random random)
      throws TimeoutException {
    this.loop = loop;
    this.port = port;
    this.protocol = protocol;
    writer = protocol.writer(loop, port, random);
    loop.runUntil(writer::isJoined, STEP_TIME_MAX, "joining a writer");
  }

  SendLog log() {
    return writer.log();
  }

  DocumentWriter writer() {
    return writer;
  }

  /** Starts measuring deliveries. */
  void measure() {
    readers.forEach(reader -> reader.receipts().measureFrom(log().sent()));
  }

  /**
   * Sends the first {@code changes} in large messages, as a client with an existing document does.
   */
  void fill(int changes) throws TimeoutException {
    while (log().sent() < changes) {
      writer.send(Math.min(FILL_BATCH, changes - log().sent()));
      loop.runUntil(this::isSaved, STEP_TIME_MAX, "filling a document");
    }
  }

  /** Joins one client and waits for it, so that slow joins do not overlap. */
  DocumentReader join(String name, Latencies deliveries) throws TimeoutException {
    var reader = protocol.reader(loop, port, name, writer, deliveries);
    readers.add(reader);
    loop.runUntil(() -> hasReceived(reader, log().sent() - 1), STEP_TIME_MAX, "joining a reader");
    return reader;
  }

  /**
   * Sends single edits at a rate, and waits if the readers fall behind. Returns when every reader
   * has all edits.
   */
  void type(int edits, int ratePerSecond) throws TimeoutException {
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / ratePerSecond;
    for (var edit = 0; edit < edits; edit++) {
      writer.send(1);
      var wait = start + (edit + 1) * gapNanos - System.nanoTime();
      if (wait > 0) {
        loop.runFor(Duration.ofNanos(wait));
      }
      var required = log().sent() - 1 - EDITS_AHEAD_MAX;
      loop.runUntil(() -> haveAllReadersReceived(required), STEP_TIME_MAX, "warming up");
    }
    loop.runUntil(this::isSavedAndDelivered, STEP_TIME_MAX, "warming up");
  }

  boolean isSavedAndDelivered() {
    return isSaved() && haveAllReadersReceived(log().sent() - 1);
  }

  private boolean isSaved() {
    return writer.isJoined() && log().isEverythingAcknowledged();
  }

  private static boolean hasReceived(DocumentReader reader, int position) {
    return reader.isJoined() && reader.receipts().lastPosition() >= position;
  }

  private boolean haveAllReadersReceived(int position) {
    for (var reader : readers) {
      if (!hasReceived(reader, position)) {
        return false;
      }
    }
    return true;
  }

  void leave() {
    readers.forEach(DocumentReader::leave);
    writer.leave();
  }
}
