package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.ChangeOrigin;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.document.DocumentObserver;
import dev.parlor.relay.document.HeldStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests connections that are silent, slow or broken, and documents that fail or are unreadable. */
@OnEachTransport
class LivenessIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(3);

  private final SocketTransport transport;

  LivenessIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "[WS4] a connection without any input is closed; a connection that answers pings stays open")
  void silentConnectionIsClosed() throws Exception {
    var limits = Limits.defaults().with(new Limits.Liveness(100));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var silent = RawClient.join(relay.url(), "silent");
        var alive = RawClient.join(relay.url(), "alive")) {
      for (var pings = 0; pings < 5; ) {
        if (alive.read() instanceof RawClient.Frame.Ping(var payload)) {
          pings++;
          alive.frame(0xa, true, payload);
        }
      }
      assertEquals(CloseCodes.SILENT, silent.awaitClose().code());
      assertEquals(1, relay.sockets().size());
    }
  }

  @Test
  @DisplayName("[WS4] a client that misses some pings and then answers keeps its connection")
  void clientThatMissesSomePingsStaysOpen() throws Exception {
    var limits = Limits.defaults().with(new Limits.Liveness(300, 3));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var busyClient = RawClient.join(relay.url(), "busy")) {
      for (var round = 0; round < 3; round++) {
        var first = assertInstanceOf(RawClient.Frame.Ping.class, busyClient.read());
        assertInstanceOf(
            RawClient.Frame.Ping.class, busyClient.read(), "the first missed ping is tolerated");
        busyClient.frame(0xa, true, first.data());
      }
      assertEquals(1, relay.sockets().size());
    }
  }

  @Test
  @DisplayName("[WS4] a client that answers no ping but keeps reading its backlog stays connected")
  void clientThatReadsItsBacklogStaysOpen() throws Exception {
    var store = new HeldStore();
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var author = new SyncPeer(relay.url(), "author", DOCUMENT)) {
      for (var i = 0; i < 4; i++) {
        author.edit(6 << 20);
      }
      author.awaitCommitted();
    }
    var limits = Limits.defaults().with(new Limits.Liveness(200));
    try (var relay =
            RelayFixture.start(new RelayFixture.Setup(transport).store(store).limits(limits));
        var alive = RawClient.join(relay.url(), "alive");
        var slow = new SyncPeer(relay.url(), "slow", DOCUMENT);
        var clock = Executors.newSingleThreadScheduledExecutor()) {
      slow.sendSync();
      // The client reads several times between two pings. The system accepts more bytes only when a
      // third of its buffer is free.
      var reading =
          clock.scheduleAtFixedRate(
              () -> assertDoesNotThrow(() -> slow.client().skipBytes(512 << 10)),
              0,
              25,
              TimeUnit.MILLISECONDS);
      for (var pings = 0; pings < 4; pings++) {
        answerPing(alive);
      }
      assertEquals(2, relay.sockets().size());
      reading.cancel(false);
      while (relay.sockets().size() > 1) {
        answerPing(alive); // the slow client no longer reads
      }
      assertTrue(
          relay
              .metrics()
              .scrape()
              .contains("parlor_connections_closed_total{code=\"1001\"} 1.0\n"));
    }
  }

  private static void answerPing(RawClient alive) throws IOException {
    while (true) {
      if (alive.read() instanceof RawClient.Frame.Ping(var payload)) {
        alive.frame(0xa, true, payload);
        return;
      }
    }
  }

  @Test
  @DisplayName("[WS4] a client's ping is answered with its payload")
  void pings() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var client = RawClient.connect(relay.url())) {
      client.frame(RawClient.PING, true, Bytes.utf8("before the join"));
      assertEquals(new RawClient.Frame.Pong(Bytes.utf8("before the join")), client.read());
    }
  }

  @Test
  @DisplayName(
      "[LV1] a joined peer's pings are answered with their counts, in order, without a document")
  void pingMessagesAreAnswered() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var client = RawClient.join(relay.url(), "page")) {
      for (var count : new long[] {0, 1, 23, 24, 1_000_000}) {
        client.send(new WireMessage.Ping(client.id(), count));
      }
      for (var count : new long[] {0, 1, 23, 24, 1_000_000}) {
        var pong = assertInstanceOf(WireMessage.Pong.class, client.message());
        assertEquals(count, pong.count());
        assertEquals(client.id(), pong.targetId());
      }
      assertEquals(0, relay.documents().size());
    }
  }

  @Test
  @DisplayName(
      "[LV1] a pong reaches only the peer that pinged, and its document is served as before")
  void pongsReachOnlyTheirPeer() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
        var bob = new SyncPeer(relay.url(), "bob", DOCUMENT)) {
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(ada.heads().getFirst());
      ada.client().send(new WireMessage.Ping(ada.client().id(), 7));
      assertInstanceOf(WireMessage.Pong.class, ada.receive());
      ada.edit();
      ada.awaitCommitted();
      assertInstanceOf(WireMessage.Sync.class, bob.receive());
    }
  }

  @Test
  @DisplayName("[LV1] a ping with another sender or without a count closes with 4400")
  void invalidPingsClose() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var mallory = RawClient.join(relay.url(), "mallory");
        var unnumbered = RawClient.join(relay.url(), "unnumbered")) {
      mallory.send(new WireMessage.Ping(new PeerId("ada"), 1));
      assertEquals(CloseCodes.BAD_MESSAGE, mallory.awaitClose().code());
      unnumbered.send(new WireMessage.Unknown(unnumbered.id(), "ping"));
      assertEquals(CloseCodes.BAD_MESSAGE, unnumbered.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[EP5] when a client disappears without a close, the other peers receive a goodbye")
  void disconnectedClientsGetAGoodbye() throws Exception {
    try (var relay = RelayFixture.start(transport);
        var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
        var bob = new SyncPeer(relay.url(), "bob", DOCUMENT)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      bob.client().send(bob.ephemeral(1, Bytes.ofHex("01")));
      assertInstanceOf(WireMessage.Ephemeral.class, ada.receive());
      bob.client().disconnect(true);
      var goodbye = assertInstanceOf(WireMessage.Ephemeral.class, ada.receive());
      assertEquals(new PeerId("bob"), goodbye.senderId());
    }
  }

  @Test
  @DisplayName("[WS7] a client that does not read is closed, and other clients are not delayed")
  void slowReader() throws Exception {
    var limits = Limits.defaults().with(new Limits.Outbox(16, 1 << 20));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
        var bob = new SyncPeer(relay.url(), "bob", DOCUMENT);
        var slow = new SyncPeer(RawClient.connectSlow(relay.url()).joinAs("slow"), DOCUMENT)) {
      var hash = ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      bob.awaitChange(hash);
      slow.sendSync();
      slow.awaitChange(hash);
      // From here on the slow client reads nothing. First the system's buffers for its socket fill
      // up.
      for (var edits = 0; relay.sockets().size() == 3 && edits < 20_000; edits++) {
        var next = ada.edit(2_000);
        bob.awaitChange(next);
        ada.awaitCommitted();
      }
      assertEquals(2, relay.sockets().size());
      assertTrue(relay.metrics().scrape().contains("parlor_outbox_overflows_total 1.0"));
      bob.awaitChange(ada.edit());
    }
  }

  @Test
  @DisplayName(
      "a document whose worker fails closes its peers with 1011 and reopens; other documents"
          + " continue")
  void aFailedDocumentIsReopened() throws Exception {
    var otherDocument = SyncPeer.document(4);
    try (var relay = RelayFixture.start(transport);
        var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
        var bob = new SyncPeer(relay.url(), "bob", otherDocument)) {
      ada.edit();
      ada.awaitCommitted();
      bob.edit();
      bob.awaitCommitted();
      relay.documents().open(DOCUMENT).observe(new FailingObserver());
      assertEquals(CloseCodes.DEFECT, ada.client().awaitClose().code());
      bob.edit();
      bob.awaitCommitted();
      try (var reconnected = new SyncPeer(relay.url(), "again", DOCUMENT)) {
        reconnected.sendSync();
        reconnected.awaitChange(ada.heads().getFirst());
      }
    }
  }

  @Test
  @DisplayName("[DU4] an unreadable document is unavailable; other documents open")
  void unreadableDocumentIsUnavailable() throws Exception {
    var store = new HeldStore();
    store.corrupt(DOCUMENT);
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
        var bob = new SyncPeer(relay.url(), "bob", SyncPeer.document(4))) {
      ada.edit();
      assertInstanceOf(WireMessage.DocUnavailable.class, ada.receive());
      bob.edit();
      bob.awaitCommitted();
    }
  }

  @Test
  @DisplayName(
      "[DU7] a document that no peer uses leaves memory and is loaded from the store again")
  void eviction() throws Exception {
    var limits = Limits.defaults().withIdleSeconds(0);
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits))) {
      var ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
      var hash = ada.edit();
      ada.awaitCommitted();
      assertEquals(1, relay.documents().size());
      ada.close();
      var deadline = System.nanoTime() + 10_000_000_000L;
      while (relay.documents().size() > 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertEquals(0, relay.documents().size());
      try (var bob = new SyncPeer(relay.url(), "bob", DOCUMENT)) {
        bob.sendSync();
        bob.awaitChange(hash);
      }
    }
  }

  /** An observer that makes its document fail, like a defect of the server. */
  private static final class FailingObserver implements DocumentObserver {
    @Override
    public void opened(Optional<Bytes> snapshot, List<Bytes> changes) {
      throw new IllegalStateException("a defect, made by a test");
    }

    @Override
    public void changed(List<Bytes> changes, ChangeOrigin origin) {}

    @Override
    public void peerJoined(PeerId peer, Caller caller) {}

    @Override
    public void peerLeft(PeerId peer, Caller caller) {}

    @Override
    public void failed(Throwable cause) {}
  }
}
