package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Kills the leader of a document's stream in a cluster of three real servers. */
@Execution(ExecutionMode.CONCURRENT) // it waits for elections most of the time
class LeaderFaultIT {

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "[DU1] when the leader of three servers is killed, writes go on and no acknowledged change is lost")
  void killedLeader() throws Exception {
    var servers = NatsServer.startCluster(folder, 3);
    try (var fixture = new StoreFixture(settings(servers), 3)) {
      var store = fixture.node();
      var reader = fixture.node();
      var acknowledged = new ArrayList<ChangeRecord>();
      append(store, acknowledged, 20);
      var leader =
          ClusterStreams.info(fixture.operator, fixture.logStream(A))
              .orElseThrow()
              .getClusterInfo()
              .getLeader();
      var victim =
          servers.stream().filter(server -> server.name().equals(leader)).findFirst().orElseThrow();
      var waiting = store.append(A, changes(1_000, 1));
      victim.kill();
      await(waiting);
      acknowledged.addAll(changes(1_000, 1));
      append(store, acknowledged, 20);
      await(store.table("rooms").put("k", Bytes.utf8("after the kill")));
      assertEquals(
          acknowledged,
          List.copyOf(new LinkedHashSet<>(reader.load(A).orElseThrow().tail())),
          "from the two servers that are left");
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (reader.table("rooms").get("k").isEmpty()) {
        assertTrue(System.nanoTime() - end < 0, "the other node hears of the record within 30 s");
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
      assertEquals(Optional.of(Bytes.utf8("after the kill")), reader.table("rooms").get("k"));
    } finally {
      servers.forEach(NatsServer::close);
    }
  }

  private static ClusterSettings settings(List<NatsServer> servers) {
    var usual = ClusterSettings.of(servers.stream().map(NatsServer::url).toList());
    return StoreFixture.impatient(usual, 500);
  }

  private static void append(NatsChangeStore store, List<ChangeRecord> acknowledged, int count)
      throws Exception {
    for (var i = 0; i < count; i++) {
      var change = changes(acknowledged.size(), 1);
      await(store.append(A, change));
      acknowledged.addAll(change);
    }
  }
}
