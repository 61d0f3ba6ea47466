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
 * Many small documents are written once and left idle. Measures the memory that remains, and the
 * start of a server that has them all on disk.
 */
final class ManyRooms implements Sample {

  private static final int CHANGES = 10;
  private static final int AT_ONCE = 32;
  private static final int IDLE_SECONDS = 5;
  private static final int STARTS = 3;

  /** Long enough for eviction, the requested garbage collection, and trimming of native memory. */
  private static final Duration RETURN = Duration.ofSeconds(90);

  private final Path root;
  private final int rooms;

  ManyRooms(Path root, int rooms) {
    this.root = root;
    this.rooms = rooms;
  }

  @Override
  public List<ServerUnderTest> peers() {
    return List.of(ServerUnderTest.PARLOR);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest peer) throws TimeoutException {
    var figures = new LinkedHashMap<String, Double>();
    var settings = Map.of("PARLOR_IDLE_SECONDS", Integer.toString(IDLE_SECONDS));
    var conversation = new Script(CHANGES, 1).with(peer);
    var random = new Random(1);
    var server = peer.start(root, settings);
    try (var loop = new Loop()) {
      touch(loop, server, conversation, random, Math.max(AT_ONCE, rooms / 20));
      loop.runFor(RETURN);
      var asItWas = server.memory().residentKib();
      var before = server.memory().collected();
      var begin = System.nanoTime();
      var most = touch(loop, server, conversation, random, rooms);
      var seconds = (System.nanoTime() - begin) / 1e9;
      loop.runFor(RETURN);
      var idled = server.memory().residentKib();
      var after = server.memory().collected();
      var of = String.format(Locale.ROOT, "%,d rooms", rooms);
      figures.put(of + " touched: time, s", seconds);
      figures.put(of + " touched: most resident, MiB", most / 1024.0);
      figures.put(of + " idled: resident, no collection asked for, MiB", idled / 1024.0);
      figures.put(
          "the same before they were touched, no collection asked for, MiB", asItWas / 1024.0);
      figures.put(
          of + " idled: resident of what it was before, no collection asked for, %",
          100.0 * idled / asItWas);
      figures.put(of + " idled: resident after a collection, MiB", after.residentKib() / 1024);
      figures.put(
          "the same before they were touched, after a collection, MiB",
          before.residentKib() / 1024);
      figures.put(
          of + " idled: resident of what it was before, each after a collection, %",
          100.0 * after.residentKib() / before.residentKib());
      figures.put(of + " idled: heap after a collection, MiB", after.heapKib() / 1024);
      figures.put("the same before they were touched (heap), MiB", before.heapKib() / 1024);
      var ready = new Latencies();
      var first = new Latencies();
      for (var start = 0; start < STARTS; start++) {
        server = server.restart();
        ready.add((long) (server.readyMillis() * 1e6));
        var room = new LoadRoom(loop, server.port(), conversation, random);
        room.fill(CHANGES);
        var reader = room.join("first", new Latencies());
        first.add(reader.receipts().joinNanos());
        room.leave();
      }
      figures.put("start with " + of + " on disk, ms", ready.millis(50));
      figures.put("first join after such a start, ms", first.millis(50));
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      server.close();
    }
  }

  /** Writes to this many new documents and leaves them. Returns the peak of resident memory. */
  private static long touch(
      Loop loop, ServerProcess server, Conversation conversation, Random random, int count)
      throws TimeoutException {
    var most = 0L;
    for (var done = 0; done < count; done += AT_ONCE) {
      var writers = new ArrayList<Editor>();
      for (var i = 0; i < AT_ONCE; i++) {
        writers.add(conversation.editor(loop, server.port(), random));
      }
      loop.runUntil(
          () -> writers.stream().allMatch(Editor::isJoined), LoadRoom.BOUND, "joining writers");
      writers.forEach(writer -> writer.send(CHANGES));
      loop.runUntil(
          () -> writers.stream().allMatch(ManyRooms::isSaved), LoadRoom.BOUND, "saving documents");
      writers.forEach(Editor::leave);
      most = Math.max(most, server.memory().residentKib());
    }
    return most;
  }

  private static boolean isSaved(Editor writer) {
    return writer.isJoined() && writer.log().everythingAcknowledged();
  }
}
