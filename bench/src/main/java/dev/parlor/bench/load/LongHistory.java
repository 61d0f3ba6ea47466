package dev.parlor.bench.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Measures a real document of 259,779 changes: an unmodified automerge-repo client uploads it to a
 * new server, a second client without data opens it, and a third client opens it after a restart of
 * the server. The servers take turns.
 */
final class LongHistory {

  private static final int MINUTES_MAX = 10;

  private static final Path CLIENTS = Path.of("sync-server", "relay", "interop");

  /** The times of one run in milliseconds. */
  private record Run(double uploadMillis, double joinMillis, double joinAfterRestartMillis) {}

  private final Path root;
  private final Report report;

  LongHistory(Path root, Report report) {
    this.root = root;
    this.report = report;
  }

  void run(Options options) {
    var relays = options.relays().stream().filter(LongHistory::isSupported).toList();
    var runs = relays.stream().map(_ -> new ArrayList<Run>()).toList();
    for (var round = 0; round < options.number("repeat"); round++) {
      for (var i = 0; i < relays.size(); i++) {
        runs.get(i).add(measure(relays.get(i)));
      }
    }
    report.line("| relay | upload until saved | cold join | cold join after a restart |");
    report.line("|---|---|---|---|");
    for (var i = 0; i < relays.size(); i++) {
      report.line(
          "| "
              + relays.get(i).title()
              + " | "
              + seconds(runs.get(i), Run::uploadMillis)
              + " | "
              + seconds(runs.get(i), Run::joinMillis)
              + " | "
              + seconds(runs.get(i), Run::joinAfterRestartMillis)
              + " |");
    }
  }

  /** Whether the relay speaks the protocol of automerge-repo and stores documents. */
  private static boolean isSupported(ServerUnderTest relay) {
    return relay == ServerUnderTest.PARLOR || relay == ServerUnderTest.REFERENCE;
  }

  private Run measure(ServerUnderTest relay) {
    var server = relay.start(root);
    try {
      var uploaded = client("upload", server);
      var document = uploaded.path("url").asText();
      var joined = client("join", server, document);
      server = server.restart();
      var joinedAfterRestart = client("join", server, document);
      return new Run(
          uploaded.path("savedMillis").asDouble(),
          joined.path("millis").asDouble(),
          joinedAfterRestart.path("millis").asDouble());
    } finally {
      server.close();
    }
  }

  /** Runs the client program and returns the JSON object that it prints at its end. */
  private JsonNode client(String part, ServerProcess server, String... arguments) {
    var folder = root.resolve(CLIENTS);
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      throw new IllegalStateException(folder + " is not installed: run npm ci there");
    }
    var url = "ws://127.0.0.1:" + server.port() + "/sync";
    var command = new ArrayList<>(List.of("node", "scenarios/history.mjs", part, url));
    command.addAll(List.of(arguments));
    try {
      var process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      var output = process.getInputStream().readAllBytes();
      if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
      var text = new String(output, StandardCharsets.UTF_8);
      var fact = text.lines().filter(line -> line.matches("(upload|join)ed .*")).findFirst();
      if (process.exitValue() != 0 || fact.isEmpty()) {
        throw new IllegalStateException("the client of the long history failed: " + text);
      }
      return new ObjectMapper().readTree(fact.get().substring(fact.get().indexOf('{')));
    } catch (IOException e) {
      throw new IllegalStateException("the client of the long history: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The median in seconds, with minimum and maximum if there were several runs. */
  private static String seconds(List<Run> runs, ToDoubleFunction<Run> figure) {
    var sorted =
        runs.stream().map(figure::applyAsDouble).sorted(Comparator.naturalOrder()).toList();
    var median = sorted.get(sorted.size() / 2) / 1_000;
    return sorted.size() == 1
        ? String.format(Locale.ROOT, "%.1f s", median)
        : String.format(
            Locale.ROOT,
            "%.1f s (%.1f–%.1f)",
            median,
            sorted.getFirst() / 1_000,
            sorted.getLast() / 1_000);
  }
}
