package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.proof.ClusterWriters;
import dev.parlor.nats.proof.FreshLoad;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.HistoryChecker;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.nats.proof.RelayedNetwork;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three servers of NATS, three nodes, a proxy and unmodified automerge-repo clients. Parts of the
 * cluster are killed and cut while the clients write; the checker then reads the whole history.
 */
@Timeout(240)
class ClusterIT {

  private static final Path INTEROP = Path.of("..", "relay", "interop");
  private static final int SECONDS_MAX = 60;

  @TempDir private Path folder;

  private final History history = new History();

  @Test
  @DisplayName(
      "[DU1] [DU2] after kill -9 of a node, kill -9 of the leader of a shard, and a cut line, a cluster has every change"
          + " that a client was told is saved, and all nodes and clients have the same heads")
  void toldChangesSurviveFaults() throws Exception {
    try (var cluster = new RealCluster(folder, new RelayedNetwork(), 3, Map.of());
        var clients = new ClusterWriters(INTEROP, cluster, 4, 60, history)) {
      clients.awaitWriting();
      clients.awaitTold(40, SECONDS_MAX);

      var node = cluster.nodes().getFirst();
      node.kill();
      clients.awaitTold(40, SECONDS_MAX);
      node.start();

      var document = clients.documents().iterator().next();
      var stream = NatsServer.logStream(document, RealCluster.SHARDS);
      var leader = cluster.leader(stream).orElseThrow();
      leader.kill();
      clients.awaitTold(40, SECONDS_MAX);
      leader.restart();

      cluster.network().cutLink(1, 0);
      cluster.network().cutNode(2);
      clients.awaitTold(40, SECONDS_MAX);
      cluster.network().heal();
      clients.awaitTold(40, SECONDS_MAX);

      var made = clients.check();
      var stored = FreshLoad.changes(cluster.serverUrls(), clients.documents());
      assertEquals(List.of(), HistoryChecker.check(history, stored), cluster::output);
      assertTrue(clients.toldCount() >= 200, "told " + clients.toldCount() + " of " + made);
      assertEquals(5, clients.documents().size(), "one shared document and one of each client");
    }
  }
}
