package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Hands new changes to the store, and tracks which part of a document's log is on disk. Changes are
 * handed to the store in runs of log positions. The committed part is the longest prefix whose runs
 * are all stored. A run that the store refused is retried at growing intervals until it is stored.
 * Meanwhile its changes stay in memory and are not acknowledged [DU1]. Belongs to the document's
 * worker.
 */
final class CommitLog {

  private static final long RETRY_NANOS_MIN = FixedLimits.COMMIT_RETRY_MILLIS_MIN * 1_000_000L;
  private static final long RETRY_NANOS_MAX = FixedLimits.COMMIT_RETRY_MILLIS_MAX * 1_000_000L;

  private static final long STALL_NANOS = FixedLimits.COMMIT_STALL_MILLIS * 1_000_000L;

  /** Hands a run to the store; the store answers later with {@link DocumentCommand.Appended}. */
  @FunctionalInterface
  interface Appender {
    void append(int from, List<ChangeRecord> records);
  }

  private enum RunState {
    /** Handed to the store for the first time. */
    APPENDING,
    /** The store refused the run, which is retried at {@link Run#retryAt}. */
    REFUSED,
    /** The store refused the run before, and the run is handed to the store again. */
    RETRYING,
    /** The run is on disk, but an earlier run is not. */
    COMMITTED
  }

  /** Log positions that are handed to the store together, {@code to} exclusive. */
  private static final class Run {
    final int from;
    final int to;
    RunState state = RunState.APPENDING;
    long retryAt;
    long backoff = RETRY_NANOS_MIN;

    Run(int from, int to) {
      this.from = from;
      this.to = to;
    }

    boolean isRefused() {
      return state == RunState.REFUSED || state == RunState.RETRYING;
    }
  }

  private final ChangeGraph graph;
  private final Appender appender;
  private final Deque<Run> runs = new ArrayDeque<>();

  /** One past the last position that was handed to the store. */
  private int appended;

  private int committed;

  /** The committed prefix at the last check for progress, and the time since which it stands. */
  private int checked;

  private long standsSince;

  /** All changes that are in the graph already count as committed. */
  CommitLog(ChangeGraph graph, Appender appender) {
    this.graph = graph;
    this.appender = appender;
    this.appended = graph.size();
    this.committed = graph.size();
  }

  /** One past the last position of the committed prefix. */
  int committed() {
    return committed;
  }

  /** Whether all changes of the graph are committed. */
  boolean isCurrent() {
    return committed == graph.size();
  }

  /** Whether the store refused a run that is not stored yet. */
  boolean hasRefusedRuns() {
    if (!runs.isEmpty()) {
      for (var run : runs) {
        if (run.isRefused()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Measures how long the commits have made no progress; called in every step. */
  void measureProgress(long now) {
    if (runs.isEmpty() || checked != committed) {
      checked = committed;
      standsSince = now;
    }
  }

  /** Whether changes wait for a commit and none was committed for a while. */
  boolean isStalled(long now) {
    return nanosToStall(now) <= 0;
  }

  /** Nanoseconds until the commits count as stalled. */
  long nanosToStall(long now) {
    return runs.isEmpty() ? Long.MAX_VALUE : standsSince + STALL_NANOS - now;
  }

  /**
   * Hands new changes of the graph to the store. While the store refuses a run, new changes wait in
   * memory.
   */
  void append() {
    if (appended < graph.size() && !hasRefusedRuns()) {
      var run = new Run(appended, graph.size());
      appended = run.to;
      runs.add(run);
      append(run);
    }
  }

  /**
   * The store committed a run.
   *
   * @return whether the committed prefix grew
   */
  boolean stored(int from) {
    find(from).state = RunState.COMMITTED;
    var before = committed;
    while (!runs.isEmpty() && runs.peekFirst().state == RunState.COMMITTED) {
      committed = runs.removeFirst().to;
    }
    return committed > before;
  }

  /** The store refused a run. */
  void refused(int from, long now) {
    var run = find(from);
    run.state = RunState.REFUSED;
    run.retryAt = now + run.backoff;
    run.backoff = Math.min(RETRY_NANOS_MAX, run.backoff * 2);
  }

  /**
   * Retries the refused runs whose time has come.
   *
   * @return nanoseconds until the next retry
   */
  long retry(long now) {
    var wait = Long.MAX_VALUE;
    if (runs.isEmpty()) {
      return wait;
    }
    for (var run : runs) {
      if (run.state == RunState.REFUSED) {
        if (run.retryAt - now <= 0) {
          run.state = RunState.RETRYING;
          append(run);
        } else {
          wait = Math.min(wait, run.retryAt - now);
        }
      }
    }
    return wait;
  }

  private void append(Run run) {
    var records = new ArrayList<ChangeRecord>(run.to - run.from);
    for (var position = run.from; position < run.to; position++) {
      records.add(new ChangeRecord(graph.hashAt(position), graph.chunkAt(position)));
    }
    appender.append(run.from, records);
  }

  private Run find(int from) {
    for (var run : runs) {
      if (run.from == from) {
        return run;
      }
    }
    throw new IllegalStateException("no run of the log begins at " + from);
  }
}
