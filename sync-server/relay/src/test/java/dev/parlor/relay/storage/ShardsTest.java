package dev.parlor.relay.storage;

import static dev.parlor.relay.storage.ChangeStoreContract.await;
import static dev.parlor.relay.storage.ChangeStoreContract.changes;
import static dev.parlor.relay.storage.ChangeStoreContract.document;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests where shards may lie, and how a start reacts to a missing, damaged or wrong shard. */
class ShardsTest {

  private static final int SHARDS = 3;
  private static final Set<DocumentId> DOCUMENTS =
      IntStream.range(1, 13).mapToObj(ChangeStoreContract::document).collect(Collectors.toSet());

  @TempDir private Path scratch;
  private Path directory = Path.of("");

  @BeforeEach
  void createStore() throws Exception {
    directory = scratch.resolve("data");
    try (var store = open(SHARDS)) {
      for (var document : DOCUMENTS) {
        await(store.append(document, changesOf(document)));
      }
      await(store.table("rooms").put("slug", Bytes.utf8("x")));
    }
  }

  private static List<ChangeStore.ChangeRecord> changesOf(DocumentId document) {
    return changes(document.hashCode(), 3);
  }

  private StoreOnDisk open(int shards, Integer... without) throws IOException {
    return open(directory, new Shards(OptionalInt.of(shards), Set.of(without)));
  }

