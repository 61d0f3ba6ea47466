package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** One scenario against one running relay: fill, join, warm up, measure, join late. */
final class Run {

  private static final int PRELOAD_BATCH = 500;
  private static final Duration BOUND = Duration.ofMinutes(5);

  private final ServerProcess server;
  private final Scenario scenario;
  private final Random random;
  private final Latencies deliveries = new Latencies();
  private final List<Writer> writers = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();

  Run(ServerProcess server, Scenario scenario, Random random) {
    this.server = server;
    this.scenario = scenario;
    this.random = random;
  }

  Figures measure(Trace trace) throws TimeoutException {
    var residentBefore = server.residentKib();
    try (var loop = new Loop()) {
      fill(loop, trace);
      joinReaders(loop);
      warmUp(loop);
      var first = writers.getFirst().sent();
      readers.forEach(reader -> reader.measureFrom(first));
      var cpu = server.cpuSeconds();
      steady(loop);
      var cpuMillis = (server.cpuSeconds() - cpu) * 1000;
      var resident = server.residentKib();
      var joins = lateJoins(loop);
      double edits = scenario.measuredEdits() * scenario.rooms();
      return new Figures(
          cpuMillis / edits,
          cpuMillis / (edits * Math.max(1, scenario.readers())),
          deliveries.millis(50),
          deliveries.millis(99),
          ackMillis(first),
          joins.millis(50),
          residentBefore,
          resident);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double ackMillis(int first) {
    var all = new Latencies();
    for (var writer : writers) {
      writer.acknowledgementsFrom(first, all);
    }
    return all.millis(50);
  }

  private void fill(Loop loop, Trace trace) throws TimeoutException {
    for (var room = 0; room < scenario.rooms(); room++) {
      var id = new byte[16];
      random.nextBytes(id);
      var writer = new Writer(loop, server.port(), "/sync", DocumentId.of(Bytes.wrap(id)), trace);
      writers.add(writer);
      loop.runUntil(writer::isJoined, BOUND, "joining a writer");
      while (writer.sent() < scenario.history()) {
        writer.send(Math.min(PRELOAD_BATCH, scenario.history() - writer.sent()));
        loop.runUntil(writer::everythingAcknowledged, BOUND, "filling a document");
      }
    }
  }

  private void joinReaders(Loop loop) throws TimeoutException {
    for (var writer : writers) {
      for (var i = 0; i < scenario.readers(); i++) {
        var reader =
            new Reader(
                loop, server.port(), "/sync", "reader-" + readers.size(), writer, deliveries);
        readers.add(reader);
        // One at a time, so that the reference relay's slow joins do not run into each other.
        loop.runUntil(() -> reader.isAt(writer.sent() - 1), BOUND, "joining a reader");
      }
    }
  }

  private boolean everyoneIsThere() {
    return writers.stream().allMatch(Writer::everythingAcknowledged) && everyReaderIsThere();
  }

  private boolean everyReaderIsThere() {
    return readers.stream().allMatch(reader -> reader.isAt(writers.getFirst().sent() - 1));
  }

  private void warmUp(Loop loop) throws TimeoutException {
    var step = Math.max(1, 1_000_000_000 / Scenario.WARM_RATE);
    for (var edit = 0; edit < scenario.warmEdits(); edit++) {
      writers.forEach(writer -> writer.send(1));
      var next = System.nanoTime() + step;
      loop.runUntil(this::everyReaderIsThere, BOUND, "warming up");
      // Not runUntil: nothing may arrive any more, and the loop would sleep until the next ping.
      loop.runFor(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
    }
    loop.runUntil(this::everyoneIsThere, BOUND, "warming up");
  }

  /**
   * Edits on a fixed schedule, whether or not the relay keeps up: a slow relay's queue is part of
   * what users feel.
   */
  private void steady(Loop loop) throws TimeoutException {
    var start = System.nanoTime();
    var gap = 1_000_000_000L / scenario.ratePerSecond();
    for (var edit = 0; edit < scenario.measuredEdits(); edit++) {
      for (var room = 0; room < writers.size(); room++) {
        var writer = writers.get(room);
        // Writers take turns within the gap instead of all at once.
        loop.at(start + edit * gap + room * gap / writers.size(), () -> writer.send(1));
      }
    }
    loop.runFor(Duration.ofNanos(scenario.measuredEdits() * gap));
    loop.runUntil(this::everyoneIsThere, BOUND, "delivering the last edits");
  }

  private Latencies lateJoins(Loop loop) throws TimeoutException {
    var joins = new Latencies();
    var writer = writers.getFirst();
    for (var i = 0; i < scenario.joins(); i++) {
      var late = new Reader(loop, server.port(), "/sync", "late-" + i, writer, new Latencies());
      loop.runUntil(() -> late.isAt(writer.sent() - 1), BOUND, "a late join");
      joins.add(late.joinNanos());
      late.leave();
    }
    return joins;
  }
}
