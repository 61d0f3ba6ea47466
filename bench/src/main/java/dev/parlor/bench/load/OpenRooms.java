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
  private static final int WARM_UP_DOCUMENTS = 20;
  private static final Duration SETTLE_TIME = Duration.ofSeconds(3);

  private final Path root;
  private final int rooms;

  OpenRooms(Path root, int rooms) {
    this.root = root;
    this.rooms = rooms;
  }

  @Override
  public List<ServerUnderTest> relays() {
    return List.of(ServerUnderTest.PARLOR, ServerUnderTest.REFERENCE, ServerUnderTest.HOCUSPOCUS);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException {
    var random = new Random(1);
    try (var server = relay.start(root);
        var loop = new Loop()) {
      var protocol = new Script(CHANGES, 1).protocolFor(relay);
      open(loop, server, protocol, random, WARM_UP_DOCUMENTS);
      loop.runFor(SETTLE_TIME);
      var memoryBefore = server.memory().collected();
      open(loop, server, protocol, random, rooms);
      loop.runFor(SETTLE_TIME);
      var memoryAfter = server.memory().collected();
      var figures = new LinkedHashMap<String, Double>();
      var suffix = " per open room of 1,000 changes, of " + rooms + ", KiB";
      figures.put(
          "resident memory" + suffix,
          (memoryAfter.residentKib() - memoryBefore.residentKib()) / rooms);
      figures.put(
          "heap after a collection" + suffix,
          (memoryAfter.heapKib() - memoryBefore.heapKib()) / rooms);
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void open(
      Loop loop, ServerProcess server, ClientProtocol protocol, Random random, int count)
      throws TimeoutException {
    for (var opened = 0; opened < count; opened++) {
      new BenchDocument(loop, server.port(), protocol, random).fill(CHANGES);
    }
  }
}
