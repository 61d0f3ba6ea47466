package dev.parlor.relay.storage;

import static dev.parlor.relay.storage.ChangeStoreContract.await;
import static dev.parlor.relay.storage.ChangeStoreContract.changes;
import static dev.parlor.relay.storage.ChangeStoreContract.document;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the state of a store at one commit, offline reading, and writing a new store. */
class StoreViewTest {

  private static final Limits.Storage LIMITS = Limits.defaults().storage();

  @TempDir private Path scratch;

  /** The values of a view, and the places of its damaged values. */
  private record Seen(Map<Place, Bytes> values, List<String> damaged) {
    static Seen of(StoreView view) throws IOException {
      var seen = new Seen(new TreeMap<>(), new ArrayList<>());
      var places = new ArrayList<Place>();
      view.read(
          new StoreView.Sink() {
            @Override
            public void value(Place place, Bytes value) {
              places.add(place);
              seen.values.put(place, value);
            }

            @Override
            public void damaged(Place place, String reason) {
              seen.damaged.add(place.description() + ": " + reason);
            }
          });
      assertEquals(places.stream().sorted().toList(), places, "the order of the places");
      return seen;
    }

    /** The number of changes of a document. */
    int changesOf(int document) {
      return values.entrySet().stream()
          .filter(value -> value.getKey().kind() == Place.Kind.DOCUMENT)
          .filter(value -> value.getKey().name().equals(document(document).value()))
          .mapToInt(value -> decode(value.getValue()))
          .sum();
    }

    private static int decode(Bytes payload) {
      var key = LogRecord.key(1, 0);
      var record = ChecksummedRecord.seal(LogRecord.place(key), payload);
      var changes = LogRecord.decode(key, record);
      return changes == null ? -1000 : changes.size();
    }

    int counter() {
      return values.entrySet().stream()
          .filter(value -> value.getKey().name().equals("counters\0one"))
          .mapToInt(value -> Integer.parseInt(value.getValue().toUtf8()))
          .sum();
    }
  }

  private StoreOnDisk open(String name, int shards) throws IOException {
    return StoreOnDisk.open(
        scratch.resolve(name),
        new Shards(OptionalInt.of(shards), Set.of()),
        LIMITS,
        new Metrics(),
        UUID::randomUUID);
  }

  @Test
  @DisplayName("a view shows the commit at which it was opened, and no later write or removal")
  void viewShowsOneCommit() throws Exception {
    try (var store = open("data", 1)) {
      await(store.append(document(1), changes(1, 3)));
      await(store.append(document(2), changes(2, 500)));
      await(store.compact(document(3), Bytes.utf8("a snapshot"), Set.of()));
      await(store.table("names").put("a", Bytes.utf8("old")));
      try (var view = store.freeze()) {
        await(store.table("names").put("a", Bytes.utf8("new")));
        await(store.table("names").put("b", Bytes.utf8("new")));
        await(store.append(document(1), changes(9, 2)));
        await(store.remove(document(2)));
        for (var i = 10; i < 60; i++) {
          await(store.append(document(i), changes(i, 100)));
        }
        await(store.table("names").remove("a"));
        var seen = Seen.of(view);
        assertEquals(List.of(), seen.damaged);
        assertEquals(3, seen.changesOf(1));
        assertEquals(500, seen.changesOf(2));
        assertEquals(
            Bytes.utf8("a snapshot"), seen.values.get(Place.ofSnapshot(0, document(3).value())));
        assertEquals(Bytes.utf8("old"), seen.values.get(Place.ofRecord(0, "names\0a")));
        assertFalse(seen.values.containsKey(Place.ofRecord(0, "names\0b")));
        assertEquals(0, seen.changesOf(10));
      }
      try (var view = store.freeze()) {
        assertEquals(5, Seen.of(view).changesOf(1));
        assertEquals(0, Seen.of(view).changesOf(2));
      }
    }
  }

  @Test
  @DisplayName("a view stays whole when more blocks change than fit into memory")
  void viewOverflowsIntoAFile() throws Exception {
    var files = scratch.resolve("data");
    var mebibyte = Bytes.wrap(new byte[1 << 20]);
    var other = Bytes.utf8("x".repeat(1 << 20));
    var count = (FixedLimits.FROZEN_BLOCKS_MAX >> 8) + 3;
    try (var store = open("data", 1)) {
      for (var i = 0; i < count; i++) {
        await(store.table("large").put("key" + i, mebibyte));
      }
      try (var view = store.freeze()) {
        for (var i = 0; i < count; i++) {
          await(store.table("large").put("key" + i, other));
        }
        assertTrue(Files.exists(files.resolve("parlor.former")));
        var seen = Seen.of(view);
        assertEquals(List.of(), seen.damaged);
        for (var i = 0; i < count; i++) {
          assertEquals(mebibyte, seen.values.get(Place.ofRecord(0, "large\0key" + i)));
        }
      }
      assertFalse(Files.exists(files.resolve("parlor.former")));
    }
  }

