package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One server and its twenty honest clients.
 *
 * <p>An attack runs repeatedly at its pace until the honest clients have made a hundred changes.
 * The verdict depends on no clock: every change that an honest client made before the end of the
 * attack is acknowledged, no honest client is refused anything or loses its connection, no document
 * of the server fails, and its memory does not fill. At the end, a client that connects anew reads
 * the last change of each honest client.
 *
 * <p>With {@code -Dparlor.figures=true}, as {@code ./parlor bench attacks} sets it, the runner also
 * prints how long the changes took.
 */
final class AttackRunner implements AutoCloseable {

  private static final int ROUND_TRIPS = 100;

  /** Honest changes per attack: at most 16 attacks a second. */
  static final int PACE = 5;

  /** As {@link #PACE}, for an attacker that sends megabytes: at most two attacks a second. */
  static final int HEAVY_PACE = 40;

  /** The heap of the server. An attack that it keeps in memory fills it. */
  private static final String HEAP = "-Xmx512m";

  /** Metrics of the server that no attack may raise. */
  private static final List<String> STAYS_ZERO =
      List.of("parlor_rooms_failed_total", "parlor_commit_failures_total", "parlor_heap_full");

  @FunctionalInterface
  interface Attack {
    void run() throws Exception;
  }

  final HostileServer server;
  final HonestClients crowd;
  private final AttackFigures figures;

  /**
   * Starts the server and its honest clients.
   *
   * @param sockets the setting {@code --sockets} of the server
   */
  AttackRunner(Path folder, String sockets) throws Exception {
    server = new HostileServer(folder, sockets, List.of(HEAP));
    figures = AttackFigures.measuring(folder);
    crowd = new HonestClients(server.sync(), SyncPeer.document(20));
    // The first hundreds of changes run in code that is not yet compiled, which falsifies figures.
    crowd.awaitRoundTrips(figures.areWanted() ? 8 * ROUND_TRIPS : HonestClients.CLIENTS);
    assertEquals(List.of(), crowd.failures());
  }

  void runAttack(String name, Attack attack) throws Exception {
    runAttack(name, PACE, Integer.MAX_VALUE, attack);
  }

  /** Attacks once per {@code pace} honest changes, at most {@code timesMax} times. */
  void runAttack(String name, int pace, int timesMax, Attack attack) throws Exception {
    if (figures.areWanted()) {
      attack.run();
      crowd.awaitRoundTrips(crowd.roundTrips() + ROUND_TRIPS);
    }
    crowd.takeRoundTrips();
    figures.begin();
    var times = 0;
    do {
      attack.run();
      times++;
      crowd.awaitRoundTrips(crowd.roundTrips() + pace);
    } while (times < timesMax && crowd.roundTrips() < ROUND_TRIPS);
    crowd.awaitRoundTrips(ROUND_TRIPS);
    figures.end(name, times, crowd.takeRoundTrips());

    crowd.awaitAllAcknowledged();
    assertEquals(List.of(), crowd.failures(), name + ": an honest client was harmed");
    assertTrue(server.isAlive(), name + ": the server ended");
    for (var metric : STAYS_ZERO) {
      assertEquals(0, server.presentMetric(metric), name + ": " + metric);
    }
  }

  /** Waits for an honest change, so that an attacker sends at most about 80 MiB a second. */
  void awaitHonestChange() throws InterruptedException {
    crowd.awaitRoundTrips(crowd.roundTrips() + 1);
  }

  /** Stops the honest clients and checks that a new client reads the last change of each one. */
  @Override
  public void close() throws IOException {
    try (figures;
        server) {
      var last = crowd.stopEditing();
      try (var late = new SyncPeer(server.sync(), "late", crowd.document()).graphOnly()) {
        late.sendSync();
        for (var change : last) {
          late.awaitChange(change);
        }
      }
      crowd.close();
    }
  }
}
