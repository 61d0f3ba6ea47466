package dev.parlor.bench.apps;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints each figure as a row of a Markdown table as soon as it is measured. */
final class Table {

  private final PrintStream out;
  private final List<String> figures = new ArrayList<>();

  Table(PrintStream out) {
    this.out = out;
  }

  void head() {
    line("| figure | aim | measured | server CPU per answer | generator CPU per answer |");
    line("|---|---|---|---|---|");
  }

  /** Prints answers per second. */
  void rate(String figure, String aim, Load.Result result) {
    row(figure, aim, String.format(Locale.ROOT, "%,.0f/s", result.perSecond()), cpu(result));
  }

  /** Prints the 99th percentile, with the median before it. */
  void p99(String figure, String aim, Load.Result result) {
    row(
        figure,
        aim,
        String.format(
            Locale.ROOT,
            "%.2f ms (p50 %.2f ms)",
            result.latencies().millis(99),
            result.latencies().millis(50)),
        cpu(result));
  }

  /** Prints a figure without CPU times. */
  void plain(String figure, String aim, String measured) {
    row(figure, aim, measured, "– | –");
  }

  private static String cpu(Load.Result result) {
    return String.format(
        Locale.ROOT,
        "%.0f µs | %.0f µs",
        result.serverMicrosPerAnswer(),
        result.generatorMicrosPerAnswer());
  }

  private void row(String figure, String aim, String measured, String cpu) {
    figures.add(figure);
    line("| " + figure + " | " + aim + " | " + measured + " | " + cpu + " |");
  }

  /** The names of the printed figures, in order. */
  List<String> figures() {
    return List.copyOf(figures);
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }
}
