package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** Measures the memory of an open document of 1,000 changes, including its writer's connection. */
final class OpenRooms implements Sample {

  private static final int CHANGES = 1_000;
  private static final int WARMING = 20;
  private static final Duration REST = Duration.ofSeconds(3);

  private final Path root;
  private final int rooms;

  OpenRooms(Path root, int rooms) {
    this.root = root;
    this.rooms = rooms;
  }

  @Override
  public List<ServerUnderTest> peers() {
    return List.of(ServerUnderTest.PARLOR, ServerUnderTest.REFERENCE, ServerUnderTest.HOCUSPOCUS);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest peer) throws TimeoutException {
    var random = new Random(1);
    try (var server = peer.start(root);
        var loop = new Loop()) {
      var conversation = new Script(CHANGES, 1).with(peer);
      open(loop, server, conversation, random, WARMING);
      loop.runFor(REST);
      var before = server.memory().collected();
      open(loop, server, conversation, random, rooms);
      loop.runFor(REST);
      var after = server.memory().collected();
      var figures = new LinkedHashMap<String, Double>();
      var of = " per open room of 1,000 changes, of " + rooms + ", KiB";
      figures.put("resident memory" + of, (after.residentKib() - before.residentKib()) / rooms);
      figures.put("heap after a collection" + of, (after.heapKib() - before.heapKib()) / rooms);
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void open(
      Loop loop, ServerProcess server, Conversation conversation, Random random, int count)
      throws TimeoutException {
    for (var room = 0; room < count; room++) {
      new LoadRoom(loop, server.port(), conversation, random).fill(CHANGES);
    }
  }
}