  @Test
  @DisplayName("a second view is refused while one is open, and the first stays usable")
  void secondViewIsRefused() throws Exception {
    try (var store = open("data", 2)) {
      await(store.append(document(1), changes(1, 3)));
      try (var view = store.freeze()) {
        var refused = assertThrows(IOException.class, store::freeze);
        assertTrue(String.valueOf(refused.getMessage()).contains("another backup"));
        assertEquals(3, Seen.of(view).changesOf(1));
      }
      store.freeze().close();
    }
  }

  @Test
  @DisplayName("the states of shards belong to one moment while a client writes to both in turn")
  void shardsAreOfOneMoment() throws Exception {
    try (var store = open("data", 3)) {
      var acknowledged = new AtomicInteger();
      var stop = new AtomicBoolean();
      var writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (var i = 1; !stop.get(); i++) {
                      store.append(document(1), changes(i, 1)).join();
                      store.table("counters").put("one", Bytes.utf8("" + i)).join();
                      acknowledged.set(i);
                    }
                  });
      var counters = new ArrayList<Integer>();
      try {
        while (counters.size() < 12 && writer.isAlive()) {
          var before = acknowledged.get();
          try (var view = store.freeze()) {
            var seen = Seen.of(view);
            assertEquals(List.of(), seen.damaged);
            var changes = seen.changesOf(1);
            var counter = seen.counter();
            assertTrue(counter >= before, "a change acknowledged before is missing");
            // The change comes before its number, and the next change after the number.
            assertTrue(changes == counter || changes == counter + 1, changes + " and " + counter);
            counters.add(counter);
          }
        }
      } finally {
        stop.set(true);
        writer.join();
      }
      assertEquals(12, counters.size());
    }
  }

  private static Map<Path, byte[]> filesOf(Path directory) throws IOException {
    var files = new TreeMap<Path, byte[]>();
    try (var all = Files.walk(directory)) {
      for (var file : (Collection<Path>) all.filter(Files::isRegularFile).toList()) {
        files.put(file, Files.readAllBytes(file));
      }
    }
    return files;
  }

  @Test
  @DisplayName(
      "a directory of a killed server is read offline with its change log, and no file changes")
  void offlineReadingChangesNothing() throws Exception {
    var killed = scratch.resolve("killed");
    try (var store = open("data", 2)) {
      await(store.table("names").put("a", Bytes.utf8("value")));
      await(store.append(document(1), changes(1, 3)));
      await(store.append(document(2), changes(2, 4)));
      // A copy between two commits has the files that a kill leaves.
      copy(scratch.resolve("data"), killed);
    }
    var before = filesOf(killed);
    try (var offline = OfflineStore.open(killed, LIMITS)) {
      var seen = Seen.of(offline);
      assertEquals(List.of(), seen.damaged);
      assertEquals(List.of(), offline.damage());
      assertEquals(3, seen.changesOf(1));
      assertEquals(4, seen.changesOf(2));
      assertEquals(Bytes.utf8("value"), seen.values.get(Place.ofRecord(0, "names\0a")));
    }
    var after = filesOf(killed);
    assertEquals(before.keySet(), after.keySet());
    before.forEach((file, bytes) -> assertArrayEquals(bytes, after.get(file), file.toString()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var all = Files.walk(from)) {
      for (var file : (Collection<Path>) all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  @DisplayName(
      "a directory that a server has open is refused offline with the process that holds it")
  void openDirectoryIsRefusedOffline() throws Exception {
    try (var _ = open("data", 1)) {
      var refused =
          assertThrows(IOException.class, () -> OfflineStore.open(scratch.resolve("data"), LIMITS));
      var message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("process " + ProcessHandle.current().pid()), message);
    }
  }

  @Test
  @DisplayName("a new store with the values of a view has the same values, id and shards")
  void newStoreHasTheSameValues() throws Exception {
    Map<Place, Bytes> values;
    try (var store = open("data", 3)) {
      for (var i = 1; i < 20; i++) {
        await(store.append(document(i), changes(i, 3)));
        await(store.table("names").put("key" + i, Bytes.utf8("value" + i)));
        await(store.tableOf(document(i), "authors").put(document(i) + "/a", Bytes.utf8("a" + i)));
      }
      await(store.compact(document(4), Bytes.utf8("a snapshot"), Set.of()));
      var copy = Files.createDirectory(scratch.resolve("copy"));
      try (var view = store.freeze();
          var target = NewStore.create(copy, view.shards(), view.storageId(), LIMITS)) {
        values = Seen.of(view).values;
        for (var value : values.entrySet()) {
          target.put(value.getKey(), value.getValue());
        }
        target.commit();
      }
      try (var restored = open("copy", 3);
          var view = restored.freeze()) {
        assertEquals(store.storageId(), restored.storageId());
        assertEquals(values, Seen.of(view).values);
        for (var i = 1; i < 20; i++) {
          assertEquals(store.load(document(i)), restored.load(document(i)));
        }
        await(restored.append(document(1), changes(77, 2)));
        assertEquals(5, restored.load(document(1)).orElseThrow().tail().size());
      }
    }
  }
}
