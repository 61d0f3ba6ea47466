package dev.parlor.bench.conformance;

import java.io.IOException;
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
 * Runs checks. Checks that wait for a timer of the server start first. The quick checks run beside
 * them, a few at a time. Harmful checks run alone at the end. If the server stopped while checks
 * ran beside each other, the failed checks run again, the quick ones one by one: a check must not
 * fail because of the harm that another check did.
 */
final class CheckRunner {

  /**
   * Quick checks that run at the same time. With more, checks would fail because this machine is
   * busy.
   */
  private static final int QUICK_CHECKS_AT_ONCE = 3;

  /** After this many seconds no further check begins. */
  private static final long RUN_SECONDS_MAX = 55;

  /** The longest wait for a supervisor to restart the server. */
  private static final long RESTART_MILLIS_MAX = 5_000;

  /** The longest wait for a restart of a server that has to recover its data. */
  private static final long RECOVERY_MILLIS_MAX = 30_000;

  /** Extra seconds for the checks that restart the server. */
  private static final long RESTARTS_SECONDS_MAX = 150;

  /** Extra seconds for repeating checks after the server stopped. */
  private static final long REPEAT_SECONDS_MAX = 120;

  private final Probe.ServerInfo serverInfo;
  private final SplittableGenerator random;
  private final Consumer<String> log;

  /** Outages before the current round; only a later outage fails the quick checks. */
  private int outagesBefore;

  private long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RUN_SECONDS_MAX);
  private final Semaphore quick = new Semaphore(QUICK_CHECKS_AT_ONCE);

  CheckRunner(Probe.ServerInfo serverInfo, SplittableGenerator random, Consumer<String> log) {
    this.serverInfo = serverInfo;
    this.random = random;
    this.log = log;
  }

  /** Every check with its result, in the order given. */
  Map<Check, CheckResult> run(List<Check> checks) throws InterruptedException {
    var results = new LinkedHashMap<Check, CheckResult>();
    checks.forEach(check -> results.put(check, new CheckResult.NotOffered("not run")));
    try (var sentinel = new Sentinel(serverInfo, random.split())) {
      sentinel.awaitJoined(RESTART_MILLIS_MAX);
      results.putAll(
          runConcurrently(
              checks.stream().filter(check -> check.pace().isGentle()).toList(), sentinel));
      if (sentinel.outages() > 0) {
        repeatFailed(checks, results, sentinel);
      }
      // The most expensive checks come first.
      for (var check : checks.reversed()) {
        if (check.pace() == Check.Pace.ALONE) {
          results.put(check, runAlone(check, sentinel));
        }
      }
      deadline += TimeUnit.SECONDS.toNanos(RESTARTS_SECONDS_MAX);
      for (var check : checks) {
        if (check.pace() == Check.Pace.RESTART) {
          sentinel.awaitJoined(RECOVERY_MILLIS_MAX);
          results.put(check, run(check, random.split()));
        }
      }
    }
    return results;
  }

  /** Repeats the failed checks after an outage of the server: the quick ones one by one. */
  private void repeatFailed(List<Check> checks, Map<Check, CheckResult> results, Sentinel sentinel)
      throws InterruptedException {
    log.accept("The server stopped meanwhile: the failed checks are repeated.");
    deadline += TimeUnit.SECONDS.toNanos(REPEAT_SECONDS_MAX);
    var failed =
        checks.stream().filter(check -> results.get(check) instanceof CheckResult.Failed).toList();
    sentinel.awaitJoined(RESTART_MILLIS_MAX);
    outagesBefore = sentinel.outages();
    results.putAll(
        runConcurrently(
            failed.stream().filter(check -> check.pace() == Check.Pace.SLOW).toList(), sentinel));
    for (var check : failed) {
      if (check.pace() == Check.Pace.QUICK) {
        results.put(check, runAlone(check, sentinel));
      }
    }
  }

  private Map<Check, CheckResult> runConcurrently(List<Check> checks, Sentinel sentinel)
      throws InterruptedException {
    var running = new LinkedHashMap<Check, Future<CheckResult>>();
    var results = new LinkedHashMap<Check, CheckResult>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var pace : List.of(Check.Pace.SLOW, Check.Pace.QUICK)) {
        for (var check : checks) {
          if (check.pace() == pace) {
            var checkRandom = random.split();
            running.put(check, threads.submit(() -> runGentle(check, checkRandom, sentinel)));
          }
        }
      }
      for (var entry : running.entrySet()) {
        results.put(entry.getKey(), resultOf(entry.getValue()));
      }
    }
    return results;
  }

  private CheckResult runGentle(Check check, RandomGenerator checkRandom, Sentinel sentinel)
      throws InterruptedException {
    if (check.pace() == Check.Pace.SLOW) {
      return run(check, checkRandom);
    }
    quick.acquire();
    try {
      return sentinel.outages() > outagesBefore
          ? new CheckResult.Failed("a server", "it does not answer")
          : run(check, checkRandom);
    } finally {
      quick.release();
    }
  }

  private CheckResult runAlone(Check check, Sentinel sentinel) throws InterruptedException {
    if (!sentinel.awaitJoined(RESTART_MILLIS_MAX)) {
      return new CheckResult.Failed("a server", "it does not answer");
    }
    var outages = sentinel.outages();
    var result = run(check, random.split());
    if (canJoin() && sentinel.outages() == outages) {
      return result;
    }
    sentinel.awaitOutageAfter(outages);
    var detail = result instanceof CheckResult.Failed(var _, var seen) ? ": " + seen : "";
    var failure = new CheckResult.Failed("a running server", "it stopped" + detail);
    log.accept(line(check, failure));
    return failure;
  }

  private boolean canJoin() {
    try (var probe = new Probe(serverInfo, random.split())) {
      probe.join();
      return true;
    } catch (IOException | Finding _) {
      return false;
    }
  }

  private static CheckResult resultOf(Future<CheckResult> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a check of this suite is broken", e.getCause());
    }
  }

  private CheckResult run(Check check, RandomGenerator checkRandom) throws InterruptedException {
    if (System.nanoTime() > deadline) {
      return new CheckResult.Failed(
          "a run within " + RUN_SECONDS_MAX + " s", "the time was used up before this check");
    }
    CheckResult result;
    try (var probe = new Probe(serverInfo, checkRandom)) {
      var isOverdue = new boolean[1];
      var finished = new java.util.concurrent.CountDownLatch(1);
      var watchdog =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      if (!finished.await(check.pace().millisMax(), TimeUnit.MILLISECONDS)) {
                        isOverdue[0] = true;
                        probe.abort();
                      }
                    } catch (InterruptedException _) {
                      Thread.currentThread().interrupt();
                    }
                  });
      result = runBody(check, probe);
      finished.countDown();
      watchdog.join();
      if (isOverdue[0]) {
        result =
            new CheckResult.Failed(
                "an end within " + check.pace().millisMax() + " ms", "still running");
      }
    }
    log.accept(line(check, result));
    return result;
  }

  private static CheckResult runBody(Check check, Probe probe) throws InterruptedException {
    try {
      return new CheckResult.Passed(check.body().run(probe));
    } catch (Finding finding) {
      return new CheckResult.Failed(finding.expected(), finding.seen());
    } catch (NotOfferedException notOffered) {
      return new CheckResult.NotOffered(String.valueOf(notOffered.getMessage()));
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
      case CheckResult.NotOffered(var reason) -> "not offered  " + subject + ": " + reason;
    };
  }
}
