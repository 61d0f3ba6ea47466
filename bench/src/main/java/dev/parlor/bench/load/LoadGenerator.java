package dev.parlor.bench.load;

import dev.parlor.bench.process.Descendants;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The command behind {@code ./parlor bench}: it runs scenarios against Parlor and other relays, and
 * prints tables.
 */
public final class LoadGenerator {

  private static final String HELP =
      """
      Usage: ./parlor bench [SCENARIO] [--OPTION=VALUE ...]
      Scenarios:
        edits        the table of edits, the default: history, readers and rate as the options say
        fanout       the table of edits with 200 readers and 50 edits/s
        peers        the table of edits with 10, 100 and 500 readers and 10 edits/s
        observers    the table of edits with 1,500 readers and 5 edits/s
        connections  memory and CPU of 2,000 idle connections
        rooms        memory of 200 open rooms of 1,000 changes
        presence     500 clients in one room; each sends its presence once a second
        storm        150 clients join a document of 4 MB at once
        idle         10,000 rooms that were written once and left: memory, and a start with them on disk
        history      a real document of 259,779 changes: upload by an unmodified client, join, join after a restart
        commits      the change store alone
        all          all scenarios above, one after the other; takes most of an hour
        compare      compares the medians of two files of figures, --before and --json
        jmh          the JMH benchmarks, with JMH's own options
        apps         appends, deploys and pages of apps, a room's edits meanwhile, and the first pixel of an app; needs Chromium
        attacks      the changes of twenty honest clients during each attack of the hostile suite
        events       from playing a card over HTTP to its event, and the sizes of a room
        page         from a press or a link to what browsers show; needs Chromium
      Options:
        --history=200,20000,100000   changes in the document before measuring; a row for each number
        --readers=10                 clients per room that only receive; a row for each number
        --rooms=1                    documents, each with one writer
        --rate=10                    edits per second and writer
        --seconds=15                 duration of the measurement for each row of edits
        --repeat=3                   runs, each with newly started servers; the table shows median (minimum–maximum)
        --warm=10000                 edits of the warm-up, in a separate document, the same number for every server
        --idle=10                    seconds for which the same connections are measured without edits
        --joins=5                    clients that join late, one after the other
        --peers=parlor,reference,hocuspocus,floor   servers to measure
        --sockets=auto               Parlor's option --sockets: auto, helidon or loop; the server "helidon" is Parlor with helidon
        --reference-history-max=20000  skip the reference relay for longer histories, because filling takes minutes
        --threads=0                  number of thread groups of the server to list with their CPU and context switches
        --scale=1                    multiplies the sizes of the scenarios from connections to idle
        --delay=0                    added network delay in milliseconds in each direction; for edits
        --json=                      file for all figures of every run
        --before=                    for compare: the earlier file of figures
        --seed=1                     seed of the random edits
      """;

  private final Path root;
  private final Report report;
  private final EditRows edits;

  private LoadGenerator(Path root, PrintStream out, FiguresFile file) {
    this.root = root;
    this.report = new Report(out, file);
    this.edits = new EditRows(root, report);
  }

  /** Exit code 2 for invalid options, 1 if a server failed. */
  public static void main(String[] arguments) {
    Descendants.killAtExit();
    var remaining = new ArrayList<>(List.of(arguments));
    if (remaining.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    var hasScenario = !remaining.isEmpty() && !remaining.getFirst().startsWith("--");
    var scenario = hasScenario ? remaining.removeFirst() : "edits";
    try {
      var options = Options.parse(HELP, remaining);
      ServerUnderTest.useSockets(options.text("sockets"));
      var root = Path.of("").toAbsolutePath();
      if (scenario.equals("compare")) {
        Comparison.of(options).print(System.out);
      } else {
        new LoadGenerator(root, System.out, FiguresFile.of(scenario, options))
            .run(scenario, options);
      }
    } catch (Options.InvalidOptionException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
    } catch (TimeoutException | IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(String scenario, Options options) throws TimeoutException {
    if (!ProcessClock.countsNanoseconds()) {
      report.line("CPU is counted in steps of 10 ms here: the process clock could not be read.");
    }
    var samples = samples(options);
    switch (scenario) {
      case "edits" -> {
        report.head();
        edits.run(options);
      }
      case "fanout" -> {
        report.head();
        edits.run(fanout(options));
      }
      case "observers" -> {
        report.head();
        edits.run(observers(options));
      }
      case "peers" -> {
        report.head();
        edits.run(peers(options));
      }
      case "commits" -> commits();
      case "history" -> new LongHistory(root, report).run(options);
      case "all" -> all(options, samples);
      default -> {
        var sample = samples.get(scenario);
        if (sample == null) {
          throw new Options.InvalidOptionException(
              "there is no scenario " + scenario + "; --help lists them");
        }
        new SampleRows(options, report).run(sample.get());
      }
    }
  }

  /** Runs all scenarios; a failing scenario is reported and the others still run. */
  private void all(Options options, Map<String, Supplier<Sample>> samples) {
    report.head();
    attempt("edits", () -> edits.run(options));
    attempt("fanout", () -> edits.run(fanout(options)));
    attempt("peers", () -> edits.run(peers(options)));
    attempt("observers", () -> edits.run(observers(options)));
    var rows = new SampleRows(options, report);
    samples.forEach((name, sample) -> attempt(name, () -> rows.run(sample.get())));
    attempt("history", () -> new LongHistory(root, report).run(options));
    attempt("commits", this::commits);
  }

  private interface Step {
    void run() throws TimeoutException;
  }

  private void attempt(String name, Step step) {
    try {
      step.run();
    } catch (TimeoutException | IllegalStateException e) {
      report.line("| " + name + " failed: " + e.getMessage() + " |");
    }
  }

  private Map<String, Supplier<Sample>> samples(Options options) {
    var samples = new LinkedHashMap<String, Supplier<Sample>>();
    samples.put("connections", () -> new IdleConnections(root, options.scaled(2_000)));
    samples.put("rooms", () -> new OpenRooms(root, options.scaled(200)));
    samples.put("presence", () -> new Presence(root, options.scaled(500)));
    samples.put("storm", () -> new JoinStorm(root, options.scaled(150), options.scaled(4 << 20)));
    samples.put("idle", () -> new ManyRooms(root, options.scaled(10_000)));
    return samples;
  }

  /** The fanout scenario without the reference relay, which cannot keep up at this rate. */
  private static Options fanout(Options options) {
    return options
        .with("history", "200")
        .with("readers", "200")
        .with("rate", "50")
        .with("peers", without(options, ServerUnderTest.REFERENCE));
  }

  /** Documents with 10, 100 and 500 readers and one writer. */
  private static Options peers(Options options) {
    return options
        .with("history", "200")
        .with("readers", "10,100,500")
        .with("rate", "10")
        .with("peers", without(options, ServerUnderTest.REFERENCE));
  }

  private static Options observers(Options options) {
    return options
        .with("history", "200")
        .with("readers", Integer.toString(options.scaled(1_500)))
        .with("rate", "5")
        .with("peers", without(options, ServerUnderTest.REFERENCE));
  }

  private static String without(Options options, ServerUnderTest excluded) {
    return String.join(
        ",",
        options.relays().stream()
            .filter(relay -> relay != excluded)
            .map(relay -> relay.name().toLowerCase(java.util.Locale.ROOT))
            .toList());
  }

  /** Runs the store's benchmark in its own process. */
  private void commits() {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.parlor.bench.store.CommitBench");
    report.line("");
    try {
      var code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("the store's bench ended with " + code);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the store's bench: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
