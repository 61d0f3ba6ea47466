package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs attacks on one server while twenty honest clients use it.
 *
 * <p>An attack is repeated until the honest clients have made a hundred changes. Then these
 * conditions must hold, none of which depends on a clock. Every change of an honest client is
 * acknowledged. No honest client was refused or lost its connection. No document of the server has
 * failed, and its memory is not full. After all attacks, a new client reads the last change of each
 * honest client.
 *
 * <p>With {@code -Dparlor.figures=true}, as {@code ./parlor bench attacks} sets it, the runner also
 * prints how long the changes took.
 */
final class AttackRunner implements AutoCloseable {

  private static final int ROUND_TRIPS_PER_ATTACK = 100;

  /**
   * Changes of the honest clients between two attacks. They make 80 changes a second, so at most 16
   * attacks a second run.
   */
  static final int CHANGES_PER_ATTACK = 5;

  /** As {@link #CHANGES_PER_ATTACK}, for attacks of megabytes: at most two attacks a second. */
  static final int CHANGES_PER_HEAVY_ATTACK = 40;

  /** The server's heap. It is small, so that a server that keeps an attack in memory fails. */
  private static final String HEAP = "-Xmx512m";

  /** Metrics of the server that must stay zero in every attack. */
  private static final List<String> ZERO_METRICS =
      List.of("parlor_rooms_failed_total", "parlor_commit_failures_total", "parlor_heap_full");

  @FunctionalInterface
  interface Attack {
    void run() throws Exception;
  }

  final HostileServer server;
  final HonestClients honestClients;
  private final AttackFigures figures;

  /**
   * Starts the server and its honest clients.
   *
   * @param sockets the setting {@code --sockets} of the server
   */
  AttackRunner(Path folder, String sockets) throws Exception {
    server = new HostileServer(folder, sockets, List.of(HEAP));
    figures = AttackFigures.create(folder);
    honestClients = new HonestClients(server.sync(), SyncPeer.document(20));
    // For figures: the first hundreds of changes are slow, because their code is not yet compiled.
    honestClients.awaitRoundTrips(
        figures.isMeasuring() ? 8 * ROUND_TRIPS_PER_ATTACK : HonestClients.CLIENTS);
    assertEquals(List.of(), honestClients.failures());
  }

  void runAttack(String name, Attack attack) throws Exception {
    runAttack(name, CHANGES_PER_ATTACK, Integer.MAX_VALUE, attack);
  }

  /**
   * Repeats an attack, and asserts that it harmed no honest client.
   *
   * @param changesPerAttack changes of the honest clients between two attacks
   * @param attacksMax the highest number of repetitions
   */
  void runAttack(String name, int changesPerAttack, int attacksMax, Attack attack)
      throws Exception {
    if (figures.isMeasuring()) {
      attack.run();
      honestClients.awaitRoundTrips(honestClients.roundTrips() + ROUND_TRIPS_PER_ATTACK);
    }
    honestClients.takeRoundTrips();
    figures.begin();
    var attacks = 0;
    do {
      attack.run();
      attacks++;
      honestClients.awaitRoundTrips(honestClients.roundTrips() + changesPerAttack);
    } while (attacks < attacksMax && honestClients.roundTrips() < ROUND_TRIPS_PER_ATTACK);
    honestClients.awaitRoundTrips(ROUND_TRIPS_PER_ATTACK);
    figures.end(name, attacks, honestClients.takeRoundTrips());

    honestClients.awaitAllAcknowledged();
    assertEquals(List.of(), honestClients.failures(), name + ": an honest client was harmed");
    assertTrue(server.isAlive(), name + ": the server ended");
    for (var metric : ZERO_METRICS) {
      assertEquals(0, server.existingMetric(metric), name + ": " + metric);
    }
  }

  /**
   * Waits for the next change of an honest client. An attacker that waits after each MiB sends at
   * most 80 MiB a second.
   */
  void awaitHonestChange() throws InterruptedException {
    honestClients.awaitRoundTrips(honestClients.roundTrips() + 1);
  }

  /** Stops the honest clients, and asserts that a new client reads the last change of each. */
  @Override
  public void close() throws IOException {
    try (figures;
        server) {
      var last = honestClients.stopEditing();
      try (var newClient =
          new SyncPeer(server.sync(), "late", honestClients.document()).graphOnly()) {
        newClient.sendSync();
        for (var change : last) {
          newClient.awaitChange(change);
        }
      }
      honestClients.close();
    }
  }
}
