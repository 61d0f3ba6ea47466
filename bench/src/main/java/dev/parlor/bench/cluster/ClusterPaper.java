package dev.parlor.bench.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.bench.load.OpenDocuments;
import dev.parlor.bench.process.Descendants;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.proof.ParlorProcess;
import dev.parlor.nats.proof.PlainNetwork;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.relay.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The command behind {@code ./parlor bench cluster-paper}: the costs of a cluster on paper, and
 * with {@code --rooms} the same figures of a real cluster on this machine.
 */
public final class ClusterPaper {

  private static final String HELP =
      """
      Usage: ./parlor bench cluster-paper [--rooms=N] [--changes=100] [--active=0.02] [--per-second=3] [--seconds=20]
             [--ack-rate=1000] [--warm-up=30]

        --rooms       open this many documents on three nodes and three servers, and print them beside the model
        --changes     changes of each document
        --active      share of the documents in which somebody writes
        --per-second  changes each second in such a document
        --seconds     how long they write
        --ack-rate    changes each second in 200 documents while acknowledgements are measured
        --warm-up     how long they write at that rate before, so that Java has compiled the code of the nodes
      The second quarter of the documents gives the costs of one document; the model then predicts the other half.
      """;

  private static final int NODES = 3;

  /** Fewer documents have no quarter that gives the costs of one. */
  private static final int ROOMS_MIN = 4;

  /** The documents in which writers write while acknowledgements are measured. */
  private static final int BUSY_DOCUMENTS_MAX = 200;

  private static final double GIB = 1L << 30;
  private static final double KIB = 1024;
  private static final double MIB = 1L << 20;
  private static final Duration SETTLE_TIME = Duration.ofSeconds(3);
  private static final Path JVM_OPTIONS = Path.of("sync-server", "server", "jvm.options");
  private static final ObjectMapper JSON = new ObjectMapper();

  private int rooms;
  private int changes = 100;
  private double active = 0.02;
  private double perSecond = 3;
  private int seconds = 20;
  private int ackRate = 1_000;
  private int warmUpSeconds = 30;

