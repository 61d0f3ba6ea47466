package dev.parlor.bench.cluster;

import dev.parlor.bench.process.Descendants;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.nats.proof.RelayedNetwork;
import dev.parlor.nats.proof.StreamedModel;
import dev.parlor.relay.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The command behind {@code ./parlor fuzz cluster}: random faults of three servers of NATS, three
 * nodes and the lines between them, while unmodified automerge-repo clients write and people ask
 * the model in rooms.
 */
public final class ClusterFuzz {

  private static final String HELP =
      """
      Usage: ./parlor fuzz cluster [--cycles=1000] [--minutes=600] [--round=10] [--clients=4] [--rooms=3] [--seed=1] [--relays]

        --cycles   number of cycles; each has one fault, and every fourth on average a second one
        --minutes  no new cycle begins after this time
        --round    cycles with the same clients; the history is checked after each round
        --clients  number of clients that write
        --rooms    number of rooms in which people ask the model
        --seed     seed of the faults, their parts and their times
        --relays   cuts lines by TCP relays also if this process may create network namespaces
      Exit code 1 if the checker finds a fault, if the clients are told nothing for too long after a heal, or if
      the answer of a broken node does not end.
      """;

  private static final int NODES = 3;

  private ClusterFuzz() {}

  /** The options of a run. */
  record Options(
      int cycles, Duration time, int round, int clients, int rooms, long seed, boolean relays) {

    static Options parse(String... arguments) {
      var cycles = 1000;
      var minutes = 600.0;
      var round = 10;
      var clients = 4;
      var rooms = 3;
      var seed = 1L;
      var relays = false;
      for (var argument : arguments) {
        var equals = argument.indexOf('=');
        var value = argument.substring(equals + 1);
        switch (equals < 0 ? argument : argument.substring(0, equals)) {
          case "--cycles" -> cycles = Integer.parseInt(value);
          case "--minutes" -> minutes = Double.parseDouble(value);
          case "--round" -> round = Integer.parseInt(value);
          case "--clients" -> clients = Integer.parseInt(value);
          case "--rooms" -> rooms = Integer.parseInt(value);
          case "--seed" -> seed = Long.parseLong(value);
          case "--relays" -> relays = true;
          default -> throw new IllegalArgumentException("there is no option " + argument);
        }
      }
      if (cycles < 1 || round < 1 || clients < 1 || rooms < 1 || !(minutes > 0)) {
        throw new IllegalArgumentException("cycles, round, clients, rooms and minutes are above 0");
      }
      return new Options(
          cycles,
          Duration.ofMillis((long) (minutes * 60_000)),
          round,
          clients,
          rooms,
          seed,
          relays);
    }
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Descendants.killAtExit();
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    try {
      System.exit(run(Options.parse(arguments)) ? 0 : 1);
    } catch (IllegalArgumentException e) {
      System.err.println("fuzz cluster: " + e.getMessage() + "; --help lists the options");
      System.exit(2);
    }
  }

  private static boolean run(Options options) throws IOException, InterruptedException {
    var namespaces = !options.relays() && NamespacedNetwork.isPossible();
    var network =
        namespaces
            ? new NamespacedNetwork((int) (ProcessHandle.current().pid() % 256))
            : new RelayedNetwork();
    System.out.printf(
        "fuzz cluster: seed %d, %s%n",
        options.seed(), namespaces ? "network namespaces" : "TCP relays");
    var folder = Files.createTempDirectory("parlor-cluster-fuzz");
    var calls = new History();
    var models = new ArrayList<StreamedModel>();
    try {
      for (var node = 0; node < NODES; node++) {
        models.add(new StreamedModel(network.hostAddress(), calls, Clock.systemUTC()));
      }
      try (var cluster =
          new RealCluster(
              folder,
              network,
              NODES,
              node -> settings(models.get(node)),
              ChildJvm.shortLivedCommand("-Xmx256m"))) {
        var interop = Path.of("sync-server", "relay", "interop");
        var rounds = new FuzzRounds(options, cluster, models, calls, interop);
        var passed = rounds.run();
        System.out.println(rounds.summary());
        if (!passed) {
          System.err.println(cluster.output());
          System.err.println("fuzz cluster: seed " + options.seed() + " failed; see " + folder);
        }
        return passed;
      }
    } finally {
      models.forEach(StreamedModel::close);
    }
  }

  private static Map<String, String> settings(StreamedModel model) {
    return Map.of("PARLOR_LOG", "warn", "PARLOR_LLM_URL", model.url(), "PARLOR_LLM_MODEL", "words");
  }
}
