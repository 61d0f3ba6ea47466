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
 * Each client in one document sends its presence once a second to all others: n times n deliveries
 * a second.
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
      var watchers = new ArrayList<AutomergeWatcher>();
      for (var i = 0; i < clients; i++) {
        watchers.add((AutomergeWatcher) document.join("person-" + i, new Latencies()));
      }
      watchers.forEach(AutomergeWatcher::countOnly);
      sendPresence(loop, watchers, WARM_UP_TIME, 0);
      var deliveriesBefore = deliveries(watchers);
      var cpuNanosBefore = server.cpuNanos();
      sendPresence(loop, watchers, MEASURED_TIME, WARM_UP_TIME.toSeconds());
      var cpuNanos = server.cpuNanos() - cpuNanosBefore;
      double delivered = deliveries(watchers) - deliveriesBefore;
      var figures = new LinkedHashMap<String, Double>();
      var prefix = "presence of " + clients + " clients at 1 Hz: ";
      figures.put(prefix + "cores used", cpuNanos / (double) MEASURED_TIME.toNanos());
      figures.put(prefix + "CPU per delivery, µs", cpuNanos / 1e3 / delivered);
      figures.put(prefix + "delivered of what was sent, %",
          100 * delivered / ((double) clients * (clients - 1) * MEASURED_TIME.toSeconds()));
      figures.put(prefix + "connections lost", (double) watchers.stream().filter(AutomergeWatcher::hasFailed).count());
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the presence messages, spread evenly over each second. */
  private static void sendPresence(Loop loop, List<AutomergeWatcher> watchers, Duration time, long countsBefore) {
    var start = System.nanoTime();
    var gapNanos = 1_000_000_000L / watchers.size();
    var data = Bytes.wrap(new byte[DATA_BYTES]);
    for (var second = 0; second < time.toSeconds(); second++) {
      for (var i = 0; i < watchers.size(); i++) {
        var watcher = watchers.get(i);
        var count = countsBefore + second + 1;
        loop.at(
            start + second * 1_000_000_000L + i * gapNanos,
            () -> watcher.sendEphemeral(new SessionId("session"), count, data));
      }
    }
    loop.runFor(time);
  }

  private static long deliveries(List<AutomergeWatcher> watchers) {
    return watchers.stream().mapToLong(AutomergeWatcher::messagesCounted).sum();
  }
}
