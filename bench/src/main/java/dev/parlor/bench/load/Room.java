package dev.parlor.bench.load;

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
  private static final int AHEAD_MAX = 100;

  private final Loop loop;
  private final int port;
  private final Conversation conversation;
  private final Editor editor;
  private final List<Watcher> readers = new ArrayList<>();

  Room(Loop loop, int port, Conversation conversation, Random random) throws TimeoutException {
    this.loop = loop;
    this.port = port;
    this.conversation = conversation;
    editor = conversation.editor(loop, port, random);
    loop.runUntil(editor::isJoined, BOUND, "joining a writer");
  }

  SendLog log() {
    return editor.log();
  }

  Editor editor() {
    return editor;
  }

  /** Measure what the readers receive from here on. */
  void measure() {
    readers.forEach(reader -> reader.receipts().measureFrom(log().sent()));
  }

  /** Sends the first {@code changes} in large messages, as someone who comes with a document. */
  void fill(int changes) throws TimeoutException {
    while (log().sent() < changes) {
      editor.send(Math.min(FILL_BATCH, changes - log().sent()));
      loop.runUntil(this::isSaved, BOUND, "filling a document");
    }
  }

  /** One at a time, so that slow joins do not run into each other. */
  Watcher join(String name, Latencies deliveries) throws TimeoutException {
    var reader = conversation.watcher(loop, port, name, editor, deliveries);
    readers.add(reader);
    loop.runUntil(() -> isAt(reader, log().sent() - 1), BOUND, "joining a reader");
    return reader;
  }

  /**
   * Single edits at a pace, waiting when the readers fall behind; returns when everybody has all.
   */
  void type(int edits, int ratePerSecond) throws TimeoutException {
    var start = System.nanoTime();
    var gap = 1_000_000_000L / ratePerSecond;
    for (var edit = 0; edit < edits; edit++) {
      editor.send(1);
      var wait = start + (edit + 1) * gap - System.nanoTime();
      if (wait > 0) {
        loop.runFor(Duration.ofNanos(wait));
      }
      var enough = log().sent() - 1 - AHEAD_MAX;
      loop.runUntil(() -> readersAreAt(enough), BOUND, "warming up");
    }
    loop.runUntil(this::everyoneIsThere, BOUND, "warming up");
  }

  boolean everyoneIsThere() {
    return isSaved() && readersAreAt(log().sent() - 1);
  }

  private boolean isSaved() {
    return editor.isJoined() && log().everythingAcknowledged();
  }

  private static boolean isAt(Watcher reader, int position) {
    return reader.isJoined() && reader.receipts().upTo() >= position;
  }

  private boolean readersAreAt(int position) {
    for (var reader : readers) {
      if (!isAt(reader, position)) {
        return false;
      }
    }
    return true;
  }

  void leave() {
    readers.forEach(Watcher::leave);
    editor.leave();
  }
}
