package dev.parlor.bench.load;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
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
        --warm=10000                 edits before that, not measured
        --joins=5                    clients that join late, one after the other
        --peers=parlor,reference     which relays to measure
        --reference-history-max=20000  longer histories are not asked of the reference relay: filling takes minutes
        --reference-warm=200         its warm-up, shorter because each edit costs it so much
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
    var report = new Report(out);
    report.head();
    for (var history : histories) {
      var ours = scenario(options, history, number(options, "warm"));
      var theirs = scenario(options, history, number(options, "reference-warm"));
      Figures parlor = null;
      Figures reference = null;
      if (text(options, "peers").contains("parlor")) {
        try (var server = ServerProcess.parlor(root, jvmOptions())) {
          parlor = measure(server, ours, number(options, "seed"));
        }
        report.row("Parlor", ours, parlor);
      }
      if (text(options, "peers").contains("reference")
          && history <= number(options, "reference-history-max")) {
        try (var server = ServerProcess.reference(root)) {
          reference = measure(server, theirs, number(options, "seed"));
        }
        report.row("reference relay", theirs, reference);
      }
      if (parlor != null && reference != null) {
        report.ratio(parlor, reference);
      }
    }
  }

  /** Options for the server's JVM, as {@code ./parlor serve} takes them. */
  private static List<String> jvmOptions() {
    var options = System.getenv("PARLOR_JAVA_OPTS");
    return options == null || options.isBlank()
        ? List.of()
        : List.of(options.strip().split("\\s+", -1));
  }

  private static Figures measure(ServerProcess server, Scenario scenario, int seed)
      throws TimeoutException {
    var trace = Trace.typing(scenario.traceLength(), seed);
    return new Run(server, scenario, new Random(seed)).measure(trace);
  }

  private static Scenario scenario(Map<String, String> options, int history, int warm) {
    return new Scenario(
        history,
        number(options, "readers"),
        number(options, "rooms"),
        number(options, "rate"),
        number(options, "seconds"),
        warm,
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
