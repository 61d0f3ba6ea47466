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

  private static final Duration WARM = Duration.ofSeconds(10);
  private static final Duration MEASURED = Duration.ofSeconds(10);

  private final Path root;
  private final int clients;

  Presence(Path root, int clients) {
    this.root = root;
    this.clients = clients;
  }

  @Override
  public List<ServerUnderTest> peers() {
    return List.of(ServerUnderTest.PARLOR);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest peer) throws TimeoutException {
    try (var server = peer.start(root);
        var loop = new Loop()) {
      var conversation = new Script(10, 1).with(peer);
      var room = new LoadRoom(loop, server.port(), conversation, new Random(1));
      room.fill(10);
      var people = new ArrayList<LoadReader>();
      for (var i = 0; i < clients; i++) {
        people.add((LoadReader) room.join("person-" + i, new Latencies()));
      }
      people.forEach(LoadReader::onlyCount);
      speak(loop, people, WARM, 0);
      var heard = heard(people);
      var cpu = server.cpuNanos();
      speak(loop, people, MEASURED, WARM.toSeconds());
      var cpuNanos = server.cpuNanos() - cpu;
      double deliveries = heard(people) - heard;
      var figures = new LinkedHashMap<String, Double>();
      var of = "presence of " + clients + " clients at 1 Hz: ";
      figures.put(of + "cores used", cpuNanos / (double) MEASURED.toNanos());
      figures.put(of + "CPU per delivery, µs", cpuNanos / 1e3 / deliveries);
      figures.put(
          of + "delivered of what was sent, %",
          100 * deliveries / ((double) clients * (clients - 1) * MEASURED.toSeconds()));
      figures.put(
          of + "connections lost", (double) people.stream().filter(LoadReader::lost).count());
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the presence messages, spread evenly over each second. */
  private static void speak(Loop loop, List<LoadReader> people, Duration time, long countsBefore) {
    var start = System.nanoTime();
    var gap = 1_000_000_000L / people.size();
    var data = Bytes.wrap(new byte[DATA_BYTES]);
    for (var second = 0; second < time.toSeconds(); second++) {
      for (var i = 0; i < people.size(); i++) {
        var person = people.get(i);
        var count = countsBefore + second + 1;
        loop.at(
            start + second * 1_000_000_000L + i * gap,
            () -> person.say(new SessionId("session"), count, data));
      }
    }
    loop.runFor(time);
  }

  private static long heard(List<LoadReader> people) {
    return people.stream().mapToLong(LoadReader::counted).sum();
  }
}