  private ClusterPaper() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, TimeoutException {
    Descendants.killAtExit();
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    var bench = new ClusterPaper();
    try {
      bench.read(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench cluster-paper: " + e.getMessage() + "; --help lists the options");
      System.exit(2);
    }
    paper();
    if (bench.rooms > 0) {
      bench.measure();
    }
  }

  private void read(String... arguments) {
    for (var argument : arguments) {
      var equals = argument.indexOf('=');
      var value = argument.substring(equals + 1);
      switch (equals < 0 ? argument : argument.substring(0, equals)) {
        case "--rooms" -> rooms = Integer.parseInt(value);
        case "--changes" -> changes = Integer.parseInt(value);
        case "--active" -> active = Double.parseDouble(value);
        case "--per-second" -> perSecond = Double.parseDouble(value);
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--ack-rate" -> ackRate = Integer.parseInt(value);
        case "--warm-up" -> warmUpSeconds = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("there is no option " + argument);
      }
    }
    if (rooms < 0
        || changes < 1
        || seconds < 1
        || ackRate < 1
        || !(active > 0)
        || warmUpSeconds < 1) {
      throw new IllegalArgumentException("the numbers are above 0");
    }
    if (rooms > 0 && rooms < ROOMS_MIN) {
      throw new IllegalArgumentException("--rooms is at least " + ROOMS_MIN);
    }
  }

  private static void paper() {
    row(
        "open",
        "clients each",
        "nodes",
        "active",
        "memory, affinity",
        "memory, by chance",
        "appends",
        "bytes to each disk",
        "subscriptions, affinity",
        "subjects, each server",
        "stored, three disks");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    for (var rooms : new long[] {10_000, 100_000}) {
      for (var nodes : new int[] {3, 6}) {
        print(new PaperModel(rooms, 3, nodes, 0.02, 3, 1_000_000, PaperModel.Constants.usual()));
      }
    }
    print(new PaperModel(100_000, 3, 6, 0.05, 5, 1_000_000, PaperModel.Constants.usual()));
  }

  private static void print(PaperModel model) {
    row(
        String.format(Locale.ROOT, "%,d", model.rooms()),
        String.format(Locale.ROOT, "%.0f", model.clientsPerRoom()),
        String.format(Locale.ROOT, "%d", model.nodes()),
        String.format(
            Locale.ROOT, "%.0f %% at %.0f/s", 100 * model.activeShare(), model.changesPerSecond()),
        String.format(
            Locale.ROOT, "%.1f GiB", model.memoryBytes(PaperModel.COPIES_WITH_AFFINITY) / GIB),
        String.format(Locale.ROOT, "%.1f GiB", model.memoryBytes(model.copiesByChance()) / GIB),
        String.format(Locale.ROOT, "%,.0f/s", model.appends()),
        String.format(Locale.ROOT, "%.1f MB/s", model.appendedBytes() / 1e6),
        String.format(Locale.ROOT, "%,.0f", model.subscriptions(PaperModel.COPIES_WITH_AFFINITY)),
        String.format(Locale.ROOT, "%.2f GiB", model.subjectBytes() / GIB),
        String.format(Locale.ROOT, "%.2f TB", model.storedBytes() / 1e12));
  }

  /** What a cluster uses at one moment. */
  private record Use(double nodeBytes, double subscriptions, double entries, double storedBytes) {}

  private void measure() throws IOException, InterruptedException, TimeoutException {
    var folder = Files.createTempDirectory("parlor-cluster-paper");
    var settings =
        Map.of("PARLOR_LOG", "error", "PARLOR_IDLE_SECONDS", "3600", "MALLOC_ARENA_MAX", "2");
    var java = ChildJvm.longLivedCommand("@" + JVM_OPTIONS); // as ./parlor serve runs the server
    try (var cluster = new RealCluster(folder, new PlainNetwork(), NODES, _ -> settings, java);
        var documents = new OpenDocuments(changes, 1)) {
      var ports = cluster.nodes().stream().map(ParlorProcess::port).toList();
      // A heap that is nearly empty takes new documents without growing, so the sample comes
      // second.
      var sample = rooms / ROOMS_MIN;
      var predicted = rooms - 2 * sample;
      documents.open(ports, sample);
      documents.idle(SETTLE_TIME);
      var before = use(cluster);
      documents.open(ports, sample);
      documents.idle(SETTLE_TIME);
      var sampled = use(cluster);
      var perRoom = (sampled.nodeBytes() - before.nodeBytes()) / sample;
      var stored = (sampled.storedBytes() - before.storedBytes()) / sample;
      documents.open(ports, predicted);
      documents.idle(SETTLE_TIME);
      var full = use(cluster);

      var writing = Math.max(1, (int) Math.round(documents.count() * active));
      var rate = Math.max(1, (int) Math.round(writing * perSecond));
      var entriesBefore = use(cluster).entries();
      var typed = System.nanoTime();
      var times = documents.type(writing, rate, seconds);
      var typedSeconds = (System.nanoTime() - typed) / 1e9;
      var appends = (use(cluster).entries() - entriesBefore) / typedSeconds;

      // A node's memory for its writer's connection is part of the memory of its document here.
      var constants = new PaperModel.Constants(perRoom / KIB, 0, 0, 0, stored);
      var model = new PaperModel(predicted, 1, NODES, active, perSecond, 0, constants);
      System.out.printf(
          "%n%,d documents of %,d changes on %d nodes, one writer each; the first rows are for the last %,d of them,"
              + " with the costs of one document from %,d others%n%n",
          rooms, changes, NODES, predicted, sample);
      row("figure", "model", "measured", "difference");
      System.out.println("|---|---|---|---|");
      compare(
          "memory of the nodes, MiB",
          model.memoryBytes(1) / MIB,
          (full.nodeBytes() - sampled.nodeBytes()) / MIB);
      compare(
          "subscriptions", model.subscriptions(1), full.subscriptions() - sampled.subscriptions());
      compare(
          "bytes of the logs, one replica, MB",
          model.storedBytes() / 3 / 1e6,
          (full.storedBytes() - sampled.storedBytes()) / 1e6);
      compare("appends a second", writing * perSecond, appends);
      row(
          "memory of all nodes, MiB",
          "",
          String.format(Locale.ROOT, "%,.0f", full.nodeBytes() / MIB),
          "");
      row("memory of one document, KiB", "", String.format(Locale.ROOT, "%.1f", perRoom / KIB), "");
      row("bytes of one document in a log", "", String.format(Locale.ROOT, "%,.0f", stored), "");
      acknowledgements("acknowledgement at that rate", times.millis(50), times.millis(99));
      var busy = Math.min(BUSY_DOCUMENTS_MAX, documents.count());
      var warmUp = documents.type(busy, ackRate, warmUpSeconds);
      acknowledgements(
          String.format(
              Locale.ROOT,
              "acknowledgement in the first %d s at %,d changes a second",
              warmUpSeconds,
              ackRate),
          warmUp.millis(50),
          warmUp.millis(99));
      var fast = documents.type(busy, ackRate, seconds);
      acknowledgements(
          String.format(
              Locale.ROOT,
              "acknowledgement at %,d changes a second in %,d documents",
              ackRate,
              busy),
          fast.millis(50),
          fast.millis(99));
    }
  }

  private static void acknowledgements(String figure, double p50, double p99) {
    row(figure, "", String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms", p50, p99), "");
  }

  private static void compare(String figure, double model, double measured) {
    row(
        figure,
        String.format(Locale.ROOT, "%,.1f", model),
        String.format(Locale.ROOT, "%,.1f", measured),
        String.format(Locale.ROOT, "%+.0f %%", 100 * (measured - model) / model));
  }

  private static Use use(RealCluster cluster) throws IOException, InterruptedException {
    var nodeBytes = 0.0;
    for (var node : cluster.nodes()) {
      collectGarbage(node);
      nodeBytes += node.residentBytes();
    }
    var subscriptions = 0.0;
    var entries = 0.0;
    var stored = 0.0;
    for (var server : cluster.servers()) {
      for (var connection : connections(server)) {
        subscriptions += connection;
      }
    }
    var streams =
        JSON.readTree(cluster.servers().getFirst().monitor().resolve("/jsz?streams=true").toURL());
    for (var account : streams.path("account_details")) {
      for (var stream : account.path("stream_detail")) {
        if (stream.path("name").asText().startsWith("PARLOR_LOG_")) {
          entries += stream.path("state").path("messages").asDouble();
          stored += stream.path("state").path("bytes").asDouble();
        }
      }
    }
    return new Use(nodeBytes, subscriptions, entries, stored);
  }

  /** The number of subscriptions of each client of a server. */
  private static List<Double> connections(NatsServer server) throws IOException {
    var found = new java.util.ArrayList<Double>();
    for (var connection :
        JSON.readTree(server.monitor().resolve("/connz").toURL()).path("connections")) {
      found.add(connection.path("subscriptions").asDouble());
    }
    return found;
  }

  private static void collectGarbage(ParlorProcess node) throws IOException, InterruptedException {
    var jcmd = System.getProperty("java.home") + "/bin/jcmd";
    var process =
        new ProcessBuilder(jcmd, Long.toString(node.pid()), "GC.run")
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private static void row(String... cells) {
    System.out.println("| " + String.join(" | ", cells) + " |");
    System.out.flush();
  }
}
