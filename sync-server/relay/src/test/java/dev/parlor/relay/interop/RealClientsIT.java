package dev.parlor.relay.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.HeldStore;
import dev.parlor.relay.socket.OnEachTransport;
import dev.parlor.relay.socket.RelayFixture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tests {@code /sync} with unmodified automerge-repo clients from npm. */
@Execution(ExecutionMode.CONCURRENT)
@OnEachTransport
class RealClientsIT {

  private final SocketTransport transport;

  RealClientsIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "two clients exchange changes and ephemeral messages in both directions, also after a server"
          + " restart")
  void bothWaysAcrossARestart() throws Exception {
    var store = new HeldStore();
    var first = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
    var port = first.port();
    try (var node = NodeProcess.scenario("both-ways", first.url())) {
      node.expect("restart");
      first.close();
      node.expect("offline");
      try (var _ = RelayFixture.start(new RelayFixture.Setup(transport).store(store).port(port))) {
        node.go();
        node.expect("passed");
        node.succeeds();
      }
    } finally {
      first.close();
    }
  }

  @Test
  @DisplayName(
      "[SY9] an unknown document is unavailable; when it exists later, every client that requested"
          + " it receives it")
  void unavailableThenAvailable() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var node = NodeProcess.scenario("unavailable", relay.url())) {
      node.expect("unavailable");
      node.expect("passed");
      node.succeeds();
    }
  }

  @Test
  @DisplayName("[DU1] [DU2] a client receives the server's heads only after the commit")
  void remoteHeadsAfterTheCommit() throws Exception {
    var store = new HeldStore();
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var node = NodeProcess.scenario("remote-heads", relay.url())) {
      node.expect("hold");
      store.hold();
      var appendsBefore = store.appends();
      node.go();
      node.expect("changed");
      while (store.appends() == appendsBefore) {
        Thread.onSpinWait();
      }
      assertEquals(1, store.held());
      node.go();
      node.expect("waiting");
      store.release();
      node.expect("passed");
      node.succeeds();
      assertTrue(store.appends() > appendsBefore);
    }
  }

  @Test
  @DisplayName(
      "[SY7] [HS4] lost sync messages are repaired by the next edit or the next connection")
  void lostMessages() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var node = NodeProcess.scenario("lost-messages", relay.url())) {
      node.expect("passed");
      node.succeeds();
    }
  }

  @Test
  @DisplayName("[SY12] sync messages lost in either direction are repaired without a reconnection")
  void lossesOnLiveConnections() throws Exception {
    var limits = Limits.defaults().with(new Limits.StallDetection(400));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var node = NodeProcess.scenario("losses-on-live-connections", relay.url())) {
      node.expect("passed");
      node.succeeds();
      assertTrue(
          relay.metrics().scrape().contains("parlor_sync_started_over_total 3.0\n"),
          () -> relay.metrics().scrape());
    }
  }

  @Test
  @DisplayName(
      "[SY5] [HS4] a client whose socket closes before it answers a change can still edit and syncs"
          + " over the next socket")
  void socketThatCloses() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var node = NodeProcess.scenario("closing-socket", relay.url())) {
      node.expect("passed");
      node.succeeds();
    }
  }

  @Test
  @DisplayName(
      "[AD3] [DU1] [SY12] a refused change stops the sync of its document; other documents and the connection continue")
  void refusedChanges() throws Exception {
    var changes = Limits.defaults().changes();
    var limits =
        Limits.defaults()
            .with(new Limits.StallDetection(200))
            .with(
                new Limits.Changes(
                    64 << 10,
                    changes.bytesPerDocumentMax(),
                    changes.changesPerDocumentMax(),
                    changes.operationsPerChangeMax(),
                    changes.operationsPerDocumentMax(),
                    changes.stringBytesMax()));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var node = NodeProcess.scenario("refused", relay.url(), 100_000)) {
      node.expect("passed");
      node.succeeds();
      var metrics = relay.metrics().scrape();
      assertTrue(metrics.contains("parlor_refusals_total{rule=\"AD3\"} 4.0\n"), metrics);
      assertTrue(metrics.contains("parlor_sync_started_over_total 0.0\n"), metrics);
      assertFalse(metrics.contains("parlor_changes_dropped_total 0.0\n"), metrics);
    }
  }
}
