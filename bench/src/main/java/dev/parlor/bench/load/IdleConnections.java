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

/**
 * Measures the memory and CPU time of idle connections. Each connection has joined and has opened a
 * small document.
 */
final class IdleConnections implements Sample {

  /** Connections per document; Parlor accepts at most 1,000. */
  private static final int CONNECTIONS_PER_DOCUMENT = 500;

  /** Longer than Parlor's time between two pings, so that pings are measured too. */
  private static final Duration IDLE_TIME = Duration.ofSeconds(6);

  private final Path root;
  private final int connections;

  IdleConnections(Path root, int connections) {
    this.root = root;
    this.connections = connections;
  }

  @Override
  public List<ServerUnderTest> relays() {
    return List.of(
        ServerUnderTest.PARLOR,
        ServerUnderTest.HELIDON,
        ServerUnderTest.REFERENCE,
        ServerUnderTest.HOCUSPOCUS);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException {
    var random = new Random(1);
    try (var server = relay.start(root);
        var loop = new Loop()) {
      var protocol = new Script(10, 1).protocolFor(relay);
      open(loop, server, protocol, random, 50).leave(); // warm-up
      loop.runFor(IDLE_TIME);
      var residentBefore = server.memory().residentKib();
      var memoryBefore = server.memory().collected();
      for (var opened = 0; opened < connections; opened += CONNECTIONS_PER_DOCUMENT) {
        open(
            loop,
            server,
            protocol,
            random,
            Math.min(CONNECTIONS_PER_DOCUMENT, connections - opened));
      }
      loop.runFor(IDLE_TIME);
      var cpuBefore = server.cpuNanos();
      loop.runFor(IDLE_TIME);
      var cpuMillisPerSecond = (server.cpuNanos() - cpuBefore) / 1e6 / IDLE_TIME.toSeconds();
      var residentAfter = server.memory().residentKib();
      var memoryAfter = server.memory().collected();
      var figures = new LinkedHashMap<String, Double>();
      var perConnection = " per idle connection, of " + connections + ", KiB";
      figures.put(
          "resident memory, no collection asked for," + perConnection,
          (residentAfter - residentBefore) / (double) connections);
      figures.put(
          "resident memory after a collection" + perConnection,
          (memoryAfter.residentKib() - memoryBefore.residentKib()) / connections);
      figures.put(
          "heap after a collection" + perConnection,
          (memoryAfter.heapKib() - memoryBefore.heapKib()) / connections);
      figures.put("CPU of " + connections + " idle connections, ms/s", cpuMillisPerSecond);
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens a document with one writer and {@code clients - 1} readers. */
  private static BenchDocument open(
      Loop loop, ServerProcess server, ClientProtocol protocol, Random random, int clients)
      throws TimeoutException {
    var document = new BenchDocument(loop, server.port(), protocol, random);
    document.fill(10);
    var name = "idle-" + random.nextInt(Integer.MAX_VALUE) + "-";
    for (var client = 1; client < clients; client++) {
      document.join(name + client, new Latencies());
    }
    return document;
  }
}
