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
        edits        the table of edits, the default: history, readers, rate as the options say
        fanout       the same with 200 readers and 50 edits/s
        peers        the same with 10, 100 and 500 readers and 10 edits/s
        observers    the same with 1,500 readers and 5 edits/s
        connections  memory and CPU of 2,000 idle connections
        rooms        memory of 200 open rooms of 1,000 changes
        presence     500 clients in one room, each saying where it is once a second
        storm        150 clients join a document of 4 MB at once
        idle         10,000 rooms touched and left alone: memory, and starting with them on disk
        history      a real document of 259,779 changes: uploaded by an unmodified client, joined, joined after a restart
        commits      the change store alone
        all          all of them, one after the other; takes most of an hour
        compare      two files of figures, --before and --json: what became of each median
        jmh          the JMH benchmarks, with JMH's own options
        attacks      the changes of twenty honest clients during each attack of the hostile suite
        events       from playing a card over HTTP to its event
        page         from a press or a link to what browsers show; needs Chromium

      Options:
        --history=200,20000,100000   changes in the document before measuring; one row each
        --readers=10                 clients per room that only receive; one row each of 10,100,500
        --rooms=1                    documents, one writer each
        --rate=10                    edits per second and writer
        --seconds=15                 how long each row of edits is measured
        --repeat=3                   runs, each with servers started anew: median (least–most) is printed
        --warm=10000                 edits before that in a document of its own, the same for every server
        --idle=10                    seconds of watching the same connections without edits
        --joins=5                    clients that join late, one after the other
        --peers=parlor,reference,hocuspocus,floor   which servers to measure
        --sockets=auto               --sockets of Parlor: auto, helidon or loop; the peer "helidon" is Parlor with helidon
        --reference-history-max=20000  longer histories are not asked of the reference relay: filling takes minutes
        --threads=0                  so many groups of the server's threads are listed with their CPU and switches
        --scale=1                    times the sizes of the scenarios from connections to idle
        --delay=0                    milliseconds that everything takes to the server, and as long back; for edits
        --json=                      a file to which all figures are written, every run of them
        --before=                    for compare: the file of figures from before
        --seed=1                     of the edits
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
    Descendants.endWithThis();
    var words = new ArrayList<>(List.of(arguments));
    if (words.contains("--help")) {
      System.out.print(HELP);
      return;
    }
    var named = !words.isEmpty() && !words.getFirst().startsWith("--");
    var scenario = named ? words.removeFirst() : "edits";
    try {
      var options = Options.parse(HELP, words);
      ServerUnderTest.useSockets(options.text("sockets"));
      var root = Path.of("").toAbsolutePath();
      if (scenario.equals("compare")) {
        Comparison.of(options).print(System.out);
      } else {
        new LoadGenerator(root, System.out, FiguresFile.of(scenario, options))
            .run(scenario, options);
      }
    } catch (Options.BadOption e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
    } catch (TimeoutException | IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(String scenario, Options options) throws TimeoutException {
    if (!ProcessClock.isFine()) {
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
          throw new Options.BadOption("there is no scenario " + scenario + "; --help lists them");
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

  private static String without(Options options, ServerUnderTest left) {
    return String.join(
        ",",
        options.peers().stream()
            .filter(peer -> peer != left)
            .map(peer -> peer.name().toLowerCase(java.util.Locale.ROOT))
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
