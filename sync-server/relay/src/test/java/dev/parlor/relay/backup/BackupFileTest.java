package dev.parlor.relay.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a real store: chains, damage of every kind, and restoring. */
class BackupFileTest {

  private static final Limits.Storage LIMITS = Limits.defaults().storage();
  private static final DocumentId DOCUMENT = SyncPeer.document(1);
  private static final DocumentId OTHER = SyncPeer.document(2);

  /** Files beside the stores that hold the text "intact". */
  private static final BesideFiles BESIDE =
      new BesideFiles() {
        @Override
        public @Nullable String problemOf(String name, Bytes contents) {
          return contents.toUtf8().equals("intact") ? null : "it is not intact";
        }

        @Override
        public void write(Path dataDirectory, String name, Bytes contents) throws IOException {
          Files.write(dataDirectory.resolve(name), contents.toArray());
        }
      };

  @TempDir private Path scratch;
  private Path folder = Path.of("nowhere");
  private StoreOnDisk store;

  private int backups;

  @BeforeEach
  void openStore() throws Exception {
    folder = Files.createDirectory(scratch.resolve("backups"));
    store = open(scratch.resolve("data"), 2);
    append(DOCUMENT, 1, 2);
    append(OTHER, 1);
    store.table("names").put("a", Bytes.utf8("one")).join();
    store.table("names").put("b", Bytes.utf8("two")).join();
  }

  @AfterEach
  void closeStore() throws Exception {
    store.close();
  }

  private static StoreOnDisk open(Path path, int shards) throws IOException {
    return StoreOnDisk.open(
        path,
        new Shards(OptionalInt.of(shards), Set.of()),
        LIMITS,
        new Metrics(),
        UUID::randomUUID);
  }

  /** Appends changes of an author by their numbers. */
  private void append(DocumentId document, Integer... numbers) {
    var changes =
        Arrays.stream(numbers)
            .map(number -> SyncPeer.change("author", number))
            .map(
                chunk ->
                    new ChangeRecord(
                        ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow().hash(),
                        chunk))
            .toList();
    store.append(document, changes).join();
  }

