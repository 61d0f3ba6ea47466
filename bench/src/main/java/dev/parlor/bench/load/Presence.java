package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * Each client of one document sends its presence once a second to all other clients: about n²
 * deliveries a second.
 */
final class Presence implements Sample {

  /** About the length of the page's presence message. */
  private static final int DATA_BYTES = 64;

  private static final Duration WARM_UP_TIME = Duration.ofSeconds(10);
  private static final Duration MEASURED_TIME = Duration.ofSeconds(10);

  private final Path root;
  private final int clients;

  Presence(Path root, int clients) {
    this.root = root;
    this.clients = clients;
  }

  @Override
  public List<ServerUnderTest> relays() {
    return List.of(ServerUnderTest.PARLOR);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException {
    try (var server = relay.start(root);
        var loop = new Loop()) {
      var protocol = new Script(10, 1).protocolFor(relay);
      var document = new BenchDocument(loop, server.port(), protocol, new Random(1));
      document.fill(10);
      var readers = new ArrayList<AutomergeReader>();
      for (var i = 0; i < clients; i++) {
        readers.add((AutomergeReader) document.join("person-" + i, new Latencies()));
      }
      readers.forEach(AutomergeReader::countOnly);
      sendPresence(loop, readers, WARM_UP_TIME, 0);
      var deliveriesBefore = deliveries(readers);
      var cpuNanosBefore = server.cpuNanos();
      sendPresence(loop, readers, MEASURED_TIME, WARM_UP_TIME.toSeconds());
      var cpuNanos = server.cpuNanos() - cpuNanosBefore;
      double delivered = deliveries(readers) - deliveriesBefore;
      var figures = new LinkedHashMap<String, Double>();
      var prefix = "presence of " + clients + " clients at 1 Hz: ";
      figures.put(prefix + "cores used", cpuNanos / (double) MEASURED_TIME.toNanos());
      figures.put(prefix + "CPU per delivery, µs", cpuNanos / 1e3 / delivered);
      figures.put(
          prefix + "delivered of what was sent, %",
          100 * delivered / ((double) clients * (clients - 1) * MEASURED_TIME.toSeconds()));
      figures.put(
          prefix + "connections lost",
          (double) readers.stream().filter(AutomergeReader::hasFailed).count());
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the presence messages, spread evenly over each second. */
  private static void sendPresence(
      Loop loop, List<AutomergeReader> readers, Duration time, long countsBefore) {
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / readers.size();
    var data = Bytes.wrap(new byte[DATA_BYTES]);
    for (var second = 0; second < time.toSeconds(); second++) {
      for (var i = 0; i < readers.size(); i++) {
        var reader = readers.get(i);
        var count = countsBefore + second + 1;
        loop.at(
            start + second * 1_000_000_000L + i * gapNanos,
            () -> reader.sendEphemeral(new SessionId("session"), count, data));
      }
    }
    loop.runFor(time);
  }

  private static long deliveries(List<AutomergeReader> readers) {
    return readers.stream().mapToLong(AutomergeReader::messagesCounted).sum();
  }
}