  private static StoreOnDisk open(Path path, Shards shards) throws IOException {
    return StoreOnDisk.open(
        path, shards, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  private StoreOnDisk openExisting() throws IOException {
    return open(directory, Shards.existing());
  }

  private String refusal() {
    return refusal(directory, Shards.existing());
  }

  private static String refusal(Path path, Shards shards) {
    return String.valueOf(assertThrows(IOException.class, () -> open(path, shards)).getMessage());
  }

  private Path shard(int number) {
    return directory.resolve("shards").resolve("" + number);
  }

  private static int shardOf(DocumentId document) {
    return ShardedChangeStore.shardOf(document, SHARDS);
  }

  private void assertAllReadable() throws Exception {
    try (var store = openExisting()) {
      assertAllReadable(store, Set.of());
      assertTrue(store.condition().well());
      assertTrue(store.hasAllShards());
    }
  }

  /**
   * Checks that the tables and every document outside the shards {@code without} can be read and
   * written.
   */
  private static void assertAllReadable(StoreOnDisk store, Set<Integer> without) throws Exception {
    for (var document : DOCUMENTS) {
      if (!without.contains(shardOf(document))) {
        assertEquals(changesOf(document), store.load(document).orElseThrow().tail());
        // This append is a duplicate, which changes nothing.
        await(store.append(document, changesOf(document).subList(0, 1)));
        await(store.compact(document, Bytes.utf8("s"), Set.of()));
        await(store.remove(document));
        assertFalse(store.contains(document));
        await(store.append(document, changesOf(document)));
      }
    }
    assertEquals(Optional.of(Bytes.utf8("x")), store.table("rooms").get("slug"));
  }

  /** The contents of the files below a directory, by relative path. */
  private static Map<String, Bytes> contents(Path directory) throws IOException {
    var contents = new TreeMap<String, Bytes>();
    try (var files = Files.walk(directory)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        contents.put(directory.relativize(file).toString(), Bytes.wrap(Files.readAllBytes(file)));
      }
    }
    contents.remove("lock");
    return contents;
  }

  @Test
  void aMovedShardIsFoundThroughASymbolicLink() throws Exception {
    var elsewhere = Files.createDirectory(scratch.resolve("another disk")).resolve("two");
    Files.move(shard(2), elsewhere);
    Files.createSymbolicLink(shard(2), elsewhere);
    assertAllReadable();
    assertTrue(Files.isSymbolicLink(shard(2)));

    // New writes reach the moved shard as well. A relative link works, too.
    var last = DOCUMENTS.stream().filter(one -> shardOf(one) == 2).findFirst().orElseThrow();
    var before = contents(elsewhere);
    try (var store = openExisting()) {
      await(store.append(last, changes(77, 1)));
    }
    assertFalse(before.equals(contents(elsewhere)));
    Files.delete(shard(2));
    Files.createSymbolicLink(shard(2), Path.of("../../another disk/two"));
    try (var store = openExisting()) {
      assertTrue(store.load(last).orElseThrow().tail().containsAll(changes(77, 1)));
    }
  }

  @Test
  @DisplayName(
      "a missing shard is not created again; the start is refused with a message that names the shard")
  void aMissingShard() throws Exception {
    var movedShard = scratch.resolve("away");
    Files.move(shard(1), movedShard);
    var refused = refusal();
    assertEquals(
        "shard 1 is not where it should be: "
            + shard(1).resolve("parlor.db")
            + " cannot be read ("
            + shard(1)
            + " is no directory); put the shard back, or make a link of that name to it,"
            + " or start without its documents with --without-shards 1",
        refused);
    assertFalse(Files.exists(shard(1)));

    // Instead of the shard there is an empty directory, then a dangling link.
    Files.createDirectory(shard(1));
    assertTrue(refusal().contains(shard(1) + " is a directory)"), refusal());
    assertEquals(Map.of(), contents(shard(1)));
    Files.delete(shard(1));
    Files.createSymbolicLink(shard(1), scratch.resolve("nowhere"));
    assertTrue(
        refusal().contains("no directory, a link to " + scratch.resolve("nowhere")), refusal());
    assertFalse(Files.exists(scratch.resolve("nowhere")));

    Files.delete(shard(1));
    Files.createSymbolicLink(shard(1), movedShard);
    assertAllReadable();
  }

  @Test
  void aShardWithAMissingOrEmptyFileIsRefused() throws Exception {
    for (var name : List.of("parlor.db", "parlor.journal", "parlor.changes")) {
      var file = shard(0).resolve(name);
      Files.move(file, scratch.resolve(name));
      assertTrue(refusal().startsWith("shard 0 is not where it should be: " + file), refusal());
      assertFalse(Files.exists(file));
      Files.move(scratch.resolve(name), file);
    }
    // Empty files do not count as a new shard.
    var database = shard(0).resolve("parlor.db");
    Files.move(database, scratch.resolve("whole"));
    Files.createFile(database);
    assertEquals("the store in " + shard(0) + " is gone: its files are empty", refusal());
    assertTrue(refusal().contains("is gone"));
    Files.delete(database);
    Files.move(scratch.resolve("whole"), database);
    assertAllReadable();
  }

  @Test
  void swappedShardsAreRefusedUnchanged() throws Exception {
    Files.move(shard(0), scratch.resolve("x"));
    Files.move(shard(1), shard(0));
    Files.move(scratch.resolve("x"), shard(1));
    assertEquals(
        shard(0)
            + " should be shard 0 of 3, but it is shard 1 of 3; put each shard in its place,"
            + " nothing was changed",
        refusal());
    Files.move(shard(0), scratch.resolve("x"));
    Files.move(shard(1), shard(0));
    Files.move(scratch.resolve("x"), shard(1));
    assertAllReadable();
  }

  @Test
  void aShardOfAnotherDirectoryIsRefusedUnchanged() throws Exception {
    var other = scratch.resolve("other");
    String storageId;
    try (var store = open(other, new Shards(OptionalInt.of(SHARDS), Set.of()))) {
      storageId = store.storageId().value();
    }
    var plain = scratch.resolve("plain");
    open(plain, Shards.existing()).close();
    Files.move(shard(1), scratch.resolve("mine"));
    Files.createSymbolicLink(shard(1), other.resolve("shards/1"));
    assertTrue(
        refusal().contains("but it is shard 1 of 3 of another data directory, " + storageId),
        refusal());
    Files.delete(shard(1));
    Files.createSymbolicLink(shard(1), plain);
    assertTrue(refusal().contains("but it is a data directory of its own"), refusal());
    Files.delete(shard(1));
    Files.move(scratch.resolve("mine"), shard(1));
    assertAllReadable();
    open(other, Shards.existing()).close();
    open(plain, Shards.existing()).close();
  }

  @DisplayName(
      "a wrong number of shards is refused; the message names both numbers and the setting")
  @Test
  void aWrongNumberOfShardsIsRefused() throws Exception {
    assertEquals(
        "PARLOR_SHARDS (--shards) is 8, but the data directory "
            + directory
            + " was made with 3 shards, and that cannot be changed; set 3 or nothing, or name a"
            + " new directory with --data",
        refusal(directory, new Shards(OptionalInt.of(8), Set.of())));
    assertTrue(
        refusal(directory, new Shards(OptionalInt.of(1), Set.of())).contains("made with 3 shards"));
    assertAllReadable();
    open(SHARDS).close();

    var plain = scratch.resolve("plain");
    try (var store = open(plain, Shards.existing())) {
      await(store.append(document(1), changes(1, 1)));
    }
    assertTrue(
        refusal(plain, new Shards(OptionalInt.of(4), Set.of()))
            .contains("is 4, but the data directory " + plain + " was made with 1 shard,"));
    try (var store = open(plain, new Shards(OptionalInt.of(1), Set.of()))) {
      assertTrue(store.contains(document(1)));
    }
    try (var files = Files.list(plain)) {
      assertEquals(
          Set.of("lock", "parlor.changes", "parlor.db", "parlor.journal"),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  @DisplayName(
      "[DU4] if a whole shard is damaged, its documents are refused with its name and the other"
          + " shards work")
  void aDamagedShard() throws Exception {
    var database = shard(1).resolve("parlor.db");
    var whole = Files.readAllBytes(database);
    Files.write(database, new byte[whole.length]);
    var before = contents(shard(1));
    try (var store = openExisting()) {
      assertAllReadable(store, Set.of(1));
      assertFalse(store.hasAllShards());
      var condition = store.condition();
      assertTrue(condition.well(), "the other shards work");
      assertTrue(
          condition.detail().contains("; shard 1 is damaged (the store in " + shard(1)),
          condition.detail());
      for (var document : DOCUMENTS) {
        assertEquals(shardOf(document) == 1, store.isUnavailable(document));
        if (shardOf(document) == 1) {
          assertUnavailable(store, document, "shard 1 is damaged");
        }
      }
    }
    assertEquals(before, contents(shard(1)), "the damaged files are unchanged");
    Files.write(database, whole);
    assertAllReadable();
  }

  private static void assertUnavailable(StoreOnDisk store, DocumentId document, String reason) {
    var error = assertThrows(CorruptDocumentException.class, () -> store.load(document));
    assertEquals(document, error.document());
    var message = String.valueOf(error.getMessage());
    assertTrue(message.startsWith("document " + document + ": " + reason), message);
    assertTrue(error.isWholeShardUnavailable());
    assertTrue(store.contains(document), "it may exist");
    assertFalse(store.documents().contains(document));
    var table = store.tableOf(document, "authors");
    for (var refused :
        List.of(
            store.append(document, changes(1, 1)),
            store.compact(document, Bytes.utf8("x"), Set.of()),
            store.remove(document),
            table.put(document + "/a", Bytes.utf8("x")),
            table.remove(document + "/a"))) {
      var thrown = assertThrows(ExecutionException.class, () -> await(refused));
      var cause = assertInstanceOf(IOException.class, thrown.getCause());
      assertTrue(String.valueOf(cause.getMessage()).contains(document.value()), cause.toString());
    }
    assertThrows(UncheckedIOException.class, () -> table.get(document + "/a"));
    assertThrows(UncheckedIOException.class, () -> table.withPrefix(document + "/"));
  }

  @Test
  @DisplayName("[DU4] a damaged record in a shard makes only its document unreadable")
  void aDamagedRecord() throws Exception {
    var damagedDocument =
        DOCUMENTS.stream().filter(one -> shardOf(one) == 2).findFirst().orElseThrow();
    var file = shard(2).resolve("parlor.db");
    var bytes = Files.readAllBytes(file);
    var pattern = changesOf(damagedDocument).get(1).chunk().toArray();
    var at = indexOf(bytes, pattern);
    bytes[at + pattern.length / 2] ^= 1;
    Files.write(file, bytes);
    try (var store = openExisting()) {
      assertThrows(CorruptDocumentException.class, () -> store.load(damagedDocument));
      assertEquals(Set.of(damagedDocument), store.quarantined());
      assertTrue(
          store
              .condition()
              .detail()
              .contains("shard 2: damaged and not opened: [" + damagedDocument));
      assertTrue(store.hasAllShards());
      for (var document : DOCUMENTS) {
        if (!document.equals(damagedDocument)) {
          assertEquals(changesOf(document), store.load(document).orElseThrow().tail());
        }
      }
    }
  }

  private static int indexOf(byte[] bytes, byte[] pattern) {
    for (var i = 0; i <= bytes.length - pattern.length; i++) {
      if (java.util.Arrays.equals(bytes, i, i + pattern.length, pattern, 0, pattern.length)) {
        return i;
      }
    }
    throw new AssertionError("the bytes are in the file");
  }

  @DisplayName(
      "the server starts without a shard that a setting leaves out; later the shard is back"
          + " unchanged")
  @Test
  void aShardCanBeLeftOutForOneStart() throws Exception {
    Files.move(shard(0), scratch.resolve("away"));
    try (var store = open(SHARDS, 0)) {
      assertAllReadable(store, Set.of(0));
      assertFalse(store.hasAllShards());
      assertTrue(store.condition().well());
      assertTrue(
          store
              .condition()
              .detail()
              .endsWith("; shard 0 is left out, as PARLOR_WITHOUT_SHARDS (--without-shards) says"),
          store.condition().detail());
      DOCUMENTS.stream()
          .filter(one -> shardOf(one) == 0)
          .forEach(one -> assertUnavailable(store, one, "shard 0 is left out"));
    }
    assertFalse(Files.exists(shard(0)));
    Files.move(scratch.resolve("away"), shard(0));
    assertAllReadable();
    assertEquals(
        "PARLOR_WITHOUT_SHARDS (--without-shards) names shard 3, but the data directory "
            + directory
            + " has the shards 0 to 2",
        refusal(directory, new Shards(OptionalInt.empty(), Set.of(1, 3))));
  }

  @Test
  @DisplayName("[DU5] a second claim on a data directory or on one of its shards is refused")
  void aSecondClaimOnADirectoryOrShardIsRefused() throws Exception {
    try (var store = openExisting()) {
      assertTrue(refusal().startsWith("the data directory " + directory + " is in use"), refusal());
      for (var number = 0; number < SHARDS; number++) {
        assertTrue(
            refusal(shard(number), Shards.existing()).contains(shard(number) + " is in use"));
      }
      assertAllReadable(store, Set.of());
    }
    // Another process holds one shard: the failed start releases its claims on the other shards.
    try (var claimedShard = DataDirectory.claim(shard(1))) {
      assertTrue(
          refusal()
              .startsWith(
                  "the directory of shard 1, "
                      + claimedShard
                      + ", is in use by another Parlor server"),
          refusal());
      for (var number : List.of(0, 2)) {
        DataDirectory.claim(shard(number)).close();
      }
    }
    assertAllReadable();
    assertEquals(
        shard(2) + " is not a data directory but shard 2 of one; set --data to that data directory",
        refusal(shard(2), Shards.existing()));
    assertAllReadable();
  }

  @DisplayName("a directory that has shards but no tables is refused and does not count as new")
  @Test
  void shardsWithoutTablesAreRefused() throws Exception {
    Files.move(directory.resolve("parlor.db"), scratch.resolve("db"));
    assertTrue(refusal().contains("has shards, but its own files are missing: "), refusal());
    Files.createFile(directory.resolve("parlor.db"));
    assertTrue(refusal().contains("its files are empty"), refusal());
    Files.delete(directory.resolve("parlor.db"));
    Files.move(scratch.resolve("db"), directory.resolve("parlor.db"));
    assertAllReadable();
  }

  @DisplayName("the shards of a new directory are created where existing symbolic links point")
  @Test
  void newShardsFollowExistingLinks() throws Exception {
    directory = scratch.resolve("new");
    Files.createDirectories(directory.resolve("shards"));
    var disk = Files.createDirectory(scratch.resolve("disk"));
    Files.createDirectory(disk.resolve("lost+found"));
    Files.createSymbolicLink(shard(0), disk);
    try (var store = open(2)) {
      assertTrue(Files.exists(disk.resolve("parlor.db")));
      assertTrue(Files.isDirectory(shard(1), java.nio.file.LinkOption.NOFOLLOW_LINKS));
      assertEquals(Set.of(), store.documents());
    }
    // A shard of another data directory is not overwritten.
    directory = scratch.resolve("newer");
    Files.createDirectories(directory.resolve("shards"));
    Files.createSymbolicLink(shard(0), disk);
    assertTrue(
        refusal(directory, new Shards(OptionalInt.of(2), Set.of()))
            .contains("own files are missing"));
  }

  /**
   * The database of a sharded directory and of each shard has a schema that servers without shards
   * refuse.
   */
  @Test
  void everyDatabaseHasItsManifest() throws Exception {
    StorageId storageId;
    try (var store = openExisting()) {
      storageId = store.storageId();
    }
    assertEquals(new ShardManifest.Records(SHARDS, true), manifestOf(directory));
    for (var number = 0; number < SHARDS; number++) {
      assertEquals(new ShardManifest.Shard(number, SHARDS, storageId), manifestOf(shard(number)));
    }
    var plain = scratch.resolve("plain");
    open(plain, Shards.existing()).close();
    assertEquals(new ShardManifest.Everything(), manifestOf(plain));
  }

  private static ShardManifest manifestOf(Path place) throws IOException {
    try (var claim = DataDirectory.claim(place);
        var database = new Database(claim, new Disk(), UUID::randomUUID, null)) {
      return database.manifest();
    }
  }
}
