package dev.parlor.bench.cluster;

import dev.parlor.bench.cluster.ClusterFuzz.Options;
import dev.parlor.nats.proof.ClusterWriters;
import dev.parlor.nats.proof.FreshLoad;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.HistoryChecker;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.nats.proof.StreamedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The rounds of one run of the fuzzer. */
final class FuzzRounds {

  /** Acknowledgements after a heal before the next fault. */
  static final int TOLD_AFTER_HEAL = 20;

  private static final int TOLD_SECONDS_MAX = 90;
  private static final int MILLIS_BETWEEN_CHANGES = 60;

  /** A fault comes within this time after questions, so that it meets any step of their runs. */
  private static final int MILLIS_AFTER_QUESTIONS_MAX = 600;

  /** The probability that somebody asks in a room before a fault, and while it holds. */
  private static final double ASKS_BEFORE = 0.9;

  private static final double ASKS_MEANWHILE = 0.5;

  /**
   * How long faults hold, in milliseconds. Short ones meet changes on their way. A lease ends
   * within the long ones, which are one of six.
   */
  private enum Hold {
    SHORT(200, 2_000),
    MEDIUM(2_000, 8_000),
    LONG(10_500, 13_000);

    private final int millisMin;
    private final int millisMax;

    Hold(int millisMin, int millisMax) {
      this.millisMin = millisMin;
      this.millisMax = millisMax;
    }

    static int millis(Random random) {
      var chosen =
          switch (random.nextInt(12)) {
            case 0, 1 -> LONG;
            case 2, 3, 4 -> MEDIUM;
            default -> SHORT;
          };
      return random.nextInt(chosen.millisMin, chosen.millisMax);
    }
  }

  private record Made(Fault fault, int node, int server) {}

  private final Options options;
  private final RealCluster cluster;
  private final List<StreamedModel> models;
  private final History calls;
  private final Path interop;
  private final Random random;
  private final FuzzFigures figures;

  /**
   * Prepares the rounds.
   *
   * @param models the endpoint of each node
   * @param calls gets the calls of all endpoints
   */
  FuzzRounds(
      Options options,
      RealCluster cluster,
      List<StreamedModel> models,
      History calls,
      Path interop) {
    this.options = options;
    this.cluster = cluster;
    this.models = models;
    this.calls = calls;
    this.interop = interop;
    this.random = new Random(options.seed());
    this.figures = new FuzzFigures(options.seed());
  }

  /** Runs all rounds; false if a rule was broken. */
  boolean run() throws IOException, InterruptedException {
    while (hasTime()) {
      if (!round()) {
        return false;
      }
      System.out.println(figures.progress());
    }
    return true;
  }

  /** The figures of the run. */
  String summary() {
    return figures.summary();
  }

  private boolean hasTime() {
    return figures.cycles() < options.cycles() && figures.elapsedNanos() < options.time().toNanos();
  }

  private boolean round() throws IOException, InterruptedException {
    var history = new History();
    try (var clients =
            new ClusterWriters(
                interop, cluster, options.clients(), MILLIS_BETWEEN_CHANGES, history);
        var rooms =
            new FuzzRooms(
                interop, cluster, options.rooms(), models, calls, history, random, figures)) {
      long made;
      try {
        clients.awaitWriting();
        rooms.awaitHere();
        for (var i = 0; i < options.round() && hasTime(); i++) {
          cycle(clients, rooms);
        }
        made = clients.check();
        rooms.check();
      } catch (IOException e) {
        System.err.println("fuzz cluster: in cycle " + figures.cycles() + ": " + e.getMessage());
        return false;
      }
      var documents = new HashSet<>(clients.documents());
      documents.addAll(rooms.documents());
      var stored = FreshLoad.changes(cluster.serverUrls(), documents);
      var lost =
          history.events(History.Told.class).stream()
              .filter(
                  each ->
                      !Objects.requireNonNull(stored.get(each.document())).contains(each.change()))
              .count();
      figures.round(clients, made, lost);
      figures.round(history);
      var faults = HistoryChecker.check(history, stored);
      faults.forEach(
          fault ->
              System.err.println("fuzz cluster: after cycle " + figures.cycles() + ": " + fault));
      return faults.isEmpty();
    }
  }

  private void cycle(ClusterWriters clients, FuzzRooms rooms)
      throws IOException, InterruptedException {
    var faults = new ArrayList<Made>();
    faults.add(any());
    if (random.nextInt(4) == 0) {
      // Two faults of servers at once would leave no majority, which is not what a run is about.
      var second = any();
      if (second.fault().isOfNode() != faults.getFirst().fault().isOfNode()) {
        faults.add(second);
      }
    }
    var cycle = figures.nextCycle();
    rooms.ask(ASKS_BEFORE);
    TimeUnit.MILLISECONDS.sleep(random.nextInt(MILLIS_AFTER_QUESTIONS_MAX));
    for (var each : faults) {
      System.out.printf(
          "cycle %d: %s (node %d, server %d)%n",
          cycle, each.fault().text(), each.node(), each.server());
      figures.made(each.fault());
      if (each.fault().isOfNode()) {
        rooms.breaks(each.node(), each.fault() == Fault.KILL_NODE);
      }
      each.fault().begin(cluster, each.node(), each.server());
    }
    rooms.ask(ASKS_MEANWHILE);
    TimeUnit.MILLISECONDS.sleep(Hold.millis(random));
    var healingNanos = System.nanoTime();
    for (var each : faults) {
      each.fault().heal(cluster, each.node(), each.server());
    }
    for (var node : cluster.nodes()) {
      if (!node.isRunning()) {
        figures.restarted();
        var _ = node.start();
      }
    }
    var healedNanos = System.nanoTime();
    clients.awaitTold(TOLD_AFTER_HEAL, TOLD_SECONDS_MAX);
    figures.recovered(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healedNanos));
    rooms.awaitStalled(healingNanos, faults.size() == 1);
  }

  private Made any() {
    var faults = Fault.values();
    return new Made(
        faults[random.nextInt(faults.length)],
        random.nextInt(cluster.nodes().size()),
        random.nextInt(RealCluster.SERVERS));
  }
}
