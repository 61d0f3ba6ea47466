package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * Writes many small documents once and leaves them idle. Measures the memory that remains in use,
 * and the start of a server that has them all on disk.
 */
final class ManyRooms implements Sample {

  private static final int CHANGES = 10;
  private static final int DOCUMENTS_AT_ONCE = 32;
  private static final int IDLE_SECONDS = 5;
  private static final int STARTS = 3;

  /** Long enough for eviction, the requested garbage collection, and trimming of native memory. */
  private static final Duration SETTLE_TIME = Duration.ofSeconds(90);

  private final Path root;
  private final int rooms;

  ManyRooms(Path root, int rooms) {
    this.root = root;
    this.rooms = rooms;
  }

  @Override
  public List<ServerUnderTest> relays() {
    return List.of(ServerUnderTest.PARLOR);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException {
    var figures = new LinkedHashMap<String, Double>();
    var settings = Map.of("PARLOR_IDLE_SECONDS", Integer.toString(IDLE_SECONDS));
    var protocol = new Script(CHANGES, 1).protocolFor(relay);
    var random = new Random(1);
    var server = relay.start(root, settings);
    try (var loop = new Loop()) {
      touch(loop, server, protocol, random, Math.max(DOCUMENTS_AT_ONCE, rooms / 20));
      loop.runFor(SETTLE_TIME);
      var residentKibBefore = server.memory().residentKib();
      var memoryBefore = server.memory().collected();
      var begin = System.nanoTime();
      var peakKib = touch(loop, server, protocol, random, rooms);
      var seconds = (System.nanoTime() - begin) / 1e9;
      loop.runFor(SETTLE_TIME);
      var residentKibIdle = server.memory().residentKib();
      var memoryAfter = server.memory().collected();
      var prefix = String.format(Locale.ROOT, "%,d rooms", rooms);
      figures.put(prefix + " touched: time, s", seconds);
      figures.put(prefix + " touched: most resident, MiB", peakKib / 1024.0);
      figures.put(
          prefix + " idled: resident, no collection asked for, MiB", residentKibIdle / 1024.0);
      figures.put(
          "the same before they were touched, no collection asked for, MiB",
          residentKibBefore / 1024.0);
      figures.put(
          prefix + " idled: resident of what it was before, no collection asked for, %",
          100.0 * residentKibIdle / residentKibBefore);
      figures.put(
          prefix + " idled: resident after a collection, MiB", memoryAfter.residentKib() / 1024);
      figures.put(
          "the same before they were touched, after a collection, MiB",
          memoryBefore.residentKib() / 1024);
      figures.put(
          prefix + " idled: resident of what it was before, each after a collection, %",
          100.0 * memoryAfter.residentKib() / memoryBefore.residentKib());
      figures.put(prefix + " idled: heap after a collection, MiB", memoryAfter.heapKib() / 1024);
      figures.put("the same before they were touched (heap), MiB", memoryBefore.heapKib() / 1024);
      var readyTimes = new Latencies();
      var firstJoinTimes = new Latencies();
      for (var start = 0; start < STARTS; start++) {
        server = server.restart();
        readyTimes.add((long) (server.readyMillis() * 1e6));
        var document = new BenchDocument(loop, server.port(), protocol, random);
        document.fill(CHANGES);
        var reader = document.join("first", new Latencies());
        firstJoinTimes.add(reader.receipts().joinNanos());
        document.leave();
      }
      figures.put("start with " + prefix + " on disk, ms", readyTimes.millis(50));
      figures.put("first join after such a start, ms", firstJoinTimes.millis(50));
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      server.close();
    }
  }

  /** Writes to this many new documents and leaves them. Returns the peak of resident memory. */
  private static long touch(
      Loop loop, ServerProcess server, ClientProtocol protocol, Random random, int count)
      throws TimeoutException {
    var peakKib = 0L;
    for (var done = 0; done < count; done += DOCUMENTS_AT_ONCE) {
      var writers = new ArrayList<DocumentWriter>();
      for (var i = 0; i < DOCUMENTS_AT_ONCE; i++) {
        writers.add(protocol.writer(loop, server.port(), random));
      }
      loop.runUntil(
          () -> writers.stream().allMatch(DocumentWriter::isJoined),
          BenchDocument.STEP_TIME_MAX,
          "joining writers");
      writers.forEach(writer -> writer.send(CHANGES));
      loop.runUntil(
          () -> writers.stream().allMatch(ManyRooms::isSaved),
          BenchDocument.STEP_TIME_MAX,
          "saving documents");
      writers.forEach(DocumentWriter::leave);
      peakKib = Math.max(peakKib, server.memory().residentKib());
    }
    return peakKib;
  }

  private static boolean isSaved(DocumentWriter writer) {
    return writer.isJoined() && writer.log().isEverythingAcknowledged();
  }
}
