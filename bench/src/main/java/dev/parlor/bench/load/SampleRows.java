package dev.parlor.bench.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Measures samples and prints them as the second table, a row for each figure. */
final class SampleRows {

  private final Options options;
  private final Report report;
  private final List<ServerUnderTest> columns;
  private boolean begun;

  SampleRows(Options options, Report report) {
    this.options = options;
    this.report = report;
    this.columns =
        options.relays().stream()
            .filter(relay -> relay != ServerUnderTest.FLOOR)
            .distinct()
            .toList();
  }

  void run(Sample sample) throws TimeoutException {
    var runs = new EnumMap<ServerUnderTest, List<Map<String, Double>>>(ServerUnderTest.class);
    for (var repeat = 0; repeat < options.number("repeat"); repeat++) {
      for (var relay : sample.relays()) {
        if (options.relays().contains(relay)) {
          runs.computeIfAbsent(relay, _ -> new ArrayList<>()).add(sample.measure(relay));
        }
      }
    }
    head();
    var names = new LinkedHashSet<String>();
    runs.values().forEach(all -> all.forEach(figures -> names.addAll(figures.keySet())));
    names.forEach(name -> row(name, runs));
  }

  private void head() {
    if (!begun) {
      begun = true;
      var head = new StringBuilder("| what |");
      columns.forEach(relay -> head.append(' ').append(relay.title()).append(" |"));
      report.line("");
      report.line(head.toString());
      report.line("|---".repeat(1 + columns.size()) + "|");
    }
  }

  private void row(String name, Map<ServerUnderTest, List<Map<String, Double>>> runs) {
    var row = new StringBuilder("| " + name + " |");
    for (var relay : columns) {
      var spread =
          Spread.of(
              runs.getOrDefault(relay, List.of()).stream()
                  .mapToDouble(figures -> figures.getOrDefault(name, Double.NaN)));
      row.append(' ').append(spread.text(SampleRows::text)).append(" |");
    }
    report.sample(row.toString(), name, runs);
  }

  /** The value with at least three digits. */
  static String text(double value) {
    var size = Math.abs(value);
    var format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}
