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
 * Attacks on sockets, frames and rates, and helpers for the attacks of subclasses. Each attack runs
 * while twenty honest clients use the server. {@link AttackRunner} asserts that it harms none of
 * them. The attacker's messages are encoded in advance, so that the server's work dominates the
 * figures of {@code ./parlor bench attacks}.
 *
 * <p>All attacks of a test class share one server.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SocketAttacks {

  static final int MIB = 1 << 20;

  private final String sockets;
  AttackRunner runner;
  HostileServer server;
  HonestClients honestClients;
  private int lastNumber;

  /**
   * @param sockets the setting {@code --sockets} of the server
   */
  SocketAttacks(String sockets) {
    this.sockets = sockets;
  }

  @BeforeAll
  final void start(@TempDir Path folder) throws Exception {
    runner = new AttackRunner(folder, sockets);
    server = runner.server;
    honestClients = runner.honestClients;
  }

  @AfterAll
  final void stop() throws Exception {
    runner.close();
  }

  /** A number that was not used before, for names. */
  final int nextNumber() {
    return ++lastNumber;
  }

  /** Connects an attacker with a new peer id to the open relay. */
  final RawClient mallory() throws IOException {
    return RawClient.join(server.sync(), "mallory-" + nextNumber());
  }

  final ActorId actor() {
    return new ActorId(Bytes.wrap(ByteBuffer.allocate(16).putInt(66).putInt(nextNumber()).array()));
  }

  final WireMessage.Sync sync(RawClient from, DocumentId document, Bytes data) {
    return new WireMessage.Sync(from.id(), new PeerId("server"), document, data);
  }

  final WireMessage.Sync changesMessage(RawClient from, Bytes... changes) {
    return sync(from, honestClients.document(), HonestClient.syncData(List.of(), List.of(changes)));
  }

  /** Asserts that the server sends an error message with this rule and closes the connection. */
  final void assertClosedByRule(RawClient client, int code, String rule) throws IOException {
    var before = new ArrayList<WireMessage>();
    var close = client.awaitClose(before);
    assertEquals(code, close.code(), close.reason());
    assertTrue(close.reason().startsWith("[" + rule + "] "), close.reason());
    var error = assertInstanceOf(WireMessage.ErrorMessage.class, before.getLast());
    assertTrue(error.message().startsWith("[" + rule + "] "), error.message());
  }

  /** Asserts that a change is refused by this rule, and that the connection stays open. */
  final void assertChangeRefused(RawClient client, String rule) throws IOException {
    while (true) {
      if (client.message() instanceof WireMessage.ErrorMessage error) {
        assertTrue(error.message().startsWith("[" + rule + "] "), error.message());
        assertNotNull(error.documentId(), "a refusal names its document");
        break;
      }
    }
    awaitPong(client);
  }

  /** Waits for the answer to a ping: the connection is open, and earlier messages were read. */
  final void awaitPong(RawClient client) throws IOException {
    client.frame(RawClient.PING, true, Bytes.utf8("still there?"));
    while (!(client.read() instanceof RawClient.Frame.Pong)) {
      // Skips the messages with the document and with other peers' changes.
    }
  }

  /** Sends changes to the honest clients' document, and asserts that this rule refuses one. */
  final void assertChangesRefused(String rule, Bytes... changes) throws IOException {
    try (var mallory = mallory()) {
      mallory.send(changesMessage(mallory, changes));
      assertChangeRefused(mallory, rule);
    }
  }

  @Test
  @DisplayName("[WS1] a frame with a length of one gigabyte is refused before its payload arrives")
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
  void oversizeMessage() throws Exception {
    var payload = new byte[MIB];
    var first = RawClient.encode(RawClient.BINARY, false, Bytes.wrap(payload));
    var next = RawClient.encode(RawClient.CONTINUATION, false, Bytes.wrap(payload));
    runner.runAttack(
        "33 MiB in fragments",
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        Integer.MAX_VALUE,
        () -> {
          try (var mallory = mallory()) {
            mallory.write(first);
            for (var i = 1; i < 33; i++) {
              mallory.write(next);
              runner.awaitHonestChange();
            }
            assertClosedByRule(mallory, CloseCodes.TOO_BIG, "WS1");
          }
        });
  }

  @Test
  @DisplayName("[WS1] [WS2] messages that are no CBOR or nest maps too deep are refused")
  void invalidFrames() throws Exception {
    var deep = Bytes.ofHex("a16474797065" + "a160".repeat(100_000) + "f6");
    runner.runAttack(
        "junk",
        () -> {
          try (var mallory = mallory()) {
            mallory.send(Bytes.utf8("this is no CBOR"));
            assertClosedByRule(mallory, CloseCodes.NOT_CBOR, "WS1");
          }
          try (var mallory = mallory()) {
            mallory.send(deep);
            assertClosedByRule(mallory, CloseCodes.BAD_MESSAGE, "WS2");
          }
        });
  }

  @Test
  @DisplayName("[WS2] a flood of messages without effect harms no honest client")
  void flood() throws Exception {
    try (var mallory = mallory()) {
      var noEffect =
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(new WireMessage.Unknown(mallory.id(), "from-the-future")));
      var thousandMessages = Bytes.concat(java.util.Collections.nCopies(1_000, noEffect));
      runner.runAttack(
          "flood",
          () -> {
            mallory.write(thousandMessages);
            mallory.frame(RawClient.PING, true, Bytes.utf8("done"));
            while (!(mallory.read() instanceof RawClient.Frame.Pong)) {
              // Skips the server's pings.
            }
          });
    }
  }

  @Test
  @DisplayName(
      "[WS2] a client that reconnects before it reaches the rate limit harms no honest client")
  void floodByReconnecting() throws Exception {
    var noEffect =
        RawClient.encode(
            RawClient.BINARY,
            true,
            WireCodec.encode(new WireMessage.Unknown(new PeerId("again"), "from-the-future")));
    var allowance = Bytes.concat(java.util.Collections.nCopies(3_900, noEffect));
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
  void connectionChurn() throws Exception {
    var message = RawClient.encode(RawClient.BINARY, true, Bytes.wrap(new byte[300]));
    runner.runAttack(
        "churn",
        () -> {
          var mallory = mallory();
          mallory.write(message.slice(0, lastNumber % message.length()));
          mallory.disconnect(true);
        });
  }

  @Test
  @DisplayName("[WS7] a client that never reads is closed and harms no honest client")
  void slowReader() throws Exception {
    // The changes of one author are sent to several documents; only the frames differ.
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
        AttackRunner.CHANGES_PER_HEAVY_ATTACK,
        3,
        () -> {
          var document = SyncPeer.document(1_000 + nextNumber());
          try (var writer = mallory();
              var reader =
                  new SyncPeer(
                      RawClient.connectSlow(server.sync()).joinAs("slow-" + lastNumber),
                      document)) {
            commit(writer, document, changes.getFirst(), hashes.getFirst());
            reader.sendSync();
            reader.awaitChange(hashes.getFirst());
            var before = server.metric("parlor_outbox_overflows_total");
            for (var i = 1; server.metric("parlor_outbox_overflows_total") == before; i++) {
              assertTrue(
                  i < changes.size(), "the server queued 25 MiB for a client that never reads");
              commit(writer, document, changes.get(i), hashes.get(i));
            }
            // Bytes that the operating system had buffered arrive before the close.
            while (true) {
              var frame = reader.client().read();
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
    var connections = new ArrayList<RawClient>();
    try {
      while (true) {
        var next = RawClient.connect(server.sync());
        if (next.status() != 101) {
          assertEquals(429, next.status());
          next.close();
          break;
        }
        connections.add(next.joinAs("legion-" + nextNumber()));
      }
      assertEquals(HostileMain.CONNECTIONS_PER_ADDRESS - HonestClients.CLIENTS, connections.size());
      var noEffect =
          RawClient.encode(
              RawClient.BINARY,
              true,
              WireCodec.encode(new WireMessage.Unknown(new PeerId("legion"), "from-the-future")));
      var tenMessages = Bytes.concat(java.util.Collections.nCopies(10, noEffect));
      runner.runAttack(
          "flood of connections",
          () -> {
            for (var mallory : connections) {
              mallory.write(tenMessages);
            }
            try (var another = RawClient.connect(server.sync())) {
              var open = server.metric("parlor_connections");
              assertEquals(429, another.status(), () -> open + " connections are open");
            }
          });
    } finally {
      for (var mallory : connections) {
        mallory.close();
      }
    }
  }

  /** Sends a change and waits until the server acknowledges it as committed. */
  private void commit(RawClient writer, DocumentId document, Bytes change, ChangeHash hash)
      throws IOException {
    writer.send(sync(writer, document, HonestClient.syncData(List.of(hash), List.of(change))));
    while (!(writer.message() instanceof WireMessage.Sync error
        && SyncMessageCodec.decode(error.data(), SyncLimits.DEFAULT)
            .orElseThrow()
            .heads()
            .contains(hash))) {
      // Skips other peers' changes.
    }
  }
}
