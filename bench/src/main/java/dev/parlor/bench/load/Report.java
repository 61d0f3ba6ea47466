package dev.parlor.bench.load;

import java.io.PrintStream;
import java.util.Locale;

/** Prints figures as the rows of a Markdown table, each as soon as it is measured. */
final class Report {

  private final PrintStream out;

  Report(PrintStream out) {
    this.out = out;
  }

  void head() {
    out.println(
        "| relay | history | readers | edits/s | CPU per edit | CPU per delivery | p50 | p99 | saved p50 | join | resident |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|");
  }

  void row(String relay, Scenario scenario, Figures figures) {
    line(
        String.format(
            Locale.ROOT,
            "| %s | %,d | %d%s | %d | %.3f ms | %.1f µs | %.2f ms | %.2f ms | %.2f ms | %.1f ms | %,d MiB |",
            relay,
            scenario.history(),
            scenario.readers(),
            scenario.rooms() == 1 ? "" : " × " + scenario.rooms(),
            scenario.ratePerSecond(),
            figures.cpuPerEdit(),
            figures.cpuPerDelivery() * 1000,
            figures.p50(),
            figures.p99(),
            figures.ackP50(),
            figures.joinP50(),
            figures.resident() / 1024));
  }

  /** How many times the reference's figure ours goes into. */
  void ratio(Figures ours, Figures theirs) {
    line(
        String.format(
            Locale.ROOT,
            "| *reference ÷ Parlor* | | | | **%.0f** | **%.0f** | **%.1f** | **%.1f** | **%.1f** | **%.1f** | %.1f |",
            theirs.cpuPerEdit() / ours.cpuPerEdit(),
            theirs.cpuPerDelivery() / ours.cpuPerDelivery(),
            theirs.p50() / ours.p50(),
            theirs.p99() / ours.p99(),
            theirs.ackP50() / ours.ackP50(),
            theirs.joinP50() / ours.joinP50(),
            (double) theirs.resident() / ours.resident()));
  }

  private void line(String text) {
    out.println(text);
    out.flush();
  }
}
