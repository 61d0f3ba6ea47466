package dev.parlor.bench.load;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * The command behind {@code ./parlor bench}: runs scenarios against ours and the reference, prints
 * one table.
 */
public final class LoadGenerator {

  private static final String HELP =
      """
      Usage: ./parlor bench [--OPTION=VALUE ...]

        --history=200,20000,100000   changes in the document before measuring; one row each
        --readers=10                 clients per room that only receive
        --rooms=1                    documents, one writer each
        --rate=10                    edits per second and writer
        --seconds=15                 how long each row is measured
        --repeat=3                   runs, each with servers started anew: median (least–most) is printed
        --warm=10000                 edits before that in a document of its own, the same for every relay
        --idle=10                    seconds of watching the same connections without edits
        --joins=5                    clients that join late, one after the other
        --peers=parlor,reference,hocuspocus,floor   which servers to measure
        --reference-history-max=20000  longer histories are not asked of the reference relay: filling takes minutes
        --threads=0                  so many groups of the server's threads are listed with their CPU and switches
        --seed=1                     of the edits
      ./parlor bench jmh [...]       the JMH benchmarks instead
      """;

  private LoadGenerator() {}

  /** Exit code 2 for options that make no sense, 1 when a relay failed. */
  public static void main(String[] arguments) {
    var out = System.out;
    if (List.of(arguments).contains("--help")) {
      out.print(HELP);
      return;
    }
    Map<String, String> options;
    try {
      options = options(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    try {
      run(options, Path.of("").toAbsolutePath(), out);
    } catch (TimeoutException | IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  private static Map<String, String> options(String[] arguments) {
    var options = new LinkedHashMap<String, String>();
    HELP.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("--"))
        .map(line -> line.split("\\s+", 2)[0].substring(2).split("=", 2))
        .forEach(pair -> options.put(pair[0], pair[1]));
    for (var argument : arguments) {
      var pair = argument.replaceFirst("^--", "").split("=", 2);
      if (!argument.startsWith("--") || pair.length != 2 || !options.containsKey(pair[0])) {
        throw new IllegalArgumentException("unknown option " + argument + "; --help lists them");
      }
      options.put(pair[0], pair[1]);
    }
    return options;
  }

  private static void run(Map<String, String> options, Path root, PrintStream out)
      throws TimeoutException {
    var histories = new ArrayList<Integer>();
    for (var text : text(options, "history").split(",", -1)) {
      histories.add(Integer.parseInt(text));
    }
    if (!ProcessClock.isFine()) {
      out.println("CPU is counted in steps of 10 ms here: the process clock could not be read.");
    }
    var report = new Report(out);
    report.head();
    for (var history : histories) {
      row(options, scenario(options, history), root, report);
    }
  }

  /** All peers in turn, then all again, so that what disturbs the machine disturbs all alike. */
  private static void row(Map<String, String> options, Scenario scenario, Path root, Report report)
      throws TimeoutException {
    var seed = number(options, "seed");
    var warming = new Script(scenario.warmEdits() + 1, seed + 1L);
    var script = new Script(scenario.traceLength(), seed);
    var peers = new ArrayList<Peer>();
    for (var name : text(options, "peers").split(",", -1)) {
      var peer = Peer.of(name);
      if (peer != Peer.REFERENCE
          || scenario.history() <= number(options, "reference-history-max")) {
        peers.add(peer);
      }
    }
    var runs = new EnumMap<Peer, List<Figures>>(Peer.class);
    for (var repeat = 0; repeat < number(options, "repeat"); repeat++) {
      for (var peer : peers) {
        try (var server = peer.start(root)) {
          var run = new Run(server, peer.asked(scenario), new Random(seed));
          runs.computeIfAbsent(peer, _ -> new ArrayList<>())
              .add(run.measure(warming.with(peer), script.with(peer)));
          report.threads(run.uses(), run.edits(), number(options, "threads"));
        }
      }
    }
    runs.forEach((peer, figures) -> report.row(peer.title(), scenario, figures));
    var ours = runs.get(Peer.PARLOR);
    if (ours != null) {
      runs.forEach(
          (peer, figures) -> {
            if (peer != Peer.PARLOR) {
              report.ratio(peer.title(), scenario, ours, figures);
            }
          });
    }
  }

  private static Scenario scenario(Map<String, String> options, int history) {
    return new Scenario(
        history,
        number(options, "readers"),
        number(options, "rooms"),
        number(options, "rate"),
        number(options, "seconds"),
        number(options, "warm"),
        number(options, "idle"),
        number(options, "joins"));
  }

  private static int number(Map<String, String> options, String name) {
    try {
      return Integer.parseInt(text(options, name));
    } catch (NumberFormatException e) {
      throw new IllegalStateException("--" + name + " must be a whole number", e);
    }
  }

  private static String text(Map<String, String> options, String name) {
    return java.util.Objects.requireNonNull(options.get(name), name);
  }
}
