package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.document.HeldStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the upgrade, the join and the stop of connections. */
@OnEachTransport
class HandshakeIT {

  private final SocketTransport transport;
  private final RelayFixture relay;

  HandshakeIT(SocketTransport transport) {
    this.transport = transport;
    this.relay = RelayFixture.start(transport);
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  @Test
  @DisplayName("[HS6] the answer to a join has the server's storage id and promises durable heads")
  void peerCarriesTheStorageId() throws Exception {
    try (var client = RawClient.connect(relay.url())) {
      client.send(client.join("ada"));
      assertEquals(
          new WireMessage.PeerMessage(
              RelayFixture.SERVER,
              new PeerId("ada"),
              new PeerMetadata(Optional.of(relay.store().storageId()), false, true),
              "1"),
          client.message());
    }
  }

  @Test
  @DisplayName("[HS1] any message before the join closes the connection")
  void theFirstMessageMustBeTheJoin() throws Exception {
    try (var client = RawClient.connect(relay.url())) {
      client.send(new WireMessage.Leave(new PeerId("ada")));
      assertEquals(CloseCodes.HANDSHAKE, client.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[HS1] a connection that does not join in time is closed")
  void noJoinInTime() throws Exception {
    var limits =
        Limits.defaults().with(new Limits.Handshake(1_000, 0)).with(new Limits.Liveness(50));
    try (var impatient = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var client = RawClient.connect(impatient.url())) {
      assertEquals(CloseCodes.HANDSHAKE, client.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[HS1] the size of a message before the join is limited")
  void messagesBeforeTheJoinAreLimited() throws Exception {
    var limits = Limits.defaults().with(new Limits.Handshake(1_000, 10));
    try (var small = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var client = RawClient.connect(small.url())) {
      client.send(Bytes.wrap(new byte[1_001]));
      assertEquals(CloseCodes.TOO_BIG, client.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[HS2] a join without a version list means version 1")
  void noVersionList() throws Exception {
    try (var client = RawClient.connect(relay.url())) {
      client.send(
          new CborWriter().map(2).text("type").text("join").text("senderId").text("ada").toBytes());
      assertEquals("1", client.message(WireMessage.PeerMessage.class).version());
    }
  }

  @Test
  @DisplayName("[HS3] a join whose version list lacks version 1 gets an error and a close")
  void unknownVersion() throws Exception {
    try (var client = RawClient.connect(relay.url())) {
      client.send(
          new WireMessage.Join(
              new PeerId("ada"), new PeerMetadata(Optional.empty(), true), List.of("2", "3")));
      var messages = new ArrayList<WireMessage>();
      assertEquals(CloseCodes.VERSION, client.awaitClose(messages).code());
      assertTrue(
          assertInstanceOf(WireMessage.ErrorMessage.class, messages.getFirst())
              .message()
              .contains("[HS3]"));
    }
  }

  @Test
  @DisplayName("[HS4] a second join of a peer id replaces the old connection and its sync state")
  void joiningAgainReplaces() throws Exception {
    var document = SyncPeer.document(1);
    try (var first = new SyncPeer(relay.url(), "ada", document);
        var reader = new SyncPeer(relay.url(), "bob", document)) {
      var hash = first.edit();
      first.awaitCommitted();
      reader.sendSync();
      reader.awaitChange(hash);
      // The new connection has the same peer id and no changes, as if the client's storage was
      // deleted.
      try (var second = new SyncPeer(relay.url(), "ada", document)) {
        assertEquals(CloseCodes.REPLACED, first.client().awaitClose().code());
        second.sendSync();
        second.awaitChange(hash);
        var next = reader.edit();
        second.awaitChange(next);
      }
    }
  }

  @Test
  @DisplayName("[HS4] a peer id in use by another identity is refused")
  void anothersPeerId() throws Exception {
    Authenticator byPath =
        request ->
            new Authenticator.Outcome.Accepted(
                new Caller(
                    Optional.of(request.path()), Role.PLAYER, Optional.of(SyncPeer.document(1))));
    try (var relayWithRooms =
            RelayFixture.start(new RelayFixture.Setup(transport).authenticator(byPath));
        var ada = RawClient.join(relayWithRooms.url("/sync/k/ada"), "ada");
        var mallory = RawClient.connect(relayWithRooms.url("/sync/k/mallory"))) {
      mallory.send(mallory.join("ada"));
      assertEquals(CloseCodes.NOT_ALLOWED, mallory.awaitClose().code());
      ada.frame(RawClient.PING, true, Bytes.utf8("still here"));
      assertEquals(new RawClient.Frame.Pong(Bytes.utf8("still here")), ada.read());
    }
  }

  @Test
  @DisplayName("[HS4] a peer id in use by a guest is refused for a guest with another role")
  void anotherGuestsPeerId() throws Exception {
    Authenticator roleByPath =
        request ->
            new Authenticator.Outcome.Accepted(
                new Caller(
                    Optional.empty(),
                    request.path().endsWith("watch") ? Role.SPECTATOR : Role.PLAYER,
                    Optional.of(SyncPeer.document(1))));
    try (var relayWithRooms =
            RelayFixture.start(new RelayFixture.Setup(transport).authenticator(roleByPath));
        var ada = RawClient.join(relayWithRooms.url("/sync/k/play"), "ada");
        var mallory = RawClient.connect(relayWithRooms.url("/sync/k/watch"))) {
      mallory.send(mallory.join("ada"));
      assertEquals(CloseCodes.NOT_ALLOWED, mallory.awaitClose().code());
      try (var reconnected = RawClient.join(relayWithRooms.url("/sync/k/play"), "ada")) {
        assertEquals(CloseCodes.REPLACED, ada.awaitClose().code());
        reconnected.frame(RawClient.PING, true, Bytes.utf8("here"));
        assertEquals(new RawClient.Frame.Pong(Bytes.utf8("here")), reconnected.read());
      }
    }
  }

  @Test
  @DisplayName("[HS4] connections to different documents can have the same peer id")
  void idsCountWithinADocument() throws Exception {
    Authenticator byPath =
        request ->
            new Authenticator.Outcome.Accepted(
                new Caller(
                    Optional.of(request.path()),
                    Role.PLAYER,
                    Optional.of(SyncPeer.document(request.path().length()))));
    try (var relayWithRooms =
            RelayFixture.start(new RelayFixture.Setup(transport).authenticator(byPath));
        var inRoom = RawClient.join(relayWithRooms.url("/sync/k/room"), "ada");
        var inAnother = RawClient.join(relayWithRooms.url("/sync/k/another"), "ada")) {
      for (var client : List.of(inRoom, inAnother)) {
        client.frame(RawClient.PING, true, Bytes.utf8("still here"));
        assertEquals(new RawClient.Frame.Pong(Bytes.utf8("still here")), client.read());
      }
    }
  }

  @Test
  @DisplayName("[HS5] a direct message in another peer's name closes the connection")
  void anothersName() throws Exception {
    try (var client = RawClient.join(relay.url(), "ada")) {
      client.send(
          new WireMessage.DocUnavailable(
              new PeerId("bob"), RelayFixture.SERVER, SyncPeer.document(1)));
      assertEquals(CloseCodes.BAD_MESSAGE, client.awaitClose().code());
    }
  }

  @Test
  @DisplayName("a leave message closes the connection without an error")
  void leaving() throws Exception {
    try (var client = RawClient.join(relay.url(), "ada")) {
      client.send(new WireMessage.Leave(client.id()));
      assertEquals(CloseCodes.NORMAL, client.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[WS2] messages of an unknown type are ignored")
  void unknownTypes() throws Exception {
    try (var client = RawClient.join(relay.url(), "ada")) {
      client.send(new WireMessage.Unknown(client.id(), "from-the-future"));
      client.frame(RawClient.PING, true, Bytes.EMPTY);
      assertEquals(new RawClient.Frame.Pong(Bytes.EMPTY), client.read());
    }
  }

  @Test
  @DisplayName(
      "[WS5] pages of this host and of the configured list may connect, other pages may not")
  void origins() throws Exception {
    for (var origin : List.of("http://127.0.0.1:" + relay.port(), "https://friend.example")) {
      try (var client = RawClient.connect(relay.url(), "Origin: " + origin)) {
        assertEquals(101, client.status(), origin);
      }
    }
    for (var origin : List.of("http://127.0.0.1:1", "https://evil.example", "null", "garbage")) {
      try (var client = RawClient.connect(relay.url(), "Origin: " + origin)) {
        assertEquals(403, client.status(), origin);
      }
    }
  }

  @Test
  @DisplayName("an upgrade that the authenticator refuses gets the authenticator's HTTP status")
  void refusedUpgrades() throws Exception {
    Authenticator authenticator = _ -> new Authenticator.Outcome.Refused(401, "no such key");
    try (var refusing =
            RelayFixture.start(new RelayFixture.Setup(transport).authenticator(authenticator));
        var client = RawClient.connect(refusing.url("/sync/k/wrong"))) {
      assertEquals(401, client.status());
    }
  }

  @Test
  @DisplayName("[DU6] a stopping server tells every client to reconnect and accepts no new client")
  void stopping() throws Exception {
    try (var client = RawClient.join(relay.url(), "ada")) {
      relay.sockets().stopAccepting();
      try (var late = RawClient.connect(relay.url())) {
        assertEquals(503, late.status());
      }
      var stoppingThread = Thread.ofVirtual().start(relay::close);
      assertEquals(CloseCodes.RESTART, client.awaitClose().code());
      client.disconnect(false);
      stoppingThread.join();
      assertEquals(0, relay.sockets().size());
    }
  }

  @Test
  @DisplayName("[DU6] a stopping server closes connections only after all documents are committed")
  void stoppingCommits() throws Exception {
    var store = new HeldStore();
    var document = SyncPeer.document(1);
    try (var stopping = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var ada = new SyncPeer(stopping.url(), "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      store.hold();
      var hash = ada.edit();
      while (store.held() == 0) {
        Thread.onSpinWait();
      }
      var stoppingThread = Thread.ofVirtual().start(stopping::close);
      for (var status = 101; status != 503; ) {
        try (var late = RawClient.connect(stopping.url())) {
          status = late.status();
        }
      }
      ada.client().frame(RawClient.PING, true, Bytes.utf8("still open"));
      assertEquals(new RawClient.Frame.Pong(Bytes.utf8("still open")), ada.client().read());
      store.release();
      assertEquals(CloseCodes.RESTART, ada.client().awaitClose().code());
      assertTrue(store.committed(document).contains(hash));
      ada.client().disconnect(false);
      stoppingThread.join();
    }
  }

  @Test
  @DisplayName("a join is decoded in each CBOR form that JavaScript encoders use")
  void joinsOfJavaScriptAreDecoded() throws Exception {
    try (var client = RawClient.connect(relay.url())) {
      // docs/vectors/wire.json, "join"
      client.send(
          Bytes.ofHex(
              "b900046474797065646a6f696e6873656e6465724964636164616c706565724d65746164617461b900"
                  + "026973746f726167654964f76b6973457068656d6572616cf57819737570706f727465645072"
                  + "6f746f636f6c56657273696f6e73816131"));
      assertEquals(WireCodec.VERSION, client.message(WireMessage.PeerMessage.class).version());
    }
  }
}
