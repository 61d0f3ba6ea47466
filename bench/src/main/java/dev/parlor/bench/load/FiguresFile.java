package dev.parlor.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes the figures of one call as JSON: the options, the machine, and every run of every row, so
 * that the call can be repeated and compared. The file is rewritten after each row, so a later
 * failure loses no figure.
 */
final class FiguresFile {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<Path> file;
  private final ObjectNode root = JSON.createObjectNode();
  private final ArrayNode edits;
  private final ArrayNode samples;

  private FiguresFile(Optional<Path> file, String scenario, Map<String, String> options) {
    this.file = file;
    root.put("scenario", scenario);
    var optionsNode = root.putObject("options");
    new TreeMap<>(options).forEach(optionsNode::put);
    var machine = root.putObject("machine");
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("java", System.getProperty("java.runtime.version"));
    machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    edits = root.putArray("edits");
    samples = root.putArray("samples");
  }

  /** Writes to the file of {@code --json}; without that option it writes nothing. */
  static FiguresFile of(String scenario, Options options) {
    var file = new FiguresFile(options.file("json"), scenario, options.values());
    file.root.put("begun", Instant.now().toString());
    return file;
  }

  void edits(String relay, Scenario scenario, List<Figures> runs) {
    var row = edits.addObject();
    row.put("relay", relay);
    row.put("history", scenario.history());
    row.put("readers", scenario.readers());
    row.put("rooms", scenario.rooms());
    row.put("rate", scenario.ratePerSecond());
    row.put("seconds", scenario.seconds());
    row.put("delay_ms", scenario.delayMillis());
    var all = row.putArray("runs");
    for (var run : runs) {
      var figures = all.addObject();
      run.values().forEach((figure, value) -> figures.put(figure.key(), value));
    }
    write();
  }

  void sample(String figureName, Map<ServerUnderTest, List<Map<String, Double>>> runs) {
    runs.forEach(
        (relay, figures) -> {
          var row = samples.addObject();
          row.put("relay", relay.title());
          row.put("what", figureName);
          var all = row.putArray("runs");
          figures.stream()
              .filter(run -> run.containsKey(figureName))
              .map(run -> run.get(figureName))
              .forEach(all::add);
        });
    write();
  }

  private void write() {
    if (file.isEmpty()) {
      return;
    }
    try {
      Files.writeString(
          file.get(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
