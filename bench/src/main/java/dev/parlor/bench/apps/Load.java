package dev.parlor.bench.apps;

import dev.parlor.bench.load.Latencies;
import dev.parlor.bench.load.Loop;
import dev.parlor.bench.load.ProcessClock;
import dev.parlor.bench.load.ServerProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Runs lanes against the server and measures them. Owned by the loop's thread. */
final class Load {

  private static final Duration LAST_ANSWERS_MAX = Duration.ofSeconds(60);

  private final Loop loop;
  private final ServerProcess server;

  Load(Loop loop, ServerProcess server) {
    this.loop = loop;
    this.server = server;
  }

  /**
   * The outcome of a load.
   *
   * @param answers answers that arrived within the time
   * @param latencies of all requests, also of those that were answered after the time
   * @param serverCpuNanos CPU time of the server and of its child processes that have ended
   * @param generatorCpuNanos CPU time of this process
   */
  record Result(
      long answers,
      Duration time,
      Latencies latencies,
      long serverCpuNanos,
      long generatorCpuNanos) {

    double perSecond() {
      return answers / (time.toNanos() / 1e9);
    }

    double serverMicrosPerAnswer() {
      return serverCpuNanos / 1e3 / Math.max(1, answers);
    }

    double generatorMicrosPerAnswer() {
      return generatorCpuNanos / 1e3 / Math.max(1, answers);
    }
  }

  /**
   * Each lane sends its next request when the previous one is answered. The latency is the time
   * from the sending to the answer.
   */
  Result closed(List<? extends Lane> lanes, Duration time) throws TimeoutException {
    var measured = new Measured();
    var end = System.nanoTime() + time.toNanos();
    lanes.forEach(lane -> sendUntil(end, lane, measured));
    loop.runFor(time);
    return measured.result(time, () -> measured.open == 0);
  }

  private static void sendUntil(long end, Lane lane, Measured measured) {
    var sentAt = System.nanoTime();
    measured.open++;
    lane.send(
        () -> {
          var now = System.nanoTime();
          measured.open--;
          measured.latencies.add(now - sentAt);
          if (now - end < 0) {
            measured.answers++;
            sendUntil(end, lane, measured);
          }
        });
  }

  /**
   * Sends requests at planned times, whether or not the server keeps up. The latency is the time
   * from the planned time to the answer, so it includes the delay of a request that could not be
   * sent in time.
   */
  Result open(List<? extends Lane> lanes, int perSecond, Duration time) throws TimeoutException {
    var schedule = start(lanes, perSecond, time);
    loop.runFor(time);
    return schedule.measured.result(time, schedule::isDone);
  }

  /** As {@link #open}, while the caller runs the loop. */
  Schedule start(List<? extends Lane> lanes, int perSecond, Duration time) {
    var schedule = new Schedule(lanes, perSecond, time);
    schedule.sendDue();
    return schedule;
  }

  /** Requests at planned times. */
  final class Schedule {
    private final List<? extends Lane> lanes;
    private final long start = System.nanoTime();
    private final long gapNanos;
    private final long requests;
    private final Measured measured = new Measured();
    private long sent;

    private Schedule(List<? extends Lane> lanes, int perSecond, Duration time) {
      this.lanes = lanes;
      this.gapNanos = 1_000_000_000L / perSecond;
      this.requests = time.toNanos() / gapNanos;
    }

    private void sendDue() {
      var end = start + requests * gapNanos;
      while (sent < requests && start + sent * gapNanos - System.nanoTime() <= 0) {
        var plannedAt = start + sent * gapNanos;
        var lane = lanes.get((int) (sent % lanes.size()));
        sent++;
        measured.open++;
        lane.send(
            () -> {
              var now = System.nanoTime();
              measured.open--;
              measured.latencies.add(now - plannedAt);
              if (now - end < 0) {
                measured.answers++;
              }
            });
      }
      if (sent < requests) {
        loop.at(start + sent * gapNanos, this::sendDue);
      }
    }

    boolean isDone() {
      return sent == requests && measured.open == 0;
    }

    /** Waits for the last answers. */
    void finish() throws TimeoutException {
      loop.runUntil(this::isDone, LAST_ANSWERS_MAX, "the last answers");
    }
  }

  /** The counts of one load. */
  private final class Measured {
    final Latencies latencies = new Latencies();
    final long serverCpu = serverCpuNanos();
    final long generatorCpu = generatorCpuNanos();
    long answers;
    int open;

    Result result(Duration time, BooleanSupplier isDone) throws TimeoutException {
      var serverNanos = serverCpuNanos() - serverCpu;
      var generatorNanos = generatorCpuNanos() - generatorCpu;
      loop.runUntil(isDone, LAST_ANSWERS_MAX, "the last answers");
      return new Result(answers, time, latencies, serverNanos, generatorNanos);
    }
  }

  private long serverCpuNanos() {
    return server.cpuNanos() + server.endedChildrenCpuNanos();
  }

  private static long generatorCpuNanos() {
    return ProcessClock.nanos(ProcessHandle.current().pid());
  }
}
