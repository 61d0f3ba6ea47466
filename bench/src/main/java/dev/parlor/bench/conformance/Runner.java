package dev.parlor.bench.conformance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;

/**
 * Runs checks. Checks that wait for a timer of the server start first; the quick checks run beside
 * them, a few at a time; harmful checks run alone at the end. If the server was gone in between,
 * the failed checks run again alone, so that each failure belongs to its own check.
 */
final class Runner {

  /** Quick checks that run at the same time; more would measure the load of this machine. */
  private static final int AT_ONCE = 3;

  /** After this many seconds no further check begins. */
  private static final long RUN_SECONDS_MAX = 55;

  /** Within this many milliseconds a supervisor has restarted the server. */
  private static final long RESTART_MILLIS_MAX = 5_000;

  /** The same for a server that must read its data again. */
  private static final long BACK_MILLIS_MAX = 30_000;

  /** Extra seconds for the checks that restart the server. */
  private static final long RESTARTS_SECONDS_MAX = 150;

  /** Extra seconds for repeating checks after the server stopped. */
  private static final long AGAIN_SECONDS_MAX = 120;

  private final Probe.Surroundings surroundings;
  private final SplittableGenerator random;
  private final Consumer<String> log;
  private int calm;
  private long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RUN_SECONDS_MAX);
  private final Semaphore quick = new Semaphore(AT_ONCE);

  Runner(Probe.Surroundings surroundings, SplittableGenerator random, Consumer<String> log) {
    this.surroundings = surroundings;
    this.random = random;
    this.log = log;
  }

  /** Every check with its result, in the order given. */
  Map<Check, CheckResult> run(List<Check> checks) throws InterruptedException {
    var results = new LinkedHashMap<Check, CheckResult>();
    checks.forEach(check -> results.put(check, new CheckResult.Missing("not run")));
    try (var sentinel = new Sentinel(surroundings, random.split())) {
      sentinel.awaitJoined(RESTART_MILLIS_MAX);
      results.putAll(
          together(checks.stream().filter(check -> check.pace().isGentle()).toList(), sentinel));
      if (sentinel.outages() > 0) {
        again(checks, results, sentinel);
      }
      // The most expensive checks come first.
      for (var check : checks.reversed()) {
        if (check.pace() == Check.Pace.ALONE) {
          results.put(check, alone(check, sentinel));
        }
      }
      deadline += TimeUnit.SECONDS.toNanos(RESTARTS_SECONDS_MAX);
      for (var check : checks) {
        if (check.pace() == Check.Pace.RESTART) {
          sentinel.awaitJoined(BACK_MILLIS_MAX);
          results.put(check, run(check, random.split()));
        }
      }
    }
    return results;
  }

  /** Repeats the failed checks alone after the server was gone in between. */
  private void again(List<Check> checks, Map<Check, CheckResult> results, Sentinel sentinel)
      throws InterruptedException {
    log.accept("The server was gone in between: what failed is tried again, each alone.");
    deadline += TimeUnit.SECONDS.toNanos(AGAIN_SECONDS_MAX);
    var failed =
        checks.stream().filter(check -> results.get(check) instanceof CheckResult.Failed).toList();
    sentinel.awaitJoined(RESTART_MILLIS_MAX);
    calm = sentinel.outages();
    results.putAll(
        together(
            failed.stream().filter(check -> check.pace() == Check.Pace.SLOW).toList(), sentinel));
    for (var check : failed) {
      if (check.pace() == Check.Pace.QUICK) {
        results.put(check, alone(check, sentinel));
      }
    }
  }

  private Map<Check, CheckResult> together(List<Check> checks, Sentinel sentinel)
      throws InterruptedException {
    var running = new LinkedHashMap<Check, Future<CheckResult>>();
    var results = new LinkedHashMap<Check, CheckResult>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var pace : List.of(Check.Pace.SLOW, Check.Pace.QUICK)) {
        for (var check : checks) {
          if (check.pace() == pace) {
            var own = random.split();
            running.put(check, threads.submit(() -> beside(check, own, sentinel)));
          }
        }
      }
      for (var entry : running.entrySet()) {
        results.put(entry.getKey(), result(entry.getValue()));
      }
    }
    return results;
  }

  private CheckResult beside(Check check, RandomGenerator own, Sentinel sentinel)
      throws InterruptedException {
    if (check.pace() == Check.Pace.SLOW) {
      return run(check, own);
    }
    quick.acquire();
    try {
      return sentinel.outages() > calm
          ? new CheckResult.Failed("a server", "it is gone")
          : run(check, own);
    } finally {
      quick.release();
    }
  }

  private CheckResult alone(Check check, Sentinel sentinel) throws InterruptedException {
    if (!sentinel.awaitJoined(RESTART_MILLIS_MAX)) {
      return new CheckResult.Failed("a server", "it is gone");
    }
    var outages = sentinel.outages();
    var result = run(check, random.split());
    if (someoneCanJoin() && sentinel.outages() == outages) {
      return result;
    }
    sentinel.awaitOutageAfter(outages);
    var seen = result instanceof CheckResult.Failed(var _, var what) ? ": " + what : "";
    var harm = new CheckResult.Failed("a running server", "it stopped" + seen);
    log.accept(line(check, harm));
    return harm;
  }

  private boolean someoneCanJoin() {
    try (var probe = new Probe(surroundings, random.split())) {
      probe.join();
      return true;
    } catch (IOException | Finding _) {
      return false;
    }
  }

  private static CheckResult result(Future<CheckResult> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a check of this suite is broken", e.getCause());
    }
  }

  private CheckResult run(Check check, RandomGenerator own) throws InterruptedException {
    if (System.nanoTime() > deadline) {
      return new CheckResult.Failed(
          "a run within " + RUN_SECONDS_MAX + " s", "no time left for this");
    }
    CheckResult result;
    try (var probe = new Probe(surroundings, own)) {
      var overdue = new boolean[1];
      var over = new java.util.concurrent.CountDownLatch(1);
      var watchdog =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      if (!over.await(check.pace().millisMax(), TimeUnit.MILLISECONDS)) {
                        overdue[0] = true;
                        probe.abort();
                      }
                    } catch (InterruptedException _) {
                      Thread.currentThread().interrupt();
                    }
                  });
      result = examine(check, probe);
      over.countDown();
      watchdog.join();
      if (overdue[0]) {
        result =
            new CheckResult.Failed(
                "an end within " + check.pace().millisMax() + " ms", "none in time");
      }
    }
    log.accept(line(check, result));
    return result;
  }

  private static CheckResult examine(Check check, Probe probe) throws InterruptedException {
    try {
      return new CheckResult.Passed(check.body().run(probe));
    } catch (Finding finding) {
      return new CheckResult.Failed(finding.expected(), finding.seen());
    } catch (NotOffered missing) {
      return new CheckResult.Missing(String.valueOf(missing.getMessage()));
    } catch (InterruptedException e) {
      throw e;
    } catch (IOException e) {
      return new CheckResult.Failed("a working connection", String.valueOf(e.getMessage()));
    } catch (Exception e) {
      throw new IllegalStateException("the check '" + check.title() + "' is broken", e);
    }
  }

  private static String line(Check check, CheckResult result) {
    var subject = "[" + check.rule() + "] " + check.title();
    return switch (result) {
      case CheckResult.Passed(var detail) ->
          "pass         " + subject + (detail.isEmpty() ? "" : " (" + detail + ")");
      case CheckResult.Failed(var expected, var seen) ->
          "FAIL         " + subject + ": expected " + expected + "; seen " + seen;
      case CheckResult.Missing(var sentence) -> "not offered  " + subject + ": " + sentence;
    };
  }

  /** The distinct rules that have a check. */
  static List<String> rules(List<Check> checks) {
    return new ArrayList<>(
        new java.util.LinkedHashSet<>(checks.stream().map(Check::rule).toList()));
  }
}
