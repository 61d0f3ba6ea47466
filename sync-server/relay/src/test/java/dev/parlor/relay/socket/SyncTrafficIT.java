package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.HeldStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests which frames a connection carries, counted at the client. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@OnEachTransport
class SyncTrafficIT {

  private static final int PONG = 0xa;

  /** The bytes that an idle client may cost in 30 s. */
  private static final int IDLE_BYTES_MAX = 1_024;

  /** Receives until the reader has all changes of the author. */
  private static void receiveAll(SyncPeer reader, SyncPeer author) throws IOException {
    while (!reader.heads().equals(author.heads())) {
      reader.receive();
    }
  }

  /**
   * Answers a ping as a browser does, and returns the bytes of the ping and the pong. Any other
   * frame fails the test.
   */
  private static int bytesOfPing(RawClient client) throws IOException {
    var ping = assertInstanceOf(RawClient.Frame.Ping.class, client.read(), "an idle socket");
    var pong = RawClient.encode(PONG, true, ping.data());
    client.write(pong);
    return 2 + ping.data().length() + pong.length();
  }

  private final SocketTransport transport;

  SyncTrafficIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName("peers with the same heads receive only pings, a few bytes each")
  void peersInSyncReceiveOnlyPings() throws Exception {
    var defaultPingMillis = Limits.defaults().liveness().pingMillis();
    var limits = Limits.defaults().with(new Limits.Liveness(200));
    var document = SyncPeer.document(97);
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document)) {
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      receiveAll(bob, ada);
      bob.edit();
      bob.awaitCommitted();
      receiveAll(ada, bob);
      ada.awaitCommitted();
      var rounds = 10;
      var bytes = 0;
      for (var i = 0; i < rounds; i++) {
        bytes += bytesOfPing(ada.client()) + bytesOfPing(bob.client());
      }
      var idleBytes = bytes / 2 / rounds * 30_000 / defaultPingMillis;
      assertTrue(idleBytes <= IDLE_BYTES_MAX, idleBytes + " bytes of one client in 30 s");
    }
  }

  @Test
  @DisplayName(
      "a peer without changes has the complete document after one message in each direction")
  void emptyClientIsCompleteSoon() throws Exception {
    var document = SyncPeer.document(85);
    try (var relay = RelayFixture.start(transport);
        var author = new SyncPeer(relay.url(), "author", document)) {
      for (var i = 0; i < 50; i++) {
        author.edit();
      }
      author.awaitCommitted();
      try (var late = new SyncPeer(relay.url(), "late", document)) {
        late.sendSync();
        var messages = 1;
        while (!late.heads().equals(author.heads())) {
          late.receive();
          messages++;
        }
        assertEquals(2, messages, "the request and its answer");
        assertEquals(50, late.size());
      }
    }
  }

  @Test
  @DisplayName("the author of changes never receives its own changes")
  void noEcho() throws Exception {
    var document = SyncPeer.document(88);
    try (var relay = RelayFixture.start(transport);
        var author = new SyncPeer(relay.url(), "author", document);
        var reader = new SyncPeer(relay.url(), "reader", document)) {
      author.edit();
      author.awaitCommitted();
      reader.sendSync();
      receiveAll(reader, author);
      for (var i = 0; i < 20; i++) {
        var hash = author.edit();
        while (!author.serverHeads().equals(author.heads())) {
          if (author.receive() instanceof WireMessage.Sync sync) {
            var message = SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow();
            assertEquals(List.of(), SyncPeer.changesOf(message), "round " + i);
          }
        }
        reader.awaitChange(hash);
      }
    }
  }

  @Test
  @DisplayName("[EP3] presence and cursors change neither the document nor the disk")
  void ephemeralsLeaveNoTrace() throws Exception {
    var document = SyncPeer.document(28);
    var store = new HeldStore();
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document)) {
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      receiveAll(bob, ada);
      var appends = store.appends();
      var heads = ada.heads();
      for (var i = 1; i <= 50; i++) {
        ada.client().send(ada.ephemeral(i, Bytes.ofHex("a1616101")));
        while (!(bob.receive() instanceof WireMessage.Ephemeral)) {
          // Other messages of the server do not matter here.
        }
      }
      assertEquals(appends, store.appends());
      assertEquals(heads, bob.heads());
      assertEquals(1, store.committed(document).size());
    }
  }

  @Test
  @DisplayName("the gauge of connections equals the number of sockets")
  void theGaugeEqualsTheOpenSockets() throws Exception {
    try (var relay = RelayFixture.start(transport)) {
      var open = new ArrayList<RawClient>();
      for (var i = 1; i <= 5; i++) {
        open.add(RawClient.join(relay.url(), "peer-" + i));
        awaitConnections(relay, i);
      }
      open.removeFirst().disconnect(true);
      awaitConnections(relay, 4);
      for (var client : open) {
        client.close();
      }
      awaitConnections(relay, 0);
    }
  }

  private static void awaitConnections(RelayFixture relay, int count) {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!relay.metrics().scrape().contains("parlor_connections " + count + ".0\n")) {
      assertTrue(System.nanoTime() < deadline, () -> relay.metrics().scrape());
      Thread.onSpinWait();
    }
  }
}
