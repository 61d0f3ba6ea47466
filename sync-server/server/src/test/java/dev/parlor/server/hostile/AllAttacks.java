package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.room.access.BrowserKey;
import dev.parlor.room.access.Sessions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The attacks of {@link SocketAttacks}, and attacks on documents, rooms and HTTP. A subclass runs
 * all of them on one transport.
 *
 * <p>This class is longer than others, because all attacks share one server.
 */
abstract class AllAttacks extends SocketAttacks {

  /** A depth of nested objects that the bindings can write and that the server refuses. */
  private static final int DEPTH = 62;

  private static final int OPERATIONS = 250_000;

  /**
   * @param sockets see {@link HostileServer}
   */
  AllAttacks(String sockets) {
    super(sockets);
  }

  @Test
  @DisplayName("[HS4] a join with the server's peer id is refused")
  void forgedServer() throws Exception {
    var id = new PeerId[1];
    try (var mallory = RawClient.connect(server.sync())) {
      mallory.send(mallory.join("mallory"));
      id[0] = mallory.message(WireMessage.PeerMessage.class).senderId();
    }
    runner.runAttack(
        "forged server",
        () -> {
          try (var mallory = RawClient.connect(server.sync())) {
            mallory.send(mallory.join(id[0].value()));
            assertEquals(CloseCodes.NOT_ALLOWED, mallory.awaitClose().code());
          }
        });
  }

  @Test
  @DisplayName("[HS5] a message in an honest client's name is refused")
  void forgedName() throws Exception {
    runner.runAttack(
        "forged name",
        () -> {
          try (var mallory = mallory()) {
            mallory.send(
                new WireMessage.Sync(
                    new PeerId("honest-3"),
                    new PeerId("server"),
                    honestClients.document(),
                    HonestClient.syncData(List.of(), List.of())));
            assertClosedByRule(mallory, CloseCodes.BAD_MESSAGE, "HS5");
          }
        });
  }

