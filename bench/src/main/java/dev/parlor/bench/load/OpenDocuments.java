package dev.parlor.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * Documents on one or several servers of this machine, each with one connected writer. Owned by the
 * thread that calls it.
 */
public final class OpenDocuments implements AutoCloseable {

  private static final int DOCUMENTS_AT_ONCE = 32;
  private static final int EDITS_MAX = 2_000;

  private final Loop loop = new Loop();
  private final int changes;
  private final Random random;
  private final ClientProtocol protocol;
  private final List<DocumentWriter> writers = new ArrayList<>();

  /**
   * Prepares the edits.
   *
   * @param changes the changes of each document when it is open
   */
  public OpenDocuments(int changes, long seed) {
    this.changes = changes;
    this.random = new Random(seed);
    this.protocol = new AutomergeProtocol(Trace.typing(changes + EDITS_MAX, seed), "/sync");
  }

  /** Opens further documents, on the servers in turn, and waits until all changes are saved. */
  public void open(List<Integer> ports, int count) throws TimeoutException {
    for (var done = 0; done < count; ) {
      var batch = new ArrayList<DocumentWriter>();
      for (; batch.size() < DOCUMENTS_AT_ONCE && done < count; done++) {
        batch.add(protocol.writer(loop, ports.get(writers.size() % ports.size()), random));
        writers.add(batch.getLast());
      }
      loop.runUntil(
          () -> batch.stream().allMatch(DocumentWriter::isJoined),
          BenchDocument.STEP_TIME_MAX,
          "joining writers");
      batch.forEach(writer -> writer.send(changes));
      loop.runUntil(
          () -> batch.stream().allMatch(writer -> writer.log().isEverythingAcknowledged()),
          BenchDocument.STEP_TIME_MAX,
          "saving documents");
    }
  }

  /**
   * Sends single edits at fixed times, to the first documents in turn, and waits until all are
   * saved.
   *
   * @return the time from each edit to its acknowledgement
   */
  public Latencies type(int documents, int perSecond, int seconds) throws TimeoutException {
    var active = writers.subList(0, Math.min(documents, writers.size()));
    var edits = perSecond * seconds;
    if (edits / active.size() + 1 > EDITS_MAX) {
      throw new IllegalArgumentException("at most " + EDITS_MAX + " edits for each document");
    }
    var from = active.stream().map(writer -> writer.log().sent()).toList();
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / perSecond;
    for (var edit = 0; edit < edits; edit++) {
      var writer = active.get(edit % active.size());
      loop.at(start + edit * gapNanos, () -> writer.send(1));
    }
    loop.runFor(Duration.ofSeconds(seconds));
    loop.runUntil(
        () -> active.stream().allMatch(writer -> writer.log().isEverythingAcknowledged()),
        BenchDocument.STEP_TIME_MAX,
        "the last edits");
    var times = new Latencies();
    for (var i = 0; i < active.size(); i++) {
      active.get(i).log().timesFrom(from.get(i), times);
    }
    return times;
  }

  /** Serves the connections for this time. */
  public void idle(Duration time) {
    loop.runFor(time);
  }

  /** The number of open documents. */
  public int count() {
    return writers.size();
  }

  @Override
  public void close() throws IOException {
    writers.forEach(DocumentWriter::leave);
    loop.close();
  }
}
