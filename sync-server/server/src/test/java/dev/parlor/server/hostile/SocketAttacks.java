package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The attacks that aim at sockets, frames and rates, for both transports; and the attacked server
 * for further attacks. Each attack comes while twenty honest clients keep working. It is refused by
 * its rule or harms no honest client, by the verdict of {@link AttackRunner}. The attacker's
 * messages are encoded before they are sent, so that the server's work dominates the figures of
 * {@code ./parlor bench attacks}.
 *
 * <p>The attacks of a class share one server and its crowd.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SocketAttacks {

  static final int MIB = 1 << 20;

  private final String sockets;
  AttackRunner runner;
  HostileServer server;
  HonestClients crowd;
  private int names;

  /**
   * Attacks on one transport.
   *
   * @param sockets the setting {@code --sockets} of the server
   */
  SocketAttacks(String sockets) {
    this.sockets = sockets;
  }

  @BeforeAll
  final void start(@TempDir Path folder) throws Exception {
    runner = new AttackRunner(folder, sockets);
    server = runner.server;
    crowd = runner.crowd;
  }

  @AfterAll
  final void stop() throws Exception {
    runner.close();
  }

  /** A number for a new name. */
  final int number() {
    return ++names;
  }

  final RawClient mallory() throws IOException {
    return RawClient.join(server.sync(), "mallory-" + number());
  }

  final ActorId actor() {
    return new ActorId(Bytes.wrap(ByteBuffer.allocate(16).putInt(66).putInt(number()).array()));
  }

  final WireMessage.Sync sync(RawClient from, DocumentId document, Bytes data) {
    return new WireMessage.Sync(from.id(), new PeerId("server"), document, data);
  }

  final WireMessage.Sync carrying(RawClient from, Bytes... changes) {
    return sync(from, crowd.document(), HonestClient.data(List.of(), List.of(changes)));
  }

  /** Checks that the connection is closed by this rule, with an error message before. */
  final void refused(RawClient client, int code, String rule) throws IOException {
    var before = new ArrayList<WireMessage>();
    var close = client.awaitClose(before);
    assertEquals(code, close.code(), close.reason());
    assertTrue(close.reason().startsWith("[" + rule + "] "), close.reason());
    var told = assertInstanceOf(WireMessage.ErrorMessage.class, before.getLast());
    assertTrue(told.message().startsWith("[" + rule + "] "), told.message());
  }

  /** Checks that a change is refused by this rule while the connection stays open and answers. */
  final void refusedChange(RawClient client, String rule) throws IOException {
    while (true) {
      if (client.message() instanceof WireMessage.ErrorMessage told) {
        assertTrue(told.message().startsWith("[" + rule + "] "), told.message());
        assertNotNull(told.documentId(), "a refusal names its document");
        break;
      }
    }
    answers(client);
  }

  /** Checks that the connection is open and that all earlier messages have been read. */
  final void answers(RawClient client) throws IOException {
    client.frame(RawClient.PING, true, Bytes.utf8("still there?"));
    while (!(client.read() instanceof RawClient.Frame.Pong)) {
      // Skips the document and other peers' changes.
    }
  }

  /** Sends changes to the crowd's document; they must be refused by this rule. */
  final void refusedChanges(String rule, Bytes... changes) throws IOException {
    try (var mallory = mallory()) {
      mallory.send(carrying(mallory, changes));
      refusedChange(mallory, rule);
    }
  }

  @Test
  @DisplayName("[WS1] a frame that announces a gigabyte is refused before its payload arrives")
  void announcedGigabyte() throws Exception {
    runner.runAttack(
        "announced gigabyte",
        () -> {
          try (var mallory = mallory()) {
            mallory.write(Bytes.ofHex("82ff" + "0000000040000000" + "00000000" + "00"));
            var close = mallory.awaitClose();
            assertEquals(CloseCodes.TOO_BIG, close.code(), close.reason());
          }
        });
  }

  @Test
  @DisplayName("[WS1] a fragmented message of 33 MiB is refused")
  void oversize() throws Exception {
    var part = new byte[MIB];
    var first = RawClient.encode(RawClient.BINARY, false, Bytes.wrap(part));
    var next = RawClient.encode(RawClient.CONTINUATION, false, Bytes.wrap(part));
    runner.runAttack(
        "33 MiB in fragments",
        AttackRunner.HEAVY_PACE,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = mallory()) {
            mallory.write(first);
            for (var i = 1; i < 33; i++) {
              mallory.write(next);
              runner.awaitHonestChange();
            }
            refused(mallory, CloseCodes.TOO_BIG, "WS1");
          }
        });
  }

  @Test
  @DisplayName("[WS1] [WS2] junk and deeply nested maps are refused")
  void junk() throws Exception {
    var deep = Bytes.ofHex("a16474797065" + "a160".repeat(100_000) + "f6");
    runner.runAttack(
        "junk",
        () -> {
          try (var mallory = mallory()) {
            mallory.send(Bytes.utf8("this is no CBOR"));
            refused(mallory, CloseCodes.NOT_CBOR, "WS1");
          }
          try (var mallory = mallory()) {
            mallory.send(deep);
            refused(mallory, CloseCodes.BAD_MESSAGE, "WS2");
          }
        });
  }

  @Test
  @DisplayName("[WS2] a flood of messages without effect harms no honest client")
  void flood() throws Exception {
    try (var mallory = mallory()) {
      var nothing =
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(new WireMessage.Unknown(mallory.id(), "from-the-future")));
      var thousand = Bytes.concat(java.util.Collections.nCopies(1_000, nothing));
      runner.runAttack(
          "flood",
          () -> {
            mallory.write(thousand);
            mallory.frame(RawClient.PING, true, Bytes.utf8("done"));
            while (!(mallory.read() instanceof RawClient.Frame.Pong)) {
              // Skips the server's pings.
            }
          });
    }
  }

  @Test
  @DisplayName(
      "[WS2] a client that reconnects for a new allowance is not throttled and harms no other client")
  void floodByReconnecting() throws Exception {
    var nothing =
        RawClient.encode(
            RawClient.BINARY,
            true,
            WireCodec.encode(new WireMessage.Unknown(new PeerId("again"), "from-the-future")));
    var allowance = Bytes.concat(java.util.Collections.nCopies(3_900, nothing));
    var throttled = server.metric("parlor_connections_throttled_total");
    runner.runAttack(
        "flood by reconnecting",
        () -> {
          for (var i = 0; i < 2; i++) {
            try (var mallory = RawClient.join(server.sync(), "again")) {
              mallory.write(allowance);
              mallory.frame(RawClient.PING, true, Bytes.utf8("done"));
              while (!(mallory.read() instanceof RawClient.Frame.Pong)) {
                // Skips the server's pings.
              }
            }
          }
        });
    assertEquals(throttled, server.metric("parlor_connections_throttled_total"));
  }

  @Test
  @DisplayName("[WS4] connections that are opened and reset at any byte harm no honest client")
  void churn() throws Exception {
    var message = RawClient.encode(RawClient.BINARY, true, Bytes.wrap(new byte[300]));
    runner.runAttack(
        "churn",
        () -> {
          var mallory = mallory();
          mallory.write(message.slice(0, names % message.length()));
          mallory.disconnect(true);
        });
  }

  @Test
  @DisplayName("[WS7] a client that never reads is closed and harms no honest client")
  void slowReader() throws Exception {
    // One author's changes for every document; only the frame is encoded anew.
    var author = new SyncPeer(mallory(), SyncPeer.document(999));
    var changes = new ArrayList<Bytes>();
    var hashes = new ArrayList<ChangeHash>();
    try (author) {
      for (var i = 0; i < 100; i++) {
        var change = author.createChange(i == 0 ? 0 : MIB / 4);
        changes.add(change);
        hashes.add(ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash());
      }
    }
    runner.runAttack(
        "slow reader",
        AttackRunner.HEAVY_PACE,
        3,
        () -> {
          var document = SyncPeer.document(1_000 + number());
          try (var writer = mallory();
              var slow =
                  new SyncPeer(
                      RawClient.connectSlow(server.sync()).joinAs("slow-" + names), document)) {
            save(writer, document, changes.getFirst(), hashes.getFirst());
            slow.sendSync();
            slow.awaitChange(hashes.getFirst());
            var before = server.metric("parlor_outbox_overflows_total");
            for (var i = 1; server.metric("parlor_outbox_overflows_total") == before; i++) {
              assertTrue(i < changes.size(), "25 MiB wait for a reader that never reads");
              save(writer, document, changes.get(i), hashes.get(i));
            }
            // The bytes that the system had buffered arrive, and then the end.
            while (true) {
              var frame = slow.client().read();
              if (frame instanceof RawClient.Frame.Disconnected) {
                break;
              }
              if (frame instanceof RawClient.Frame.Close(var code, var _)) {
                assertEquals(CloseCodes.OVERLOAD, code);
                break;
              }
            }
          }
        });
  }

  @Test
  @DisplayName("[WS2] a flood over all connections that an address may open harms no honest client")
  void floodOfConnections() throws Exception {
    var hundred = new ArrayList<RawClient>();
    try {
      while (true) {
        var next = RawClient.connect(server.sync());
        if (next.status() != 101) {
          assertEquals(429, next.status());
          next.close();
          break;
        }
        hundred.add(next.joinAs("legion-" + number()));
      }
      assertEquals(HostileMain.CONNECTIONS_PER_ADDRESS - HonestClients.CLIENTS, hundred.size());
      var nothing =
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(new WireMessage.Unknown(new PeerId("legion"), "from-the-future")));
      var ten = Bytes.concat(java.util.Collections.nCopies(10, nothing));
      runner.runAttack(
          "flood of connections",
          () -> {
            for (var mallory : hundred) {
              mallory.write(ten);
            }
            try (var another = RawClient.connect(server.sync())) {
              var open = server.metric("parlor_connections");
              assertEquals(429, another.status(), () -> open + " connections are open");
            }
          });
    } finally {
      for (var mallory : hundred) {
        mallory.close();
      }
    }
  }

  /** Sends a change and waits until the server has committed it. */
  private void save(RawClient writer, DocumentId document, Bytes change, ChangeHash hash)
      throws IOException {
    writer.send(sync(writer, document, HonestClient.data(List.of(hash), List.of(change))));
    while (!(writer.message() instanceof WireMessage.Sync told
        && SyncMessageCodec.decode(told.data(), SyncLimits.DEFAULT)
            .orElseThrow()
            .heads()
            .contains(hash))) {
      // Skips other peers' changes.
    }
  }
}
