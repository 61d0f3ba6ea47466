package dev.parlor.room.archive;

import static dev.parlor.room.archive.PlainChunks.changes;
import static dev.parlor.room.archive.PlainChunks.document;
import static dev.parlor.room.archive.PlainChunks.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.archive.Archive.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {

  private static final DocumentId A = document(1);
  private static final DocumentId B = document(2);
  private static final StoredDocument CONTENTS_OF_A =
      new StoredDocument(Optional.of(snapshot(changes(1, 30))), changes(2, 7));
  private static final StoredDocument CONTENTS_OF_B =
      new StoredDocument(Optional.empty(), changes(3, 4));

  @TempDir private Path scratch;
  private Path directory = Path.of("nowhere");
  private MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));
  private Archive archive = new Archive(store, files(), new PlainChunks());

  private ArchiveFiles files() {
    try {
      return new ArchiveFiles(directory);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void storeTwoDocuments() throws Exception {
    directory = scratch.resolve("archive");
    store = new MemoryChangeStore(new StorageId("test"));
    archive = new Archive(store, files(), new PlainChunks());
    archive.setInUse(_ -> false);
    put(store, A, CONTENTS_OF_A);
    put(store, B, CONTENTS_OF_B);
  }

  static void put(ChangeStore store, DocumentId document, StoredDocument contents)
      throws Exception {
    if (contents.snapshot().isPresent()) {
      await(store.compact(document, contents.snapshot().get(), Set.of()));
    }
    await(store.append(document, contents.tail()));
  }

  static void await(CompletableFuture<Void> future) throws Exception {
    future.get(30, TimeUnit.SECONDS);
  }

  @Test
  void anArchivedDocumentLeavesTheStoreAndIsRestoredOnLoad() throws Exception {
    assertEquals(Outcome.ARCHIVED, archive.archive(A, 1_000));
    assertEquals(Set.of(A), archive.archived());
    assertFalse(store.contains(A));
    assertTrue(archive.contains(A));
    assertEquals(Set.of(A, B), archive.documents());
    assertEquals(1_000, archive.entry(A).orElseThrow().archivedAt());
    assertEquals(Outcome.NOT_STORED, archive.archive(A, 2_000));
    assertEquals(CONTENTS_OF_B, archive.load(B).orElseThrow());

    var reopened = new Archive(store, files(), new PlainChunks());
    assertEquals(Set.of(A), reopened.archived(), "the next process finds the archived document");
    assertEquals(CONTENTS_OF_A, reopened.load(A).orElseThrow());
    assertEquals(CONTENTS_OF_A, store.load(A).orElseThrow());
    assertEquals(Set.of(), reopened.archived());
    try (var remaining = Files.list(directory)) {
      assertEquals(0, remaining.count());
    }
    assertEquals(Optional.empty(), reopened.entry(A));
  }

  @Test
  void aDocumentInUseIsNotArchived() throws Exception {
    archive.setInUse(A::equals);
    assertEquals(Outcome.IN_USE, archive.archive(A, 0));
    assertEquals(CONTENTS_OF_A, store.load(A).orElseThrow());
    assertEquals(Outcome.ARCHIVED, archive.archive(B, 0));
    assertEquals(Outcome.NOT_STORED, archive.archive(document(9), 0));
    assertEquals(
        Outcome.IN_USE,
        new Archive(store, files(), new PlainChunks()).archive(A, 0),
        "an archive without an in-use check archives nothing");
  }

  @Test
  void aDamagedArchiveFileIsDetectedAndKept() throws Exception {
    assertEquals(Outcome.ARCHIVED, archive.archive(A, 0));
    var file = directory.resolve(A.value() + ".room");
    var intact = Files.readAllBytes(file);
    for (var at = 0; at < intact.length; at += 11) {
      var damaged = intact.clone();
      damaged[at] ^= 0x10;
      Files.write(file, damaged);
      assertThrows(CorruptDocumentException.class, () -> archive.load(A), "byte " + at);
      Files.write(file, java.util.Arrays.copyOf(intact, at));
      assertThrows(CorruptDocumentException.class, () -> archive.load(A), "cut at " + at);
    }
    assertFalse(store.contains(A));
    Files.copy(file, directory.resolve(B.value() + ".room"));
    Files.write(directory.resolve(B.value() + ".room"), intact);
    var reopened = new Archive(store, files(), new PlainChunks());
    assertThrows(
        CorruptDocumentException.class, () -> reopened.load(B), "the file of another document");
    Files.write(file, intact);
    assertEquals(CONTENTS_OF_A, archive.load(A).orElseThrow());
  }

  @Test
  void aFailingDiskDoesNotMoveTheDocument() throws Exception {
    Files.writeString(directory, "a file where the directory should be");
    assertThrows(IOException.class, () -> archive.archive(A, 0));
    assertEquals(CONTENTS_OF_A, archive.load(A).orElseThrow());
    assertEquals(Set.of(), archive.archived());
    Files.delete(directory);

    store.failCommits(new IOException("no space left on device"));
    assertThrows(IOException.class, () -> archive.archive(A, 0));
    store.failCommits(null);
    assertTrue(store.contains(A), "the document is in the store and may be in a file as well");
    assertEquals(CONTENTS_OF_A, archive.load(A).orElseThrow());

    assertEquals(Outcome.ARCHIVED, archive.archive(A, 0));
    store.failCommits(new IOException("no space left on device"));
    assertThrows(IOException.class, () -> archive.load(A));
    assertEquals(
        Set.of(A), archive.archived(), "a failed restore leaves the document in the archive");
    store.failCommits(null);
    assertEquals(CONTENTS_OF_A, archive.load(A).orElseThrow());
  }

  @Test
  void partsInStoreAndArchiveAreMerged() throws Exception {
    assertEquals(Outcome.ARCHIVED, archive.archive(A, 0));
    // An interrupted restore leaves half of the document in the store.
    await(store.compact(A, CONTENTS_OF_A.snapshot().orElseThrow(), Set.of()));
    await(store.append(A, changes(2, 7).subList(0, 3)));
    var loaded = archive.load(A).orElseThrow();
    assertEquals(CONTENTS_OF_A.snapshot(), loaded.snapshot());
    assertEquals(CONTENTS_OF_A.tail(), loaded.tail());
    assertEquals(Set.of(), archive.archived());

    assertEquals(Outcome.ARCHIVED, archive.archive(B, 0));
    put(store, B, new StoredDocument(Optional.of(snapshot(changes(3, 2))), changes(8, 1)));
    var both = new java.util.ArrayList<>(changes(8, 1));
    both.addAll(changes(3, 4).subList(2, 4));
    assertEquals(
        new StoredDocument(Optional.of(snapshot(changes(3, 2))), both),
        archive.load(B).orElseThrow());
  }

  @Test
  void unfinishedAndForeignFilesAreHarmless() throws Exception {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(A.value() + ".room.new"), "half");
    Files.writeString(directory.resolve("README"), "not an archive file");
    var reopened = new Archive(store, files(), new PlainChunks());
    assertEquals(Set.of(), reopened.archived());
    assertEquals(CONTENTS_OF_A, reopened.load(A).orElseThrow());
    assertFalse(Files.exists(directory.resolve(A.value() + ".room.new")));
    assertTrue(Files.exists(directory.resolve("README")));
  }

  @Test
  void loadDuringArchivingReturnsTheCompleteDocument() throws Exception {
    var open = new AtomicBoolean();
    archive.setInUse(_ -> open.get());
    var running = new AtomicBoolean(true);
    var archived =
        CompletableFuture.supplyAsync(
            () -> {
              var archivings = 0;
              while (running.get()) {
                try {
                  archivings += archive.archive(A, 0) == Outcome.ARCHIVED ? 1 : 0;
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
              return archivings;
            });
    var total = CONTENTS_OF_A.tail().size();
    for (var i = 0; i < 60; i++) {
      // The same order as a room: mark it as open, load, write, close.
      open.set(true);
      var loaded = archive.load(A).orElseThrow();
      assertEquals(total, loaded.tail().size(), "round " + i);
      await(store.append(A, changes(100 + i, 1)));
      total++;
      open.set(false);
      if (i % 3 == 0) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (store.contains(A) && System.nanoTime() < deadline) {
          Thread.onSpinWait();
        }
      }
    }
    running.set(false);
    assertTrue(archived.get(30, TimeUnit.SECONDS) >= 20);
  }

  @Test
  @DisplayName("a room that leaves the archive during a backup is still in the backup's files")
  void backupKeepsRestoredRooms() throws Exception {
    assertEquals(Outcome.ARCHIVED, archive.archive(A, 1));
    assertEquals(Outcome.ARCHIVED, archive.archive(B, 1));
    try (var backup = archive.openForBackup()) {
      assertEquals(Optional.of(CONTENTS_OF_A), archive.load(A));
      await(archive.remove(B));
      assertEquals(Set.of(A), backup.documents());
      var file = backup.read(A).orElseThrow();
      assertEquals(CONTENTS_OF_A, Archive.contentsOf(A, file));
      assertEquals(Optional.empty(), backup.read(B));

      // Archived again and restored again: the first file of the backup stays.
      assertEquals(Outcome.ARCHIVED, archive.archive(A, 2));
      assertEquals(Optional.of(CONTENTS_OF_A), archive.load(A));
      assertEquals(Optional.of(file), backup.read(A));
      assertFalse(archive.entry(A).isPresent());
    }
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  @DisplayName("a file that a killed server kept for a backup is removed at the next start")
  void keptFileOfAKilledServerIsRemoved() throws Exception {
    assertEquals(Outcome.ARCHIVED, archive.archive(A, 1));
    var _ = archive.openForBackup(); // never closed, as after a kill
    assertEquals(Optional.of(CONTENTS_OF_A), archive.load(A));
    assertTrue(Files.exists(directory.resolve(A.value() + ".room.kept")));
    var reopened = new Archive(store, files(), new PlainChunks());
    assertEquals(Set.of(), reopened.archived());
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }
}
