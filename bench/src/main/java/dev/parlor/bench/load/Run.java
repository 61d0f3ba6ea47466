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
 * One scenario against one running relay: warm up in a document of its own, fill the measured one,
 * join, measure, watch it idle, join late.
 */
final class Run {

  /** A pause after warm-up and before idling, so that earlier work can finish. */
  private static final Duration REST = Duration.ofSeconds(1);

  private final ServerProcess server;
  private final int port;
  private final Scenario scenario;
  private final Random random;
  private final Latencies deliveries = new Latencies();
  private final List<LoadRoom> rooms = new ArrayList<>();
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

  Figures measure(Conversation warming, Conversation measured) throws TimeoutException {
    try (var loop = new Loop()) {
      warmUp(loop, warming);
      for (var number = 0; number < scenario.rooms(); number++) {
        var room = new LoadRoom(loop, port, measured, random);
        rooms.add(room);
        room.fill(scenario.history() - scenario.settlingEdits());
        for (var reader = 0; reader < scenario.readers(); reader++) {
          room.join("reader-" + number + "-" + reader, deliveries);
        }
        room.type(scenario.settlingEdits(), scenario.ratePerSecond());
      }
      loop.runFor(REST);
      edits(loop);
      loop.runFor(REST);
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

  private void warmUp(Loop loop, Conversation warming) throws TimeoutException {
    if (scenario.warmEdits() > 0) {
      var room = new LoadRoom(loop, port, warming, random);
      room.fill(1);
      for (var reader = 0; reader < scenario.warmReaders(); reader++) {
        room.join("warming-" + reader, new Latencies());
      }
      room.type(scenario.warmEdits() - scenario.slowWarmEdits(), scenario.warmRate());
      room.type(scenario.slowWarmEdits(), scenario.ratePerSecond());
      room.leave();
    }
  }

  private void edits(Loop loop) throws TimeoutException {
    var first = scenario.history();
    rooms.forEach(LoadRoom::measure);
    var own = ProcessHandle.current().pid();
    var threads = server.threads();
    var ownCpu = ProcessClock.nanos(own);
    var cpu = server.cpuNanos();
    steady(loop);
    var cpuMillis = (server.cpuNanos() - cpu) / 1e6;
    var ownMillis = (ProcessClock.nanos(own) - ownCpu) / 1e6;
    uses = server.threads().since(threads);
    figures.put(Figure.CPU_PER_EDIT, cpuMillis / edits());
    if (scenario.readers() > 0) {
      figures.put(Figure.CPU_PER_DELIVERY, cpuMillis * 1000 / (edits() * scenario.readers()));
    }
    var switches = uses.stream().mapToLong(Threads.Use::voluntary).sum();
    figures.put(Figure.SWITCHES_PER_EDIT, switches / edits());
    figures.put(Figure.P50, deliveries.millis(50));
    figures.put(Figure.P95, deliveries.millis(95));
    figures.put(Figure.P99, deliveries.millis(99));
    figures.put(Figure.RESIDENT, server.memory().residentKib() / 1024.0);
    figures.put(Figure.GENERATOR, ownMillis / edits());
    var saved = new Latencies();
    for (var room : rooms) {
      room.log().timesFrom(first, saved);
    }
    figures.put(Figure.SAVED, saved.millis(50));
  }

  /**
   * Sends edits on a fixed schedule, whether or not the relay keeps up, since users feel the queue
   * of a slow relay.
   */
  private void steady(Loop loop) throws TimeoutException {
    var start = System.nanoTime();
    var gap = 1_000_000_000L / scenario.ratePerSecond();
    for (var edit = 0; edit < scenario.measuredEdits(); edit++) {
      for (var room = 0; room < rooms.size(); room++) {
        var editor = rooms.get(room).editor();
        // Writers take turns within the gap instead of all at once.
        loop.at(start + edit * gap + room * gap / rooms.size(), () -> editor.send(1));
      }
    }
    loop.runFor(Duration.ofNanos(scenario.measuredEdits() * gap));
    loop.runUntil(
        () -> rooms.stream().allMatch(LoadRoom::everyoneIsThere), LoadRoom.BOUND, "the last edits");
  }

  private void idle(Loop loop) {
    if (scenario.idleSeconds() > 0) {
      var cpu = server.cpuNanos();
      loop.runFor(Duration.ofSeconds(scenario.idleSeconds()));
      figures.put(Figure.IDLE, (server.cpuNanos() - cpu) / 1e6 / scenario.idleSeconds());
    }
  }

  private void lateJoins() throws TimeoutException {
    var joins = new Latencies();
    for (var i = 0; i < scenario.joins(); i++) {
      var late = rooms.getFirst().join("late-" + i, new Latencies());
      joins.add(late.receipts().joinNanos());
      late.leave();
    }
    if (joins.count() > 0) {
      figures.put(Figure.JOIN, joins.millis(50));
    }
  }
}
