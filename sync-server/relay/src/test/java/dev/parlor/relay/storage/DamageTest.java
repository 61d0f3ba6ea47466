package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that wrong bytes on the disk make only the damaged record unreadable [DU4]. */
class DamageTest {

  @TempDir private Path directory;

  private MapDbChangeStore open() throws IOException {
    return MapDbChangeStore.open(
        directory, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  @Test
  @DisplayName("[DU4] a damaged change is reported with its document, and other documents load")
  void aDamagedLogRecord() throws Exception {
    var a = ChangeStoreContract.A;
    var b = ChangeStoreContract.B;
    var ofA = ChangeStoreContract.changes(1, 3);
    var ofB = ChangeStoreContract.changes(2, 3);
    try (var store = open()) {
      ChangeStoreContract.await(store.append(a, ofA.subList(0, 1)));
      // Committing a record absorbs the change log, so that the document's log in the trees has two
      // records.
      ChangeStoreContract.await(store.table("rooms").put("slug", Bytes.utf8("x")));
      ChangeStoreContract.await(store.append(a, ofA.subList(1, 3)));
      ChangeStoreContract.await(store.append(b, ofB));
    }
    flip(ofA.get(2).chunk());
    try (var store = open()) {
      var error = assertThrows(CorruptDocumentException.class, () -> store.load(a));
      assertEquals(a, error.document());
      assertEquals(
          "document " + a + ": record 1 of its log fails its checksum", error.getMessage());
      assertEquals(ofB, store.load(b).orElseThrow().tail());
      assertEquals(Set.of(a), store.quarantined());
      assertTrue(store.condition().well());
      assertTrue(store.condition().detail().contains(a.value()), store.condition().detail());
      ChangeStoreContract.await(store.append(b, ChangeStoreContract.changes(3, 1)));
    }
  }

  @Test
  @DisplayName("[DU4] a damaged snapshot is reported with its document")
  void aDamagedSnapshot() throws Exception {
    var snapshot = ChangeStoreContract.random(7, 100_000);
    try (var store = open()) {
      ChangeStoreContract.await(store.compact(ChangeStoreContract.A, snapshot, Set.of()));
    }
    flip(snapshot.slice(0, 64));
    try (var store = open()) {
      var error =
          assertThrows(CorruptDocumentException.class, () -> store.load(ChangeStoreContract.A));
      assertEquals(
          "document " + ChangeStoreContract.A + ": its snapshot fails its checksum",
          error.getMessage());
    }
  }

  @Test
  @DisplayName(
      "[DU4] a damaged record of a table is reported with its key, and the other records are read")
  void aDamagedTableRecord() throws Exception {
    var value = ChangeStoreContract.random(8, 90);
    try (var store = open()) {
      ChangeStoreContract.await(store.table("rooms").put("broken", value));
      ChangeStoreContract.await(store.table("rooms").put("whole", Bytes.utf8("x")));
    }
    flip(value);
    try (var store = open()) {
      var error =
          assertThrows(UncheckedIOException.class, () -> store.table("rooms").get("broken"));
      assertTrue(
          String.valueOf(error.getMessage())
              .contains("record broken of table rooms fails its checksum"));
      assertEquals(Set.of("whole"), store.table("rooms").withPrefix("").keySet());
    }
  }

  @Test
  @DisplayName(
      "[DU4] damage in the middle of the change log is reported with its document, also after a"
          + " restart; other documents load")
  void aDamagedChangeLog() throws Exception {
    var a = ChangeStoreContract.A;
    var b = ChangeStoreContract.B;
    var ofA = ChangeStoreContract.changes(1, 3);
    var ofB = ChangeStoreContract.changes(2, 3);
    runAndKill(
        store -> {
          for (var i = 0; i < 3; i++) {
            ChangeStoreContract.await(store.append(a, ofA.subList(i, i + 1)));
            ChangeStoreContract.await(store.append(b, ofB.subList(i, i + 1)));
          }
        });
    flip("parlor.changes", ofA.get(1).chunk());
    try (var store = open()) {
      assertEquals(Set.of(a), store.quarantined());
      var error = assertThrows(CorruptDocumentException.class, () -> store.load(a));
      assertEquals(
          "document " + a + ": a part of the change log that holds it fails its checksum",
          error.getMessage());
      assertEquals(ofB, store.load(b).orElseThrow().tail());
      var detail = store.condition().detail();
      assertTrue(detail.contains(a.value()) && detail.contains("parlor.changes.damaged-"), detail);
      ChangeStoreContract.await(store.append(b, ChangeStoreContract.changes(3, 1)));
    }
    // The change log no longer has the damaged part, but the store still reports it.
    try (var store = open()) {
      var error = assertThrows(CorruptDocumentException.class, () -> store.load(a));
      assertEquals(
          "document " + a + ": record 1 of its log fails its checksum", error.getMessage());
      assertEquals(4, store.load(b).orElseThrow().tail().size());
      assertTrue(store.condition().detail().contains("parlor.changes.damaged-"));
    }
  }

  @Test
  @DisplayName(
      "[DU4] a store whose change log is cut at any byte opens with the changes before the cut")
  void aChangeLogCutAnywhere() throws Exception {
    var all = ChangeStoreContract.changes(4, 6);
    runAndKill(
        store -> {
          for (var change : all) {
            ChangeStoreContract.await(store.append(ChangeStoreContract.A, List.of(change)));
          }
        });
    var log = directory.resolve("parlor.changes");
    var contents = Files.readAllBytes(log);
    var database = Files.readAllBytes(directory.resolve("parlor.db"));
    var journal = Files.readAllBytes(directory.resolve("parlor.journal"));
    var previousCount = -1;
    for (var cut = 0; cut < 2_000; cut += 61) {
      Files.write(log, java.util.Arrays.copyOf(contents, cut));
      Files.write(directory.resolve("parlor.db"), database);
      Files.write(directory.resolve("parlor.journal"), journal);
      try (var store = open()) {
        var tail =
            store
                .load(ChangeStoreContract.A)
                .map(ChangeStore.StoredDocument::tail)
                .orElse(List.of());
        assertEquals(all.subList(0, tail.size()), tail);
        assertTrue(tail.size() >= previousCount, "a longer log never has fewer changes");
        assertEquals(Set.of(), store.quarantined());
        previousCount = tail.size();
      }
    }
    assertEquals(all.size(), previousCount);
  }

  @Test
  void aDirectoryOfSchema1IsUpgraded() throws Exception {
    var changes = ChangeStoreContract.changes(5, 2);
    try (var store = open()) {
      ChangeStoreContract.await(store.append(ChangeStoreContract.A, changes));
    }
    try (var claim = DataDirectory.claim(directory);
        var database = new Database(claim, new Disk(), UUID::randomUUID, null)) {
      database.metadata().putSchema("1");
      database.commit();
    }
    for (var i = 0; i < 2; i++) {
      try (var store = open()) {
        assertEquals(
            changes.size() + i, store.load(ChangeStoreContract.A).orElseThrow().tail().size());
        ChangeStoreContract.await(
            store.append(ChangeStoreContract.A, ChangeStoreContract.changes(6 + i, 1)));
      }
    }
  }

  /** The work with a store before its process is killed. */
  private interface Work {
    void with(MapDbChangeStore store) throws Exception;
  }

  /** Opens the store, does the work, and kills the store before the trees absorb the change log. */
  private void runAndKill(Work work) throws Exception {
    var disk = new StoppingDisk();
    var store =
        MapDbChangeStore.open(
            directory, CrashPointTest.neverIdle(100_000), new Metrics(), UUID::randomUUID, disk);
    work.with(store);
    disk.stop();
    assertThrows(IOException.class, store::close);
  }

  @Test
  void aFileThatIsNoStoreIsRefused() throws Exception {
    Files.write(directory.resolve("parlor.db"), new byte[1 << 16]);
    var error = assertThrows(IOException.class, this::open);
    assertTrue(
        String.valueOf(error.getMessage())
            .startsWith("the store in " + directory + " cannot be opened"),
        error.getMessage());
    // The claim was released: a second attempt fails for the same reason and not because of the
    // lock.
    assertFalse(
        String.valueOf(assertThrows(IOException.class, this::open).getMessage())
            .contains("in use"));
  }

  @Test
  void aDirectoryOfALaterSchemaIsRefused() throws Exception {
    try (var claim = DataDirectory.claim(directory);
        var database =
            new Database(claim, new Disk(), UUID::randomUUID, new ShardManifest.Everything())) {
      database.metadata().putSchema("4");
      database.commit();
    }
    var error = assertThrows(IOException.class, this::open);
    assertEquals(
        "the data directory "
            + directory
            + " has schema 4, this server reads schemas 2 and 3; start the server that wrote it",
        error.getMessage());
  }

  /** Flips one bit in the middle of these bytes in the main file. */
  private void flip(Bytes stored) throws IOException {
    flip("parlor.db", stored);
  }

  private void flip(String name, Bytes stored) throws IOException {
    var file = Files.readAllBytes(directory.resolve(name));
    var pattern = stored.toArray();
    var at = -1;
    for (var i = 0; i <= file.length - pattern.length && at < 0; i++) {
      if (java.util.Arrays.equals(file, i, i + pattern.length, pattern, 0, pattern.length)) {
        at = i;
      }
    }
    assertTrue(at >= 0, "the bytes are in the file");
    file[at + pattern.length / 2] ^= 1;
    Files.write(directory.resolve(name), file);
  }
}
