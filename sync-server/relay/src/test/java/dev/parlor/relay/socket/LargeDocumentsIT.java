package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MapDbChangeStore;
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

/** Tests documents with many writers or with many bytes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LargeDocumentsIT {

  @Test
  @DisplayName("fifty concurrent writers lose no change")
  void fiftyWriters() throws Exception {
    var document = SyncPeer.document(92);
    var writers = 50;
    var edits = 10;
    try (var relay = RelayFixture.start();
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
                peer.sendSync();
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
        reader.sendSync();
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
      try (var relay = RelayFixture.start(new RelayFixture.Setup().store(store))) {
        var changes = largeChanges(80, 32 * 1_024);
        assertTrue(changes.stream().mapToLong(Bytes::length).sum() > 5_000_000);
        relay.documents().open(document).submit(changes).get(60, TimeUnit.SECONDS);
        heads = List.of(hash(changes.getLast()));
      }
    }
    try (var store = open(data);
        var relay = RelayFixture.start(new RelayFixture.Setup().store(store));
        var reader = new SyncPeer(relay.url(), "reader", document)) {
      reader.sendSync();
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
    try (var replica = Replica.create(new ActorId(Bytes.utf8("author of a large document")))) {
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
