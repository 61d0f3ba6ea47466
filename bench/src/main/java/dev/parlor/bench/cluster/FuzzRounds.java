package dev.parlor.bench.cluster;

import dev.parlor.bench.cluster.ClusterFuzz.Options;
import dev.parlor.nats.proof.ClusterWriters;
import dev.parlor.nats.proof.FreshLoad;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.HistoryChecker;
import dev.parlor.nats.proof.RealCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The rounds of one run of the fuzzer, and their figures. */
final class FuzzRounds {

  /** A fault holds at least this long, so that it meets changes on their way. */
  private static final int HOLD_MILLIS_MIN = 300;

  /** A lease ends within this time, so that faults are shorter and longer than a lease. */
  private static final int HOLD_MILLIS_MAX = 12_000;

  /** Acknowledgements after a heal before the next fault. */
  private static final int TOLD_AFTER_HEAL = 20;

  private static final int TOLD_SECONDS_MAX = 90;
  private static final int MILLIS_BETWEEN_CHANGES = 60;

  private record Made(Fault fault, int node, int server) {}

  private final Options options;
  private final RealCluster cluster;
  private final Path interop;
  private final Random random;
  private final Map<Fault, Integer> made = new EnumMap<>(Fault.class);
  private final List<Long> acknowledgementMillis = new ArrayList<>();
  private final List<Long> recoveryMillis = new ArrayList<>();
  private final long begunNanos = System.nanoTime();
  private int cycles;
  private int restartedByThemselves;
  private long changes;
  private long told;
  private long lost;
  private long longestGapMillis;

  FuzzRounds(Options options, RealCluster cluster, Path interop) {
    this.options = options;
    this.cluster = cluster;
    this.interop = interop;
    this.random = new Random(options.seed());
  }

  /** Runs all rounds; false if a rule was broken. */
  boolean run() throws IOException, InterruptedException {
    while (hasTime()) {
      if (!round()) {
        return false;
      }
      System.out.printf("%,d cycles, %,d changes told, nothing lost%n", cycles, told);
    }
    return true;
  }

  private boolean hasTime() {
    return cycles < options.cycles() && System.nanoTime() - begunNanos < options.time().toNanos();
  }

  private boolean round() throws IOException, InterruptedException {
    var history = new History();
    try (var clients =
        new ClusterWriters(interop, cluster, options.clients(), MILLIS_BETWEEN_CHANGES, history)) {
      try {
        clients.awaitWriting();
        for (var i = 0; i < options.round() && hasTime(); i++) {
          cycle(clients);
        }
        changes += clients.check();
      } catch (IOException e) {
        System.err.println("fuzz cluster: in cycle " + cycles + ": " + e.getMessage());
        return false;
      }
      told += clients.toldCount();
      longestGapMillis = Math.max(longestGapMillis, clients.longestGapMillis());
      acknowledgementMillis.addAll(clients.acknowledgementMillis());
      var stored = FreshLoad.changes(cluster.serverUrls(), clients.documents());
      lost +=
          history.events(History.Told.class).stream()
              .filter(
                  each ->
                      !Objects.requireNonNull(stored.get(each.document())).contains(each.change()))
              .count();
      var faults = HistoryChecker.check(history, stored);
      faults.forEach(
          fault -> System.err.println("fuzz cluster: after cycle " + cycles + ": " + fault));
      return faults.isEmpty();
    }
  }

  private void cycle(ClusterWriters clients) throws IOException, InterruptedException {
    var faults = new ArrayList<Made>();
    faults.add(any());
    if (random.nextInt(4) == 0) {
      // Two faults of servers at once would leave no majority, which is not what a run is about.
      var second = any();
      if (second.fault().isOfNode() != faults.getFirst().fault().isOfNode()) {
        faults.add(second);
      }
    }
    cycles++;
    for (var each : faults) {
      System.out.printf(
          "cycle %d: %s (node %d, server %d)%n",
          cycles, each.fault().text(), each.node(), each.server());
      made.merge(each.fault(), 1, Integer::sum);
      each.fault().begin(cluster, each.node(), each.server());
    }
    TimeUnit.MILLISECONDS.sleep(random.nextInt(HOLD_MILLIS_MIN, HOLD_MILLIS_MAX));
    for (var each : faults) {
      each.fault().heal(cluster, each.node(), each.server());
    }
    for (var node : cluster.nodes()) {
      if (!node.isRunning()) {
        restartedByThemselves++;
        var _ = node.start();
      }
    }
    var healedNanos = System.nanoTime();
    clients.awaitTold(TOLD_AFTER_HEAL, TOLD_SECONDS_MAX);
    recoveryMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healedNanos));
  }

  private Made any() {
    var faults = Fault.values();
    return new Made(
        faults[random.nextInt(faults.length)],
        random.nextInt(cluster.nodes().size()),
        random.nextInt(RealCluster.SERVERS));
  }

  /** The figures of the run. */
  String summary() {
    var sorted = acknowledgementMillis.stream().sorted().toList();
    return """
        fuzz cluster: %,d cycles in %d s (seed %d): %s
          %,d changes made, %,d told as saved, %,d lost
          longest time without an acknowledgement to any client: %,d ms
          acknowledgement of a change, faults included: p50 %,d ms, p99 %,d ms
          until %d changes were told after a heal: p50 %,d ms, longest %,d ms
          nodes that ended by themselves and were started again: %d"""
        .formatted(
            cycles,
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNanos),
            options.seed(),
            made.entrySet().stream()
                .map(entry -> entry.getValue() + " × " + entry.getKey().text())
                .collect(Collectors.joining(", ")),
            changes,
            told,
            lost,
            longestGapMillis,
            percentile(sorted, 50),
            percentile(sorted, 99),
            TOLD_AFTER_HEAL,
            percentile(recoveryMillis.stream().sorted().toList(), 50),
            percentile(recoveryMillis.stream().sorted().toList(), 100),
            restartedByThemselves);
  }

  private static long percentile(List<Long> sorted, int percent) {
    return sorted.isEmpty()
        ? 0
        : sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
