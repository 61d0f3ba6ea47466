package dev.parlor.bench.load;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * A document on Parlor with one writer and some readers, whose deliveries are measured while other
 * work runs on the same loop. Owned by the loop's thread.
 */
public final class MeasuredDocument {

  private static final Duration LAST_EDITS_MAX = Duration.ofMinutes(1);

  private final Loop loop;
  private final BenchDocument document;
  private final Latencies deliveries = new Latencies();

  /**
   * Joins all clients.
   *
   * @param edits the number of edits that will be sent, warm-up included
   */
  public MeasuredDocument(Loop loop, int port, int readers, int edits, long seed)
      throws TimeoutException {
    this.loop = loop;
    var protocol = new AutomergeProtocol(Trace.typing(edits + 1, seed), "/sync");
    document = new BenchDocument(loop, port, protocol, new Random(seed));
    document.fill(1);
    for (var reader = 0; reader < readers; reader++) {
      document.join("reader-" + seed + "-" + reader, deliveries);
    }
  }

  /** Sends edits that are not measured. */
  public void warm(int edits, int perSecond) throws TimeoutException {
    document.type(edits, perSecond);
  }

  /** Sends measured edits at fixed times, and waits until every reader has them. */
  public void measure(int edits, int perSecond) throws TimeoutException {
    document.measure();
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / perSecond;
    for (var edit = 0; edit < edits; edit++) {
      loop.at(start + edit * gapNanos, () -> document.writer().send(1));
    }
    loop.runFor(Duration.ofNanos(edits * gapNanos));
    loop.runUntil(document::isSavedAndDelivered, LAST_EDITS_MAX, "the last edits");
  }

  /** The time from the writer's send to each reader's receipt. */
  public Latencies deliveries() {
    return deliveries;
  }

  public void leave() {
    document.leave();
  }
}
