package dev.parlor.server.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.config.Limits;
import dev.parlor.server.config.SocketTransport;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.relay.HeldStore;
import dev.parlor.server.storage.MapDbChangeStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows of docs/features.md about frames, observed at the client's end of a connection. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@OnEachTransport
class RowsIT {

  private static final int PONG = 0xa;

  /** The bytes that an idle client may cost in 30 s. */
  private static final int IDLE_BYTES_MAX = 1_024;

  /** Receives until a peer has the other peer's changes. */
  private static void receiveAll(SyncPeer reader, SyncPeer author) throws IOException {
    while (!reader.heads().equals(author.heads())) {
      reader.receive();
    }
  }

  /**
   * Answers a ping as a browser does and returns the bytes of both. Any other frame fails the test.
   */
  private static int bytesOfPing(RawClient client) throws IOException {
    var ping = assertInstanceOf(RawClient.Frame.Ping.class, client.read(), "an idle socket");
    var pong = RawClient.encode(PONG, true, ping.data());
    client.write(pong);
    return 2 + ping.data().length() + pong.length();
  }

  private final SocketTransport transport;

  RowsIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName("peers that agree receive only pings, a few bytes each")
  void agreementIsQuiet() throws Exception {
    var usual = Limits.defaults().liveness().pingMillis();
    var limits = Limits.defaults().with(new Limits.Liveness(200));
    var document = SyncPeer.document(97);
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var ada = new SyncPeer(relay.url(), "ada", document);
        var bob = new SyncPeer(relay.url(), "bob", document)) {
      ada.edit();
      ada.awaitCommitted();
      bob.speak();
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
      var idle = bytes / 2 / rounds * 30_000 / usual;
      assertTrue(idle <= IDLE_BYTES_MAX, idle + " bytes of one client in 30 s");
    }
  }

  @Test
  @DisplayName("a peer without changes has the whole document after one message in each direction")
  void emptyClientIsCompleteSoon() throws Exception {
    var document = SyncPeer.document(85);
    try (var relay = RelayFixture.start(transport);
        var author = new SyncPeer(relay.url(), "author", document)) {
      for (var i = 0; i < 50; i++) {
        author.edit();
      }
      author.awaitCommitted();
      try (var late = new SyncPeer(relay.url(), "late", document)) {
        late.speak();
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
      reader.speak();
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
      bob.speak();
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
  void theGaugeCounts() throws Exception {
    try (var relay = RelayFixture.start(transport)) {
      var open = new ArrayList<RawClient>();
      for (var i = 1; i <= 5; i++) {
        open.add(RawClient.join(relay.url(), "peer-" + i));
        awaitConnections(relay, i);
      }
      open.removeFirst().vanish(true);
      awaitConnections(relay, 4);
      for (var client : open) {
        client.close();
      }
      awaitConnections(relay, 0);
    }
  }

  private static void awaitConnections(RelayFixture relay, int count) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!relay.metrics().scrape().contains("parlor_connections " + count + ".0\n")) {
      assertTrue(System.nanoTime() < end, () -> relay.metrics().scrape());
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("fifty concurrent writers lose no change")
  void fiftyWriters() throws Exception {
    var document = SyncPeer.document(92);
    var writers = 50;
    var edits = 10;
    try (var relay = RelayFixture.start(transport);
        var first = new SyncPeer(relay.url(), "first", document);
        var threads = Executors.newFixedThreadPool(writers)) {
      first.edit();
      first.awaitCommitted();
      var tasks = new ArrayList<Callable<Void>>();
      for (var w = 0; w < writers; w++) {
        var name = "writer-" + w;
        tasks.add(
            () -> {
              try (var peer = new SyncPeer(relay.url(), name, document)) {
                peer.speak();
                while (peer.size() == 0) {
                  peer.receive();
                }
                for (var i = 0; i < edits; i++) {
                  peer.edit();
                }
                peer.awaitCommitted();
              }
              return null;
            });
      }
      for (var task : threads.invokeAll(tasks)) {
        task.get();
      }
      try (var reader = new SyncPeer(relay.url(), "reader", document)) {
        reader.speak();
        while (reader.size() < 1 + writers * edits) {
          reader.receive();
        }
      }
    }
  }

  @Test
  @DisplayName("a document of 5 MB is complete after a restart")
  void largeDocumentReopens(@TempDir java.nio.file.Path data) throws Exception {
    var document = SyncPeer.document(90);
    List<ChangeHash> heads;
    try (var store = open(data)) {
      try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store))) {
        var changes = largeChanges(80, 32 * 1_024);
        assertTrue(changes.stream().mapToLong(Bytes::length).sum() > 5_000_000);
        relay.rooms().open(document).submit(changes).get(60, TimeUnit.SECONDS);
        heads = List.of(hash(changes.getLast()));
      }
    }
    try (var store = open(data);
        var relay = RelayFixture.start(new RelayFixture.Setup(transport).store(store));
        var reader = new SyncPeer(relay.url(), "reader", document)) {
      reader.speak();
      while (reader.size() < 80) {
        reader.receive();
      }
      assertEquals(heads, reader.heads());
    }
  }

  private static MapDbChangeStore open(java.nio.file.Path data) throws IOException {
    return MapDbChangeStore.open(
        data, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  private static ChangeHash hash(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow().hash();
  }

  /** A chain of changes, each with a string of this many random bytes in hexadecimal. */
  private static List<Bytes> largeChanges(int count, int size) {
    var random = new Random(90);
    var changes = new ArrayList<Bytes>();
    try (var replica = Replica.create(new ActorId(Bytes.utf8("author of row 90")))) {
      for (var i = 0; i < count; i++) {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        var text = Value.of(HexFormat.of().formatHex(bytes));
        changes.add(replica.transact(List.of(new Edit.Put(Path.of("k" + i), text))).orElseThrow());
      }
    }
    return changes;
  }
}
