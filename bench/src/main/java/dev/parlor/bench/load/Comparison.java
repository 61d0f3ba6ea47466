package dev.parlor.bench.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/** Compares the medians of each figure that two files have in common. */
final class Comparison {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Double> before;
  private final Map<String, Double> after;

  private Comparison(JsonNode before, JsonNode after) {
    this.before = medians(before);
    this.after = medians(after);
  }

  static Comparison of(Options options) {
    return new Comparison(read(options, "before"), read(options, "json"));
  }

  private static JsonNode read(Options options, String name) {
    Path file =
        options
            .file(name)
            .orElseThrow(
                () ->
                    new Options.InvalidOptionException(
                        "compare needs --before=FILE and --json=FILE"));
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new Options.InvalidOptionException("--" + name + ": " + e.getMessage());
    }
  }

  /** The medians by scenario and relay; rows are in the order of the file. */
  private static Map<String, Double> medians(JsonNode figures) {
    var medians = new LinkedHashMap<String, Double>();
    for (var row : figures.path("edits")) {
      var prefix =
          String.format(
              Locale.ROOT,
              "%s, %d changes, %d × %d readers, %d/s, %d ms each way: ",
              row.path("relay").asText(),
              row.path("history").asInt(),
              row.path("rooms").asInt(),
              row.path("readers").asInt(),
              row.path("rate").asInt(),
              row.path("delay_ms").asInt());
      for (var figure : Figure.values()) {
        var values = numbers(row.path("runs"), figure.key());
        medians.put(prefix + figure.head(), Spread.of(values).median());
      }
    }
    for (var row : figures.path("samples")) {
      var values =
          StreamSupport.stream(row.path("runs").spliterator(), false)
              .mapToDouble(JsonNode::asDouble);
      medians.put(
          row.path("relay").asText() + ", " + row.path("what").asText(),
          Spread.of(values).median());
    }
    return medians;
  }

  private static DoubleStream numbers(JsonNode runs, String key) {
    return StreamSupport.stream(runs.spliterator(), false)
        .mapToDouble(run -> run.path(key).asDouble(Double.NaN));
  }

  void print(PrintStream out) {
    if (after.keySet().stream().noneMatch(before::containsKey)) {
      throw new Options.InvalidOptionException("the two files have no scenario in common");
    }
    out.println("| what | before | after | after ÷ before |");
    out.println("|---|---|---|---|");
    after.forEach(
        (what, afterMedian) -> {
          var beforeMedian = before.getOrDefault(what, Double.NaN);
          if (!Double.isNaN(afterMedian) && !Double.isNaN(beforeMedian)) {
            var ratio =
                beforeMedian == 0
                    ? "–"
                    : String.format(Locale.ROOT, "%.2f", afterMedian / beforeMedian);
            out.println(
                "| %s | %s | %s | %s |"
                    .formatted(
                        what, SampleRows.text(beforeMedian), SampleRows.text(afterMedian), ratio));
          }
        });
  }
}