  @Test
  @DisplayName("[SY2] a message with a million heads is refused")
  void millionHeads() throws Exception {
    var heads = new ByteWriter(32 * 1_000_000 + 10).u8(0x42).uleb(1_000_000);
    heads.bytes(Bytes.wrap(new byte[32 * 1_000_000])).u8(0).u8(0).u8(0);
    var data = heads.toBytes();
    var message =
        WireCodec.encode(
            new WireMessage.Sync(
                new PeerId("hydra"), new PeerId("server"), honestClients.document(), data));
    var frames = fragments(message);
    runner.runAttack(
        "million heads",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = RawClient.join(server.sync(), "hydra")) {
            for (var frame : frames) {
              mallory.write(frame);
              runner.awaitHonestChange();
            }
            assertClosedByRule(mallory, CloseCodes.MALFORMED, "SY2");
          }
        });
  }

  @Test
  @DisplayName("[SY7] too many changes that wait for a missing dependency are refused")
  void changesWithoutDependencies() throws Exception {
    // The message is encoded once before the attacks, so that the figures do not include this work.
    // So all attacks use the same peer id.
    var frames = new ArrayList<Bytes>();
    for (var i = 0; i < 6; i++) {
      var data =
          HonestClient.syncData(
              List.of(), List.of(ForgedChanges.withoutDependency(actor(), 3 * MIB)));
      frames.add(
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(
                  new WireMessage.Sync(
                      new PeerId("orphanage"),
                      new PeerId("server"),
                      honestClients.document(),
                      data))));
    }
    runner.runAttack(
        "orphans",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = RawClient.join(server.sync(), "orphanage")) {
            for (var frame : frames) {
              mallory.write(frame);
              runner.awaitHonestChange();
            }
            assertChangeRefused(mallory, "SY7");
          }
        });
  }

  @Test
  @DisplayName("[EP4] a flood of presence is dropped; other peers receive 60 messages a second")
  void presenceFlood() throws Exception {
    var before = honestClients.ephemerals();
    var droppedBefore = server.metric("parlor_ephemeral_dropped_total");
    var begin = System.nanoTime();
    try (var mallory = mallory()) {
      mallory.send(
          sync(mallory, honestClients.document(), HonestClient.syncData(List.of(), List.of())));
      var sentMessages = new int[1];
      runner.runAttack(
          "presence flood",
          () -> {
            for (var i = 0; i < 100; i++) {
              mallory.send(
                  new WireMessage.Ephemeral(
                      mallory.id(),
                      new PeerId("server"),
                      honestClients.document(),
                      new dev.parlor.crdt.identity.SessionId("flood"),
                      ++sentMessages[0],
                      Bytes.ofHex("a0")));
            }
            mallory.frame(RawClient.PING, true, Bytes.utf8("done"));
            while (!(mallory.read() instanceof RawClient.Frame.Pong)) {
              // Skips the messages with the document and with other peers' changes.
            }
          });
      var seconds = (System.nanoTime() - begin) / 1e9;
      var received = (honestClients.ephemerals() - before) / HonestClients.CLIENTS;
      assertTrue(
          received >= 60 && received <= 60 * (seconds + 1) + 1, received + " in " + seconds + " s");
      assertTrue(
          server.metric("parlor_ephemeral_dropped_total") - droppedBefore >= sentMessages[0] / 2.0,
          "most messages are dropped and counted");
    }
  }

  @Test
  @DisplayName(
      "[AD1] a second change with a sequence number of an honest client's actor is refused")
  void forgedActor() throws Exception {
    var forged = ForgedChanges.empty(HonestClients.actor(5), 1, List.of());
    runner.runAttack("forged actor", () -> assertChangesRefused("AD1", forged));
  }

  @Test
  @DisplayName(
      "[AD1] [AD2] objects that contain themselves and values put into a number are refused")
  void selfReferring() throws Exception {
    var selfContaining = ForgedChanges.selfContainingMap(actor());
    var intoANumber = ForgedChanges.putIntoANumber(actor());
    runner.runAttack(
        "self-referring objects",
        () -> {
          assertChangesRefused("AD1", selfContaining);
          assertChangesRefused("AD2", intoANumber);
        });
  }

  @Test
  @DisplayName(
      "[AD1] of many refused changes on a connection, some are reported and later ones not decoded")
  void manyRefused() throws Exception {
    var forged = new ArrayList<Bytes>();
    for (var i = 0; i < 400; i++) {
      forged.add(ForgedChanges.selfContainingMap(actor()));
    }
    runner.runAttack(
        "many refused changes",
        () -> {
          try (var mallory = mallory()) {
            var dropped = server.metric("parlor_changes_dropped_total");
            for (var change : forged) {
              mallory.send(changesMessage(mallory, change));
            }
            mallory.frame(RawClient.PING, true, Bytes.utf8("all sent"));
            var errorMessages = 0;
            for (var frame = mallory.read();
                !(frame instanceof RawClient.Frame.Pong);
                frame = mallory.read()) {
              errorMessages +=
                  frame instanceof RawClient.Frame.Binary(var data)
                          && WireCodec.decode(data).orElseThrow()
                              instanceof WireMessage.ErrorMessage
                      ? 1
                      : 0;
            }
            assertTrue(
                errorMessages <= FixedLimits.REFUSALS_REPORTED_MAX, errorMessages + " times");
            // Above the limit of refused changes, further ones are dropped before decoding.
            do {
              mallory.send(changesMessage(mallory, forged.getFirst()));
              awaitPong(mallory);
            } while (server.metric("parlor_changes_dropped_total") == dropped);
          }
        });
  }

  @Test
  @DisplayName(
      "[AD1] changes that depend on a refused change are counted and dropped before decoding")
  void refusedWithFollowers() throws Exception {
    runner.runAttack(
        "followers of a refused change",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          var forged = ForgedChanges.selfContainingMap(actor());
          var chain = new ArrayList<Bytes>(List.of(forged));
          var actor = actor();
          for (var seq = 1; seq <= 5_000; seq++) {
            chain.add(ForgedChanges.empty(actor, seq, List.of(hash(chain.getLast()))));
          }
          try (var mallory = mallory()) {
            var dropped = server.metric("parlor_changes_dropped_total");
            mallory.send(changesMessage(mallory, chain.toArray(Bytes[]::new)));
            assertChangeRefused(mallory, "AD1");
            while (server.metric("parlor_changes_dropped_total") - dropped < 5_000) {
              awaitPong(mallory);
            }
          }
        });
  }

  @Test
  @DisplayName("[AD1] refused changes in more than a hundred documents close the connection")
  void refusalsInManyDocuments() throws Exception {
    runner.runAttack(
        "refusals in many documents",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = mallory()) {
            var forged = ForgedChanges.selfContainingMap(actor());
            for (var i = 0; i <= FixedLimits.REFUSED_DOCUMENTS_MAX; i++) {
              mallory.send(
                  sync(
                      mallory,
                      SyncPeer.document(7_000 + i),
                      HonestClient.syncData(List.of(), List.of(forged))));
            }
            assertClosedByRule(mallory, CloseCodes.MALFORMED, "AD1");
          }
        });
  }

  @Test
  @DisplayName("[SY2] a message full of the smallest possible changes harms no honest client")
  void manySmallChanges() throws Exception {
    var actor = actor();
    var changes = new ArrayList<Bytes>();
    ChangeHash last = null;
    for (var seq = 1; seq <= 200_000; seq++) {
      changes.add(ForgedChanges.empty(actor, seq, last == null ? List.of() : List.of(last)));
      last = hash(changes.getLast());
    }
    // The message is encoded once before the attacks, so that the figures do not include this work.
    // So all attacks use the same peer id.
    var message =
        WireCodec.encode(
            new WireMessage.Sync(
                new PeerId("smallest"),
                new PeerId("server"),
                SyncPeer.document(8_000),
                HonestClient.syncData(List.of(last), changes)));
    var frames = fragments(message);
    runner.runAttack(
        "the smallest changes",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = RawClient.join(server.sync(), "smallest")) {
            for (var frame : frames) {
              mallory.write(frame);
              runner.awaitHonestChange();
            }
            awaitPong(mallory);
          }
        });
  }

  /** The WebSocket frames of a message in fragments of 1 MiB. */
  private List<Bytes> fragments(Bytes message) {
    var frames = new ArrayList<Bytes>();
    for (var at = 0; at < message.length(); at += MIB) {
      frames.add(
          RawClient.encode(
              at == 0 ? RawClient.BINARY : RawClient.CONTINUATION,
              at + MIB >= message.length(),
              message.slice(at, Math.min(MIB, message.length() - at))));
    }
    return frames;
  }

  @Test
  @DisplayName("[AD3] an object nested deeper than the limit is refused")
  void deepObject() throws Exception {
    Value value = new Value.Int(1);
    for (var depth = 0; depth < DEPTH; depth++) {
      value = new Value.MapOf(new TreeMap<>(Map.of("deeper", value)));
    }
    Bytes deep;
    try (var replica = Replica.create(actor())) {
      deep =
          replica
              .transact(List.of(new Edit.Put(dev.parlor.crdt.replica.Path.of("deep"), value)))
              .orElseThrow();
    }
    runner.runAttack("deep object", () -> assertChangesRefused("AD3", deep));
  }

  /** Makes an edit as a peer with a player's link, and asserts that the change is refused. */
  private void assertRefusedInRoom(HostileServer.Room room, Edit edit) throws IOException {
    try (var mallory = joinRoom(room)) {
      mallory.edit(edit);
      assertChangeRefused(mallory.client(), "AD6");
    }
  }

  /** Connects a peer with a player's link; returns when it has received the room's document. */
  private SyncPeer joinRoom(HostileServer.Room room) throws IOException {
    var client = RawClient.join(room.socket("player"), "mallory-" + nextNumber());
    var peer = new SyncPeer(client, room.document());
    peer.sendSync();
    while (peer.heads().isEmpty()) {
      peer.receive();
    }
    return peer;
  }

  private Value map(Map<String, Value> entries) {
    return new Value.MapOf(new TreeMap<>(entries));
  }

  @Test
  @DisplayName("[AD6] a player's changes that write a generation's grant or a result are refused")
  void forgedGrantAndResult() throws Exception {
    var room = server.room();
    var request = "018f3a00-0000-7000-8000-000000000001";
    var grant = map(Map.of("request", Value.of(request), "epoch", Value.of(9)));
    var result = map(Map.of("query", Value.of("?"), "status", Value.of("done")));
    runner.runAttack(
        "forged grant and result",
        () -> {
          assertRefusedInRoom(
              room, new Edit.Put(dev.parlor.crdt.replica.Path.of("generation", "grant"), grant));
          assertRefusedInRoom(
              room, new Edit.Put(dev.parlor.crdt.replica.Path.of("results", request), result));
        });
  }

  @Test
  @DisplayName("[AD6] a chat entry in another participant's name is refused")
  void chatEntryOfAnotherPerson() throws Exception {
    var room = server.room();
    var entry =
        map(
            Map.of(
                "id", Value.of("018f3a00-0000-7000-8000-000000000002"),
                "by", Value.of(room.identity()),
                "at", Value.of(1_800_000_000_000L),
                "kind", Value.of("say"),
                "text", Value.of("I owe Mallory a hundred")));
    runner.runAttack(
        "another's chat",
        () ->
            assertRefusedInRoom(
                room, new Edit.Append(dev.parlor.crdt.replica.Path.of("chat"), entry)));
  }

  @Test
  @DisplayName("[AD4] a peer's change with the server's actor as author is refused")
  void forgedServerActor() throws Exception {
    var room = server.room();
    ActorId serverActor;
    try (var mallory = joinRoom(room)) {
      serverActor = mallory.firstActor();
    }
    var forged = ForgedChanges.empty(serverActor, 1_000, List.of());
    runner.runAttack(
        "forged server actor",
        () -> {
          try (var mallory = RawClient.join(room.socket("player"), "mallory-" + nextNumber())) {
            mallory.send(
                sync(mallory, room.document(), HonestClient.syncData(List.of(), List.of(forged))));
            assertChangeRefused(mallory, "AD4");
          }
        });
  }

  @Test
  @DisplayName("[AD3] a deflated change that inflates to 64 MiB is refused")
  void zipBomb() throws Exception {
    var bomb = ForgedChanges.zipBomb(actor(), 64 * MIB);
    assertTrue(bomb.length() < MIB / 4);
    runner.runAttack("zip bomb", () -> assertChangesRefused("AD3", bomb));
  }

  @Test
  @DisplayName("[AD3] a message of hundreds of small deflated changes, 200 MB inflated, is refused")
  void zipBombs() throws Exception {
    var message = HonestClient.syncData(List.of(), ForgedChanges.zipBombs(400, MIB / 2));
    assertTrue(message.length() < MIB / 4, message.length() + " bytes");
    runner.runAttack(
        "many small zip bombs",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = mallory()) {
            mallory.send(sync(mallory, honestClients.document(), message));
            assertChangeRefused(mallory, "AD3");
          }
        });
  }

  @Test
  @DisplayName(
      "[AD2] half a million operations in two changes of a hundred bytes harm no honest client")
  void runsOfOperations() throws Exception {
    runner.runAttack(
        "runs of operations",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          var actor = actor();
          var puts = ForgedChanges.repeatedPuts(actor, OPERATIONS);
          var deletions = ForgedChanges.deletions(actor, hash(puts), OPERATIONS);
          assertTrue(puts.length() + deletions.length() < 250, "both changes are small");
          try (var mallory = mallory()) {
            mallory.send(changesMessage(mallory, puts, deletions));
            awaitAcknowledged(mallory, hash(deletions));
          }
        });
  }

  private ChangeHash hash(Bytes change) {
    return ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash();
  }

  private void awaitAcknowledged(RawClient client, ChangeHash head) throws IOException {
    while (!(client.message() instanceof WireMessage.Sync sync
        && SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT)
            .orElseThrow()
            .heads()
            .contains(head))) {
      // Skips the messages with the document and with other peers' changes.
    }
  }

  @Test
  @DisplayName("[AD3] a change of a hundred bytes with more than a million operations is refused")
  void tooManyOperations() throws Exception {
    var change = ForgedChanges.repeatedPuts(actor(), 1_000_001);
    assertTrue(change.length() < 125, change.length() + " bytes");
    runner.runAttack("too many operations", () -> assertChangesRefused("AD3", change));
  }

  @Test
  @DisplayName("[AD5] a spectator's changes are refused")
  void changeOfASpectator() throws Exception {
    var room = server.room();
    runner.runAttack(
        "spectator",
        () -> {
          try (var client = RawClient.join(room.socket("spectator"), "spectator-" + nextNumber())) {
            client.send(
                sync(
                    client,
                    room.document(),
                    HonestClient.syncData(
                        List.of(), List.of(ForgedChanges.empty(actor(), 1, List.of())))));
            assertChangeRefused(client, "AD5");
          }
        });
  }

  @Test
  @DisplayName("[AC3] a used nonce is refused")
  void replayedNonce() throws Exception {
    var key = BrowserKey.p256();
    var json = new com.fasterxml.jackson.databind.ObjectMapper();
    var identity =
        server.post("/api/identities", json.writeValueAsString(Map.of("publicKey", key.jwk())));
    var path = "/api/identities/" + identity.text("identity");
    var nonce = server.post(path + "/nonce", "{}").text("nonce");
    var text = Sessions.textToSign(server.origin(), identity.text("identity"), nonce);
    var proof = json.writeValueAsString(Map.of("nonce", nonce, "signature", key.signed(text)));
    assertEquals(201, server.post(path + "/sessions", proof).status());
    runner.runAttack(
        "replayed nonce",
        AttackRunner.CHANGES_PER_ATTACK,
        50,
        () -> {
          var repeated = server.post(path + "/sessions", proof);
          assertEquals(401, repeated.status());
          assertEquals("AC3", repeated.text("rule"));
        });
  }

  @Test
  @DisplayName("[AC6] a revoked link opens no connection, and its open connections are closed")
  void revokedLink() throws Exception {
    runner.runAttack(
        "revoked link",
        AttackRunner.CHANGES_PER_ATTACK,
        3,
        () -> {
          var room = server.room();
          try (var client = RawClient.join(room.socket("player"), "player-" + nextNumber())) {
            assertEquals(200, room.asHost("DELETE", "/links/player", "").status());
            assertEquals(CloseCodes.NOT_ALLOWED, client.awaitClose().code());
            try (var repeated = RawClient.connect(room.socket("player"))) {
              assertEquals(403, repeated.status());
            }
          }
        });
  }
}
