package dev.parlor.bench.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Measures one row: appends changes to an open store, after a warm-up. */
final class CommitRun {

  private static final String COMMIT_THREAD_NAME = "parlor-commit";

  /**
   * The figures of a row.
   *
   * @param medianMillis the median time from append to commit
   * @param p99Millis the 99th percentile of that time
   * @param cpuMicros CPU time of the commit thread per change; empty if the system does not report
   *     it
   */
  record Figures(
      double changesPerSecond, double medianMillis, double p99Millis, OptionalDouble cpuMicros) {}

  private final ChangeStore store;
  private final List<DocumentId> documents;
  private final int bytes;
  private final Duration warm;
  private final Duration measured;

  CommitRun(
      ChangeStore store, List<DocumentId> documents, int bytes, Duration warm, Duration measured) {
    this.store = store;
    this.documents = documents;
    this.bytes = bytes;
    this.warm = warm;
    this.measured = measured;
  }

  /**
   * Appends one change after the other at a steady rate, and waits for each commit. The warm-up has
   * no pauses.
   */
  Figures paced(double rate) throws InterruptedException, ExecutionException {
    var random = new Random(1);
    var step = (long) (1e9 / rate);
    var times = new CommitTimes();
    var fromNanos = System.nanoTime() + warm.toNanos();
    while (System.nanoTime() - fromNanos < 0) {
      append(random);
    }
    var cpu = cpuNanos();
    var next = System.nanoTime();
    for (var toNanos = next + measured.toNanos(); next - toNanos < 0; next += step) {
      for (var wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      var begunNanos = System.nanoTime();
      append(random);
      times.add(System.nanoTime() - begunNanos);
    }
    return times.figures(measured, cpu, cpuNanos());
  }

  private void append(Random random) throws InterruptedException, ExecutionException {
    store.append(documents.getFirst(), List.of(change(random))).get();
  }

  /** Runs one writer per document, which keeps this many changes waiting for their commit. */
  Figures saturated(int inFlight) throws InterruptedException, ExecutionException {
    var fromNanos = System.nanoTime() + warm.toNanos();
    var toNanos = fromNanos + measured.toNanos();
    var failure = new AtomicReference<Throwable>();
    var all = new ArrayList<CommitTimes>();
    var threads = new ArrayList<Thread>();
    for (var i = 0; i < documents.size(); i++) {
      var document = documents.get(i);
      var random = new Random(i);
      var times = new CommitTimes();
      all.add(times);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () ->
                      keepWriting(document, random, inFlight, fromNanos, toNanos, times, failure)));
    }
    for (var wait = fromNanos - System.nanoTime(); wait > 0; wait = fromNanos - System.nanoTime()) {
      LockSupport.parkNanos(wait);
    }
    var cpu = cpuNanos();
    for (var wait = toNanos - System.nanoTime(); wait > 0; wait = toNanos - System.nanoTime()) {
      LockSupport.parkNanos(wait);
    }
    var cpuAfter = cpuNanos();
    for (var thread : threads) {
      thread.join();
    }
    var cause = failure.get();
    if (cause != null) {
      throw new ExecutionException(cause);
    }
    var sum = new CommitTimes();
    all.forEach(sum::addAll);
    return sum.figures(measured, cpu, cpuAfter);
  }

  private void keepWriting(
      DocumentId document,
      Random random,
      int inFlight,
      long fromNanos,
      long toNanos,
      CommitTimes times,
      AtomicReference<Throwable> failure) {
    var permits = new Semaphore(inFlight);
    while (System.nanoTime() - toNanos < 0 && failure.get() == null) {
      permits.acquireUninterruptibly();
      var begunNanos = System.nanoTime();
      var _ =
          store
              .append(document, List.of(change(random)))
              .whenComplete(
                  (_, error) -> {
                    // Only the commit thread runs this, one completion after the other.
                    var now = System.nanoTime();
                    if (error != null) {
                      failure.set(error);
                    } else if (now - fromNanos >= 0 && now - toNanos < 0) {
                      times.add(now - begunNanos);
                    }
                    permits.release();
                  });
    }
    permits.acquireUninterruptibly(inFlight);
  }

  private ChangeRecord change(Random random) {
    var chunk = new byte[bytes];
    random.nextBytes(chunk);
    return new ChangeRecord(
        new ChangeHash(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
        Bytes.wrap(chunk));
  }

  static Bytes bytes(long seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /** CPU nanoseconds of the commit threads, from the first field of each schedstat. */
  private static OptionalLong cpuNanos() {
    var sum = OptionalLong.empty();
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (var task : tasks) {
        if (Files.readString(task.resolve("comm"))
            .startsWith(COMMIT_THREAD_NAME)) { // Linux cuts thread names to 15 characters
          var fields = Files.readString(task.resolve("schedstat")).strip().split(" ", -1);
          sum = OptionalLong.of(sum.orElse(0) + Long.parseLong(fields[0]));
        }
      }
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return sum;
  }

  /** Collects times in nanoseconds and stores every value. */
  private static final class CommitTimes {
    private long[] values = new long[1024];
    private int count;

    void add(long nanos) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = nanos;
    }

    void addAll(CommitTimes other) {
      for (var i = 0; i < other.count; i++) {
        add(other.values[i]);
      }
    }

    Figures figures(Duration measured, OptionalLong cpuBefore, OptionalLong cpuAfter) {
      Arrays.sort(values, 0, count);
      return new Figures(
          count / (measured.toNanos() / 1e9),
          millis(0.50),
          millis(0.99),
          cpuBefore.isPresent() && cpuAfter.isPresent() && count > 0
              ? OptionalDouble.of((cpuAfter.getAsLong() - cpuBefore.getAsLong()) / 1e3 / count)
              : OptionalDouble.empty());
    }

    private double millis(double fraction) {
      return count == 0
          ? Double.NaN
          : values[Math.min(count - 1, (int) Math.ceil(fraction * count) - 1)] / 1e6;
    }
  }
}