  /** The stream of a server with this store and one file. */
  private byte[] stream() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var view = store.freeze()) {
      var header =
          new BackupHeader(
              UUID.randomUUID().toString(),
              Instant.EPOCH.plusSeconds(backups),
              "test",
              view.storageId(),
              view.shards(),
              0,
              Optional.empty());
      var writer = new BackupWriter(bytes, header);
      view.read(writer);
      writer.value(Place.ofFile("beside"), Bytes.utf8("intact"));
      var _ = writer.end();
    }
    return bytes.toByteArray();
  }

  /** Makes a backup of the present state. */
  private Path backup(@Nullable Path since) throws IOException {
    backups++;
    var file = folder.resolve(backups + BackupChain.SUFFIX);
    Optional<BackupChain> base =
        since == null ? Optional.empty() : Optional.of(BackupChain.of(since));
    try (var out = Files.newOutputStream(file)) {
      var _ = BackupCopy.copy(new ByteArrayInputStream(stream()), base, out);
    }
    return file;
  }

  private static BackupCheck check(Path file) throws IOException {
    return BackupCheck.of(BackupChain.of(file), BESIDE);
  }

  private static String refusal(Executable action) {
    return String.valueOf(assertThrows(IOException.class, action).getMessage());
  }

  private BackupCheck restore(Path file, Path directory, boolean withoutDamaged)
      throws IOException {
    return new BackupRestore(BackupChain.of(file), LIMITS, BESIDE).into(directory, withoutDamaged);
  }

  @Test
  @DisplayName(
      "a chain of three backups restores the newest state: changed, new, removed and unchanged values")
  void chainRestoresTheNewestState() throws Exception {
    var first = backup(null);
    append(DOCUMENT, 3);
    store.table("names").put("a", Bytes.utf8("changed")).join();
    store.table("names").remove("b").join();
    var second = backup(first);
    store.remove(OTHER).join();
    store.table("names").put("b", Bytes.utf8("again")).join();
    var third = backup(second);
    assertTrue(Files.size(third) < Files.size(first), "the third backup has only what changed");

    assertEquals(List.of(), check(third).damage());
    var restored = scratch.resolve("restored");
    assertEquals(2, restore(third, restored, false).records());
    assertEquals("intact", Files.readString(restored.resolve("beside")));
    try (var copy = open(restored, 2)) {
      assertEquals(store.storageId(), copy.storageId());
      assertEquals(store.load(DOCUMENT), copy.load(DOCUMENT));
      assertEquals(Optional.empty(), copy.load(OTHER));
      assertEquals(store.table("names").withPrefix(""), copy.table("names").withPrefix(""));
    }
    // An earlier backup of the chain restores its own state.
    var earlier = scratch.resolve("earlier");
    var _ = restore(second, earlier, false);
    try (var copy = open(earlier, 2)) {
      assertEquals(1, copy.load(OTHER).orElseThrow().tail().size());
      assertEquals(Optional.empty(), copy.table("names").get("b"));
    }
  }

  @Test
  @DisplayName("a wrong byte anywhere in a backup file is found")
  void everyWrongByteIsFound() throws Exception {
    var file = backup(null);
    var bytes = Files.readAllBytes(file);
    for (var at = 0; at < bytes.length; at++) {
      bytes[at] ^= 0x40;
      Files.write(file, bytes);
      bytes[at] ^= 0x40;
      try {
        assertFalse(check(file).damage().isEmpty(), "the byte at " + at + " was not noticed");
      } catch (IOException e) {
        // The header is damaged, or names another version or another base.
        assertTrue(at < 400, "the byte at " + at + ": " + e);
      }
    }
  }

  @Test
  @DisplayName("a wrong byte in a value is named with its place, and all other values are restored")
  void wrongByteInAValueIsNamed() throws Exception {
    var file = backup(null);
    var bytes = Files.readAllBytes(file);
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("two")] ^= 1;
    Files.write(file, bytes);
    assertEquals(
        List.of("1.backup: record b of table names fails its checksum"), check(file).damage());

    var restored = scratch.resolve("restored");
    var refusal = refusal(() -> restore(file, restored, false));
    assertTrue(refusal.contains("record b of table names"), refusal);
    assertFalse(Files.exists(restored));
    assertEquals(1, restore(file, restored, true).damage().size());
    try (var copy = open(restored, 2)) {
      assertEquals(Set.of("a"), copy.table("names").withPrefix("").keySet());
      assertEquals(store.load(DOCUMENT), copy.load(DOCUMENT));
    }
  }

  @Test
  @DisplayName("a backup that is cut off at any length is refused and not restored")
  void cutOffBackupIsRefused() throws Exception {
    var file = backup(null);
    var bytes = Files.readAllBytes(file);
    for (var length = 0; length < bytes.length; length += 1 + length % 7) {
      Files.write(file, Arrays.copyOf(bytes, length));
      var restored = scratch.resolve("restored");
      var refusal = refusal(() -> restore(file, restored, false));
      assertTrue(
          refusal.contains("cut off")
              || refusal.contains("is empty")
              || refusal.contains("header is damaged")
              || refusal.contains("is no backup"),
          refusal);
      assertFalse(Files.exists(restored));
    }
  }

  @Test
  @DisplayName("a stream that ends early makes no backup")
  void streamThatEndsEarlyIsRefused() throws Exception {
    var whole = stream();
    for (var missing : List.of(1, 33, 200, whole.length / 2)) {
      var part = new ByteArrayInputStream(whole, 0, whole.length - missing);
      var refusal =
          refusal(() -> BackupCopy.copy(part, Optional.empty(), new ByteArrayOutputStream()));
      assertTrue(refusal.contains("cut off"), refusal);
    }
  }

  @Test
  @DisplayName("a backup of another version of the format is refused with both versions")
  void otherVersionIsRefused() throws Exception {
    var file = backup(null);
    var bytes = Files.readAllBytes(file);
    var headerBytes = ByteBuffer.wrap(bytes).getInt(8);
    var at = 8 + 4 + "format ".length();
    bytes[at] = '7';
    ByteBuffer.wrap(bytes)
        .putInt(
            12 + headerBytes,
            BackupEntry.checksum(Arrays.copyOfRange(bytes, 8, 12 + headerBytes), 4 + headerBytes));
    Files.write(file, bytes);
    var refusal = refusal(() -> check(file));
    assertTrue(refusal.contains("version 7"), refusal);
    assertTrue(refusal.contains("reads version 1"), refusal);
  }

  @Test
  @DisplayName("a chain without one of its files, or with another file in its place, is refused")
  void missingPartIsNamed() throws Exception {
    var first = backup(null);
    append(DOCUMENT, 3);
    var second = backup(first);
    append(DOCUMENT, 4);
    var third = backup(second);
    var id = BackupChain.header(second).id();
    Files.move(second, scratch.resolve("away"));
    var missing = refusal(() -> check(third));
    assertTrue(missing.contains(id) && missing.contains("put it there"), missing);

    // A file with the same id whose contents are others, for example an interrupted copy.
    var bytes = Files.readAllBytes(scratch.resolve("away"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(second, bytes);
    var changed = refusal(() -> check(third));
    assertTrue(changed.contains("has changed since"), changed);
  }

  @Test
  @DisplayName("a backup since a backup of another data directory is refused")
  void baseOfAnotherDirectoryIsRefused() throws Exception {
    var first = backup(null);
    store.close();
    store = open(scratch.resolve("another"), 2);
    var refusal = refusal(() -> backup(first));
    assertTrue(refusal.contains("another data directory"), refusal);
  }

  @Test
  @DisplayName("a document that lacks a change which another builds on is named")
  void missingChangeIsNamed() throws Exception {
    append(OTHER, 3); // the second change is missing
    var damage = check(backup(null)).damage();
    assertEquals(1, damage.size(), damage.toString());
    assertTrue(damage.getFirst().startsWith("document " + OTHER.value()), damage.toString());
    assertTrue(damage.getFirst().contains("missing"), damage.toString());
  }

  @Test
  @DisplayName("a value that was intact in the earlier backup survives its damage in the store")
  void earlierIntactValueSurvivesDamage() throws Exception {
    var first = backup(null);
    store.close();
    damageInStore("two");
    store = open(scratch.resolve("data"), 2);
    var second = backup(first);
    assertEquals(List.of(), check(second).damage());
    var full = check(backup(null)).damage();
    assertTrue(
        full.size() == 1 && full.getFirst().startsWith("record b of table names: it was damaged"),
        full.toString());
    var restored = scratch.resolve("restored");
    var _ = restore(second, restored, false);
    try (var copy = open(restored, 2)) {
      assertEquals(Bytes.utf8("two"), copy.table("names").get("b").orElseThrow());
    }
  }

  /** Changes a byte of a value in the store's file; the store must be closed. */
  private void damageInStore(String value) throws IOException {
    var file = scratch.resolve("data/parlor.db");
    var bytes = Files.readAllBytes(file);
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    var places =
        IntStream.range(0, bytes.length - value.length())
            .filter(at -> text.startsWith(value, at))
            .toArray();
    assertTrue(places.length > 0, "the store's file has no \"" + value + "\"");
    for (var at : places) {
      bytes[at] ^= 1;
    }
    Files.write(file, bytes);
  }

  @Test
  @DisplayName("a damaged record of a data directory is named by an offline check")
  void damagedRecordOfADirectoryIsNamed() throws Exception {
    store.close();
    assertEquals(List.of(), checkDirectory().damage());
    damageInStore("two");
    assertEquals(
        List.of("record b of table names: it fails its checksum"), checkDirectory().damage());
    Files.delete(scratch.resolve("data/shards/1/parlor.changes"));
    assertTrue(
        checkDirectory().damage().getFirst().endsWith("parlor.changes is missing"),
        checkDirectory().damage().toString());
  }

  private BackupCheck checkDirectory() throws IOException {
    return BackupCheck.ofDataDirectory(scratch.resolve("data"), LIMITS);
  }

  @Test
  @DisplayName("a directory with a file, or with an interrupted restore, is refused and unchanged")
  void directoryInUseIsRefused() throws Exception {
    var file = backup(null);
    var directory = Files.createDirectory(scratch.resolve("full"));
    Files.writeString(directory.resolve("notes.txt"), "mine");
    var refusal = refusal(() -> restore(file, directory, false));
    assertTrue(refusal.contains("is not empty: it has notes.txt"), refusal);
    Files.createDirectory(directory.resolve(BackupRestore.UNFINISHED));
    var interrupted = refusal(() -> restore(file, directory, false));
    assertTrue(interrupted.contains("was interrupted"), interrupted);
    assertEquals("mine", Files.readString(directory.resolve("notes.txt")));
  }
}
