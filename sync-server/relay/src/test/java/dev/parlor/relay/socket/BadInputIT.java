package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.document.CloseCodes;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests bad input of one client: the other clients of the document continue, and none of the input
 * is stored.
 */
@OnEachTransport
class BadInputIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(7);

  private final SocketTransport transport;
  private final RelayFixture relay;
  private SyncPeer ada;
  private SyncPeer bob;

  BadInputIT(SocketTransport transport) {
    this.transport = transport;
    this.relay = RelayFixture.start(transport);
  }

  @BeforeEach
  void connectTwoPeers() throws Exception {
    ada = new SyncPeer(relay.url(), "ada", DOCUMENT);
    var first = ada.edit();
    ada.awaitCommitted();
    bob = new SyncPeer(relay.url(), "bob", DOCUMENT);
    bob.sendSync();
    bob.awaitChange(first);
  }

  @AfterEach
  void bothPeersStillSync() throws Exception {
    var size = ada.size();
    bob.awaitChange(ada.edit());
    ada.awaitChange(bob.edit());
    assertEquals(size + 2, ada.size(), "a part of the bad input was stored");
    ada.close();
    bob.close();
    relay.close();
  }

  /** Sends a frame as a new client, and checks its error message and its close frame. */
  private RawClient.Frame.Close assertRefused(int code, String rule, Bytes frame)
      throws IOException {
    try (var mallory = RawClient.join(relay.url(), "mallory")) {
      mallory.send(frame);
      var messages = new ArrayList<WireMessage>();
      var close = mallory.awaitClose(messages);
      assertEquals(code, close.code(), close.reason());
      assertTrue(close.reason().startsWith("[" + rule + "] "), close.reason());
      var error = assertInstanceOf(WireMessage.ErrorMessage.class, messages.getLast());
      assertTrue(error.message().startsWith("[" + rule + "] "), error.message());
      return close;
    }
  }

  private static Bytes sync(Bytes data) {
    return WireCodec.encode(
        new WireMessage.Sync(new PeerId("mallory"), RelayFixture.SERVER, DOCUMENT, data));
  }

  private static Bytes sync(List<Bytes> changes) {
    return sync(
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(), changes, null)));
  }

  @Test
  @DisplayName("[WS1] a text frame closes with 1003")
  void textFrame() throws Exception {
    try (var mallory = RawClient.join(relay.url(), "mallory")) {
      mallory.frame(RawClient.TEXT, true, Bytes.utf8("{}"));
      assertEquals(CloseCodes.TEXT, mallory.awaitClose().code());
    }
  }

  @Test
  @DisplayName("[WS1] a frame that is not CBOR closes with 1007")
  void notCbor() throws Exception {
    assertRefused(CloseCodes.NOT_CBOR, "WS1", Bytes.utf8("not CBOR"));
  }

  @Test
  @DisplayName("[WS2] a message without its fields closes with 4400")
  void missingFields() throws Exception {
    assertRefused(CloseCodes.BAD_MESSAGE, "WS2", Bytes.ofHex("a1647479706564" + "73796e63"));
  }

  @Test
  @DisplayName("[WS3] empty data closes with 4400")
  void emptyData() throws Exception {
    assertRefused(CloseCodes.BAD_MESSAGE, "WS3", sync(Bytes.EMPTY));
  }

  @Test
  @DisplayName("[SY2] data that is no sync message closes with 4422")
  void noSyncMessage() throws Exception {
    assertRefused(CloseCodes.MALFORMED, "SY2", sync(Bytes.ofHex("42ff")));
  }

  @Test
  @DisplayName("[SY4] a change with a wrong checksum closes with 4422")
  void wrongChecksum() throws Exception {
    var change = SyncPeer.change("mallory", 1).toArray();
    change[5] ^= 1;
    assertRefused(CloseCodes.MALFORMED, "SY4", sync(List.of(Bytes.wrap(change))));
  }

  @Test
  @DisplayName(
      "[SY4] a document chunk in the place of a change, or with a wrong checksum, closes with 4422")
  void brokenDocumentChunk() throws Exception {
    var document = document();
    var close = assertRefused(CloseCodes.MALFORMED, "SY4", sync(List.of(document)));
    assertTrue(close.reason().contains("document"), close.reason());
    var damaged = document.toArray();
    damaged[5] ^= 1;
    assertRefused(CloseCodes.MALFORMED, "SY4", blob(Bytes.wrap(damaged)));
  }

  @Test
  @DisplayName(
      "[SY3] [AD1] a document chunk whose changes do not lead to its heads is refused, and the connection stays open")
  void documentChunkWithOtherHeads() throws Exception {
    var document = document().toArray();
    // The first byte of the head: after the header of 10 bytes, the number of actors, the actor
    // with its length, and the number of heads.
    document[10 + 1 + 17 + 1] ^= 1;
    try (var mallory = RawClient.join(relay.url(), "mallory")) {
      mallory.send(blob(withChecksum(document)));
      var error = mallory.message(WireMessage.ErrorMessage.class);
      assertEquals("[AD1] the changes of the document do not lead to its heads", error.message());
      assertEquals(DOCUMENT, error.documentId());
    }
  }

  private static Bytes document() {
    try (var replica = Replica.create(new ActorId(Bytes.wrap(new byte[16])))) {
      var _ = replica.transact(List.of(new Edit.Put(Path.of("k"), new Value.Int(1))));
      return replica.save();
    }
  }

  private static Bytes withChecksum(byte[] chunk) throws Exception {
    var sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(chunk, 8, chunk.length - 8);
    System.arraycopy(sha256.digest(), 0, chunk, 4, 4);
    return Bytes.wrap(chunk);
  }

  private static Bytes blob(Bytes chunk) {
    return sync(
        SyncMessageCodec.encode(
            new SyncMessage(
                SyncMessage.Kind.BLOB,
                List.of(new ChangeHash(1, 2, 3, 4)),
                List.of(),
                List.of(),
                List.of(chunk),
                null)));
  }

  @Test
  @DisplayName(
      "[AD5] a spectator's change is refused; it closes a connection by ticket and no other connection")
  void spectator() throws Exception {
    Authenticator spectators =
        request ->
            new Authenticator.Outcome.Accepted(
                new Caller(
                    Optional.empty(),
                    request.path().endsWith("/look") ? Role.SPECTATOR : Role.PLAYER,
                    Optional.of(DOCUMENT)));
    try (var room =
            RelayFixture.start(new RelayFixture.Setup(transport).authenticator(spectators));
        var player = new SyncPeer(room.url("/sync/k/play"), "player", DOCUMENT);
        var spectator = new SyncPeer(room.url("/sync/k/look"), "spectator", DOCUMENT)) {
      var hash = player.editTitle();
      player.awaitCommitted();
      spectator.sendSync();
      spectator.awaitChange(hash);
      spectator.edit();
      var error = spectator.client().message(WireMessage.ErrorMessage.class);
      assertTrue(error.message().startsWith("[AD5] "), error.message());
      assertEquals(DOCUMENT, error.documentId());
      // The client keeps receiving changes.
      spectator.awaitChange(player.editTitle());
      player.awaitCommitted();
      assertEquals(2, player.size());
      try (var page = new SyncPeer(room.url("/sync/t/look"), "page", DOCUMENT)) {
        page.sendSync();
        page.awaitChange(player.heads().getFirst());
        page.edit();
        var messages = new ArrayList<WireMessage>();
        assertEquals(CloseCodes.NOT_ALLOWED, page.client().awaitClose(messages).code());
        var last = assertInstanceOf(WireMessage.ErrorMessage.class, messages.getLast());
        assertTrue(last.message().startsWith("[AD5] "), last.message());
      }
    }
  }

  @Test
  @DisplayName(
      "a connection that is scoped to one document reaches no other document; a connection of the open relay reaches no room")
  void scopedConnectionsReachOneDocument() throws Exception {
    var room = SyncPeer.document(1);
    Authenticator scoped =
        request ->
            new Authenticator.Outcome.Accepted(
                request.path().equals("/sync")
                    ? Caller.ofOpenRelay()
                    : new Caller(Optional.empty(), Role.PLAYER, Optional.of(room)));
    var setup = new RelayFixture.Setup(transport).authenticator(scoped).policy(room::equals);
    try (var server = RelayFixture.start(setup);
        var player = new SyncPeer(server.url("/sync/k/key"), "player", room);
        var outside = new SyncPeer(server.url(), "outside", room);
        var otherDocumentPeer =
            new SyncPeer(server.url("/sync/k/key"), "other-document", SyncPeer.document(2))) {
      player.editTitle();
      player.awaitCommitted();
      outside.sendSync();
      assertInstanceOf(WireMessage.DocUnavailable.class, outside.receive());
      otherDocumentPeer.sendSync();
      assertInstanceOf(WireMessage.DocUnavailable.class, otherDocumentPeer.receive());
      // Changes of the open relay do not enter the room either.
      outside.edit();
      assertInstanceOf(WireMessage.DocUnavailable.class, outside.receive());
      player.editTitle();
      player.awaitCommitted();
      assertEquals(2, player.size());
    }
  }

  @Test
  @DisplayName("[WS1] a message in fragments is assembled, with a ping in between")
  void fragments() throws Exception {
    try (var carol = RawClient.join(relay.url(), "carol")) {
      var message =
          WireCodec.encode(
              new WireMessage.Request(
                  carol.id(), RelayFixture.SERVER, DOCUMENT, Bytes.ofHex("4200000100000000")));
      var third = message.length() / 3;
      carol.frame(RawClient.BINARY, false, message.slice(0, third));
      carol.frame(RawClient.PING, true, Bytes.utf8("p"));
      carol.frame(RawClient.CONTINUATION, false, message.slice(third, third));
      carol.frame(
          RawClient.CONTINUATION, true, message.slice(2 * third, message.length() - 2 * third));
      assertEquals(new RawClient.Frame.Pong(Bytes.utf8("p")), carol.read());
      assertInstanceOf(WireMessage.Sync.class, carol.message());
    }
  }

  @Test
  @DisplayName("[WS1] the total size of a fragmented message is limited")
  void fragmentsWithoutEnd() throws Exception {
    var limits = Limits.defaults().with(new Limits.Frames(10_000, 10, 10));
    try (var small = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var mallory = RawClient.join(small.url(), "mallory")) {
      mallory.frame(RawClient.BINARY, false, Bytes.wrap(new byte[6_000]));
      mallory.frame(RawClient.CONTINUATION, false, Bytes.wrap(new byte[6_000]));
      assertEquals(CloseCodes.TOO_BIG, mallory.awaitClose().code());
    }
  }

  @Test
  @DisplayName(
      "a client that sends faster than the limit is read more slowly, and none of its changes are lost")
  void fastSenderIsThrottled() throws Exception {
    var limits = Limits.defaults().with(new Limits.Traffic(100, 1 << 20, 10));
    try (var limited = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var mallory = new SyncPeer(limited.url(), "mallory", DOCUMENT)) {
      var hash = mallory.edit();
      mallory.awaitCommitted();
      var ignored =
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(new WireMessage.Unknown(mallory.client().id(), "nothing")));
      mallory.client().write(Bytes.concat(Collections.nCopies(120, ignored)));
      for (var i = 0; i < 20; i++) {
        hash = mallory.edit();
      }
      try (var ada = new SyncPeer(limited.url(), "ada", DOCUMENT)) {
        ada.sendSync();
        ada.awaitChange(hash);
      }
      assertTrue(limited.metrics().scrape().contains("parlor_connections_throttled_total"));
      assertEquals(
          -1, limited.metrics().scrape().indexOf("parlor_connections_throttled_total 0.0"));
    }
  }

  @Test
  @DisplayName("connections per address are limited, and refused connections do not count")
  void connectionsPerAddressAreLimited() throws Exception {
    var limits = Limits.defaults().with(new Limits.Traffic(100, 1 << 20, 1));
    try (var limited = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits))) {
      for (var i = 0; i < 20; i++) {
        try (var refused = RawClient.connect(limited.url(), "Origin: https://evil.example")) {
          assertEquals(403, refused.status());
        }
      }
      try (var ada = RawClient.join(limited.url(), "ada");
          var second = RawClient.connect(limited.url())) {
        assertEquals(101, ada.status());
        assertEquals(429, second.status());
        assertTrue(second.head().contains("\r\nRetry-After: 5\r\n"), second.head());
      }
    }
  }

  @Test
  @DisplayName("a connection that breaks at any byte of a change does not affect the document")
  void brokenAtAnyByte() throws Exception {
    var frame = RawClient.encode(RawClient.BINARY, true, sync(List.of(SyncPeer.change("m", 1))));
    for (var at = 0; at < frame.length(); at += 7) {
      var mallory = RawClient.join(relay.url(), "mallory");
      mallory.write(frame.slice(0, at));
      mallory.disconnect(at % 2 == 0);
    }
  }

  @Test
  @DisplayName("arbitrary frames after the join are ignored or close only their own connection")
  void arbitraryFrames() throws Exception {
    var random = new Random(42);
    for (var i = 0; i < 200; i++) {
      var bytes = new byte[random.nextInt(1, 200)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        bytes = sync(Bytes.wrap(bytes)).toArray();
      }
      try (var mallory = RawClient.join(relay.url(), "mallory")) {
        mallory.send(Bytes.wrap(bytes));
        var close = mallory.awaitClose();
        assertTrue(
            List.of(CloseCodes.NOT_CBOR, CloseCodes.BAD_MESSAGE, CloseCodes.MALFORMED)
                .contains(close.code()),
            close::reason);
      }
    }
  }
}
