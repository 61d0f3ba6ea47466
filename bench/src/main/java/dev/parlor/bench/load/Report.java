package dev.parlor.bench.load;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Prints figures as rows of a Markdown table as soon as they are measured, and writes them to a
 * file if requested.
 */
final class Report {

  private final PrintStream out;
  private final FiguresFile file;

  Report(PrintStream out, FiguresFile file) {
    this.out = out;
    this.file = file;
  }

  void head() {
    var head = new StringBuilder("| relay | history | readers | edits/s |");
    for (var figure : Figure.values()) {
      head.append(' ').append(figure.head()).append(" |");
    }
    line(head.toString());
    line("|---".repeat(4 + Figure.values().length) + "|");
  }

  /** Prints the median of the runs, with minimum and maximum if there were several. */
  void row(String relay, Scenario scenario, List<Figures> runs) {
    var row = new StringBuilder(start(relay, scenario));
    for (var figure : Figure.values()) {
      row.append(' ').append(Figures.spread(runs, figure).text(figure::text)).append(" |");
    }
    line(row.toString());
    file.edits(relay, scenario, runs);
  }

  /** Prints a row of the second table. */
  void sample(String row, String name, Map<ServerUnderTest, List<Map<String, Double>>> runs) {
    line(row);
    file.sample(name, runs);
  }

  /** Prints the medians of another relay divided by Parlor's medians. */
  void ratio(String relay, Scenario scenario, List<Figures> parlorRuns, List<Figures> relayRuns) {
    var row = new StringBuilder(start("*" + relay + " ÷ Parlor*", scenario));
    for (var figure : Figure.values()) {
      var ratio =
          Figures.spread(relayRuns, figure).median() / Figures.spread(parlorRuns, figure).median();
      row.append(
          Double.isNaN(ratio) || Double.isInfinite(ratio) || figure == Figure.GENERATOR
              ? " – |"
              : String.format(Locale.ROOT, ratio < 10 ? " **%.2f** |" : " **%.0f** |", ratio));
    }
    line(row.toString());
  }

  /** Prints the CPU of one run by thread group, per edit. */
  void threads(List<Threads.Use> uses, double edits, int groupsMax) {
    for (var use : uses.subList(0, Math.min(groupsMax, uses.size()))) {
      line(
          String.format(
              Locale.ROOT,
              "    %-16s %8.1f µs/edit %6.2f voluntary %6.2f involuntary switches/edit",
              use.name(),
              use.cpuNanos() / 1000.0 / edits,
              use.voluntary() / edits,
              use.involuntary() / edits));
    }
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  private static String start(String relay, Scenario scenario) {
    return String.format(
        Locale.ROOT,
        "| %s%s | %,d | %d%s | %d |",
        relay,
        scenario.delayMillis() == 0 ? "" : ", " + scenario.delayMillis() + " ms each way",
        scenario.history(),
        scenario.readers(),
        scenario.rooms() == 1 ? "" : " × " + scenario.rooms(),
        scenario.ratePerSecond());
  }
}
