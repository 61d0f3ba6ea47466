package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * Runs one scenario against one running relay: it warms up in a separate document, fills the
 * measured documents, joins the readers, and measures edits, idle time and late joins.
 */
final class Run {

  /** A pause before a measurement, so that earlier work can finish. */
  private static final Duration SETTLE_TIME = Duration.ofSeconds(1);

  private final ServerProcess server;
  private final int port;
  private final Scenario scenario;
  private final Random random;
  private final Latencies deliveries = new Latencies();
  private final List<BenchDocument> documents = new ArrayList<>();
  private final EnumMap<Figure, Double> figures = new EnumMap<>(Figure.class);
  private List<Threads.Use> uses = List.of();

  /**
   * @param port the port that the clients use: the server's own or a delaying proxy's
   */
  Run(ServerProcess server, int port, Scenario scenario, Random random) {
    this.server = server;
    this.port = port;
    this.scenario = scenario;
    this.random = random;
  }

  Figures measure(ClientProtocol warmUpProtocol, ClientProtocol measured) throws TimeoutException {
    try (var loop = new Loop()) {
      warmUp(loop, warmUpProtocol);
      for (var number = 0; number < scenario.rooms(); number++) {
        var document = new BenchDocument(loop, port, measured, random);
        documents.add(document);
        document.fill(scenario.history() - scenario.settlingEdits());
        for (var reader = 0; reader < scenario.readers(); reader++) {
          document.join("reader-" + number + "-" + reader, deliveries);
        }
        document.type(scenario.settlingEdits(), scenario.ratePerSecond());
      }
      loop.runFor(SETTLE_TIME);
      edits(loop);
      loop.runFor(SETTLE_TIME);
      idle(loop);
      lateJoins();
      return new Figures(figures);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** CPU and switches of the server's threads during the measurement. */
  List<Threads.Use> uses() {
    return uses;
  }

  double edits() {
    return (double) scenario.measuredEdits() * scenario.rooms();
  }

  private void warmUp(Loop loop, ClientProtocol warmUpProtocol) throws TimeoutException {
    if (scenario.warmEdits() > 0) {
      var document = new BenchDocument(loop, port, warmUpProtocol, random);
      document.fill(1);
      for (var reader = 0; reader < scenario.warmReaders(); reader++) {
        document.join("warming-" + reader, new Latencies());
      }
      document.type(scenario.warmEdits() - scenario.slowWarmEdits(), scenario.warmRate());
      document.type(scenario.slowWarmEdits(), scenario.ratePerSecond());
      document.leave();
    }
  }

  private void edits(Loop loop) throws TimeoutException {
    var first = scenario.history();
    documents.forEach(BenchDocument::measure);
    var generatorPid = ProcessHandle.current().pid();
    var threads = server.threads();
    var generatorCpuNanosBefore = ProcessClock.nanos(generatorPid);
    var cpuNanosBefore = server.cpuNanos();
    sendOnSchedule(loop);
    var serverCpuMillis = (server.cpuNanos() - cpuNanosBefore) / 1e6;
    var generatorCpuMillis = (ProcessClock.nanos(generatorPid) - generatorCpuNanosBefore) / 1e6;
    uses = server.threads().since(threads);
    figures.put(Figure.CPU_PER_EDIT, serverCpuMillis / edits());
    if (scenario.readers() > 0) {
      figures.put(Figure.CPU_PER_DELIVERY, serverCpuMillis * 1000 / (edits() * scenario.readers()));
    }
    var switches = uses.stream().mapToLong(Threads.Use::voluntary).sum();
    figures.put(Figure.SWITCHES_PER_EDIT, switches / edits());
    figures.put(Figure.P50, deliveries.millis(50));
    figures.put(Figure.P95, deliveries.millis(95));
    figures.put(Figure.P99, deliveries.millis(99));
    figures.put(Figure.RESIDENT, server.memory().residentKib() / 1024.0);
    figures.put(Figure.GENERATOR, generatorCpuMillis / edits());
    var saved = new Latencies();
    for (var document : documents) {
      document.log().timesFrom(first, saved);
    }
    figures.put(Figure.SAVED, saved.millis(50));
  }

  /**
   * Sends edits on a fixed schedule, whether or not the relay keeps up, since users feel the queue
   * of a slow relay.
   */
  private void sendOnSchedule(Loop loop) throws TimeoutException {
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / scenario.ratePerSecond();
    for (var edit = 0; edit < scenario.measuredEdits(); edit++) {
      for (var index = 0; index < documents.size(); index++) {
        var writer = documents.get(index).writer();
        // Writers take turns within that time instead of all at once.
        loop.at(
            start + edit * gapNanos + index * gapNanos / documents.size(), () -> writer.send(1));
      }
    }
    loop.runFor(Duration.ofNanos(scenario.measuredEdits() * gapNanos));
    loop.runUntil(
        () -> documents.stream().allMatch(BenchDocument::isSavedAndDelivered),
        BenchDocument.STEP_TIME_MAX,
        "the last edits");
  }

  private void idle(Loop loop) {
    if (scenario.idleSeconds() > 0) {
      var cpuNanosBefore = server.cpuNanos();
      loop.runFor(Duration.ofSeconds(scenario.idleSeconds()));
      figures.put(Figure.IDLE, (server.cpuNanos() - cpuNanosBefore) / 1e6 / scenario.idleSeconds());
    }
  }

  private void lateJoins() throws TimeoutException {
    var joins = new Latencies();
    for (var i = 0; i < scenario.joins(); i++) {
      var late = documents.getFirst().join("late-" + i, new Latencies());
      joins.add(late.receipts().joinNanos());
      late.leave();
    }
    if (joins.count() > 0) {
      figures.put(Figure.JOIN, joins.millis(50));
    }
  }
}
