package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** One document on the server with its writer and its readers; the loop's thread owns it. */
final class Room {

  /** How long anything may take before the run is given up. */
  static final Duration BOUND = Duration.ofMinutes(5);

  private static final int FILL_BATCH = 500;

  /** Edits that a warming writer may be ahead of the slowest reader. */
  private static final int AHEAD_MAX = 50;

  private final Loop loop;
  private final int port;
  private final Writer writer;
  private final List<Reader> readers = new ArrayList<>();

  Room(Loop loop, int port, Trace trace, Random random) throws TimeoutException {
    this.loop = loop;
    this.port = port;
    var id = new byte[16];
    random.nextBytes(id);
    writer = new Writer(loop, port, "/sync", DocumentId.of(Bytes.wrap(id)), trace);
    loop.runUntil(writer::isJoined, BOUND, "joining a writer");
  }

  Writer writer() {
    return writer;
  }

  List<Reader> readers() {
    return List.copyOf(readers);
  }

  /** Sends the first {@code changes} in large messages, as someone who comes with a document. */
  void fill(int changes) throws TimeoutException {
    while (writer.sent() < changes) {
      writer.send(Math.min(FILL_BATCH, changes - writer.sent()));
      loop.runUntil(writer::everythingAcknowledged, BOUND, "filling a document");
    }
  }

  /** One at a time, so that slow joins do not run into each other. */
  Reader join(String name, Latencies deliveries) throws TimeoutException {
    var reader = new Reader(loop, port, "/sync", name, writer, deliveries);
    readers.add(reader);
    loop.runUntil(() -> reader.isAt(writer.sent() - 1), BOUND, "joining a reader");
    return reader;
  }

  /**
   * Single edits at a pace, waiting when the readers fall behind; returns when everybody has all.
   */
  void type(int edits, int ratePerSecond) throws TimeoutException {
    var start = System.nanoTime();
    var gap = 1_000_000_000L / ratePerSecond;
    for (var edit = 0; edit < edits; edit++) {
      writer.send(1);
      var wait = start + (edit + 1) * gap - System.nanoTime();
      if (wait > 0) {
        loop.runFor(Duration.ofNanos(wait));
      }
      var enough = writer.sent() - 1 - AHEAD_MAX;
      loop.runUntil(() -> readersAreAt(enough), BOUND, "warming up");
    }
    loop.runUntil(this::everyoneIsThere, BOUND, "warming up");
  }

  boolean everyoneIsThere() {
    return writer.everythingAcknowledged() && readersAreAt(writer.sent() - 1);
  }

  private boolean readersAreAt(int position) {
    for (var reader : readers) {
      if (!reader.isAt(position)) {
        return false;
      }
    }
    return true;
  }

  void leave() {
    readers.forEach(Reader::leave);
    writer.leave();
  }
}
