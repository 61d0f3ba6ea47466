package dev.parlor.bench.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** The table of edits: writers, readers and histories, for every relay. */
final class EditRows {

  private final Path root;
  private final Report report;

  EditRows(Path root, Report report) {
    this.root = root;
    this.report = report;
  }

  /** Measures a row for each history, number of readers and relay. */
  void run(Options options) throws TimeoutException {
    for (var history : options.numbers("history")) {
      for (var readers : options.numbers("readers")) {
        row(options, scenario(options, history, readers));
      }
    }
  }

  /**
   * Measures all relays one after the other and repeats that, so that a disturbance of the machine
   * affects all alike.
   */
  private void row(Options options, Scenario scenario) throws TimeoutException {
    var seed = options.number("seed");
    var warmUpScript = new Script(scenario.warmEdits() + 1, seed + 1L);
    var script = new Script(scenario.traceLength(), seed);
    var runs = new EnumMap<ServerUnderTest, List<Figures>>(ServerUnderTest.class);
    for (var repeat = 0; repeat < options.number("repeat"); repeat++) {
      for (var relay : options.relays()) {
        if (relay == ServerUnderTest.REFERENCE
            && scenario.history() > options.number("reference-history-max")) {
          continue;
        }
        try (var server = relay.start(root, settings(scenario))) {
          var supported = relay.supportedPart(scenario);
          var figures = runs.computeIfAbsent(relay, _ -> new ArrayList<>());
          if (scenario.delayMillis() == 0) {
            figures.add(
                measure(
                    new Run(server, server.port(), supported, new Random(seed)),
                    warmUpScript,
                    script,
                    relay,
                    options));
          } else {
            try (var network =
                DelayedNetwork.to(server.port(), Duration.ofMillis(scenario.delayMillis()))) {
              figures.add(
                  measure(
                      new Run(server, network.port(), supported, new Random(seed)),
                      warmUpScript,
                      script,
                      relay,
                      options));
            }
          }
        }
      }
    }
    runs.forEach((relay, figures) -> report.row(relay.title(), scenario, figures));
    var parlorRuns = runs.get(ServerUnderTest.PARLOR);
    if (parlorRuns != null) {
      runs.forEach(
          (relay, figures) -> {
            if (relay != ServerUnderTest.PARLOR) {
              report.ratio(relay.title(), scenario, parlorRuns, figures);
            }
          });
    }
  }

  private Figures measure(
      Run run, Script warmUpScript, Script script, ServerUnderTest relay, Options options)
      throws TimeoutException {
    var figures = run.measure(warmUpScript.protocolFor(relay), script.protocolFor(relay));
    report.threads(run.uses(), run.edits(), options.number("threads"));
    return figures;
  }

  private static Scenario scenario(Options options, int history, int readers) {
    return new Scenario(
        history,
        readers,
        options.number("rooms"),
        options.number("rate"),
        options.number("seconds"),
        options.number("warm"),
        options.number("idle"),
        options.number("joins"),
        options.delayMillis());
  }

  /** Parlor accepts 1,000 peers per document by default. */
  private static Map<String, String> settings(Scenario scenario) {
    var clients = scenario.readers() + 10;
    return clients > 1_000 ? Map.of("PARLOR_ROOM_PEERS", Integer.toString(clients)) : Map.of();
  }
}
