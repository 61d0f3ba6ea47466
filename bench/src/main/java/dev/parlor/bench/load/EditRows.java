package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** The table of edits: writers, readers, histories, every peer beside ours. */
final class EditRows {

  private final Path root;
  private final Report report;

  EditRows(Path root, Report report) {
    this.root = root;
    this.report = report;
  }

  /** A row for each history and peer. */
  void run(Options options) throws TimeoutException {
    for (var history : options.numbers("history")) {
      row(options, scenario(options, history));
    }
  }

  /** All peers in turn, then all again, so that what disturbs the machine disturbs all alike. */
  private void row(Options options, Scenario scenario) throws TimeoutException {
    var seed = options.number("seed");
    var warming = new Script(scenario.warmEdits() + 1, seed + 1L);
    var script = new Script(scenario.traceLength(), seed);
    var runs = new EnumMap<Peer, List<Figures>>(Peer.class);
    for (var repeat = 0; repeat < options.number("repeat"); repeat++) {
      for (var peer : options.peers()) {
        if (peer == Peer.REFERENCE
            && scenario.history() > options.number("reference-history-max")) {
          continue;
        }
        try (var server = peer.start(root, settings(scenario))) {
          var run = new Run(server, peer.asked(scenario), new Random(seed));
          runs.computeIfAbsent(peer, _ -> new ArrayList<>())
              .add(run.measure(warming.with(peer), script.with(peer)));
          report.threads(run.uses(), run.edits(), options.number("threads"));
        }
      }
    }
    runs.forEach((peer, figures) -> report.row(peer.title(), scenario, figures));
    var ours = runs.get(Peer.PARLOR);
    if (ours != null) {
      runs.forEach(
          (peer, figures) -> {
            if (peer != Peer.PARLOR) {
              report.ratio(peer.title(), scenario, ours, figures);
            }
          });
    }
  }

  private static Scenario scenario(Options options, int history) {
    return new Scenario(
        history,
        options.number("readers"),
        options.number("rooms"),
        options.number("rate"),
        options.number("seconds"),
        options.number("warm"),
        options.number("idle"),
        options.number("joins"));
  }

  /** Ours takes 1,000 in a room unless told otherwise. */
  private static Map<String, String> settings(Scenario scenario) {
    var clients = scenario.readers() + 10;
    return clients > 1_000 ? Map.of("PARLOR_ROOM_PEERS", Integer.toString(clients)) : Map.of();
  }
}
