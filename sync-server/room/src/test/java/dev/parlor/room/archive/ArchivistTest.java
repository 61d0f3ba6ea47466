package dev.parlor.room.archive;

import static dev.parlor.room.archive.ArchiveTest.await;
import static dev.parlor.room.archive.PlainChunks.changes;
import static dev.parlor.room.archive.PlainChunks.document;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivistTest {

  private static final DocumentId A = document(1);
  private static final DocumentId B = document(2);
  private static final DocumentId NO_ROOM = document(3);
  private static final Instant MONDAY = Instant.parse("2026-11-16T23:50:00Z");

  @TempDir private Path directory;
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));
  private final Set<DocumentId> inMemory = new HashSet<>();
  private Instant now = MONDAY;
  private Archive archive = new Archive(store, noFiles(), new PlainChunks());

  private static ArchiveFiles noFiles() {
    try {
      return new ArchiveFiles(Path.of("nowhere"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void storeDocuments() throws Exception {
    archive = Archive.open(store, directory.resolve("archive"), new PlainChunks());
    archive.setInUse(inMemory::contains);
    for (var document : Set.of(A, B, NO_ROOM)) {
      await(store.append(document, changes(1, 3)));
    }
  }

  private Archivist archivist(int idleDays, int sweepRoomsMax) {
    var archivist =
        new Archivist(
            archive,
            new Archivist.Candidates(store::documents, () -> inMemory, id -> !id.equals(NO_ROOM)),
            store.table(Archivist.LAST_OPEN_TABLE),
            new ServiceLimits.Archive(idleDays, sweepRoomsMax, 60),
            () -> now);
    archive.setLoadListener(archivist::onOpen);
    return archivist;
  }

  private void advanceDays(int days) {
    now = now.plus(Duration.ofDays(days));
  }

  @Test
  void anUnopenedRoomIsArchivedAfterItsIdleDays() {
    var archivist = archivist(3, 100);
    assertEquals(0, archivist.sweep(), "a room without a record counts from today");
    advanceDays(3);
    assertEquals(0, archivist.sweep(), "the third day is not over");
    advanceDays(1);
    assertEquals(2, archivist.sweep());
    assertEquals(Set.of(A, B), archive.archived());
    assertEquals(Set.of(NO_ROOM), store.documents());
    assertEquals(0, archivist.sweep());
    assertEquals(Set.of(), store.table(Archivist.LAST_OPEN_TABLE).withPrefix("").keySet());
  }

  @Test
  void openingARoomRestartsItsIdleDays() throws Exception {
    var archivist = archivist(2, 100);
    archivist.sweep();
    advanceDays(2);
    var _ = archive.load(A);
    inMemory.add(B);
    archivist.sweep();
    inMemory.clear();
    advanceDays(2);
    assertEquals(0, archivist.sweep());
    advanceDays(1);
    assertEquals(2, archivist.sweep());
    var _ = archive.load(B);
    advanceDays(2);
    assertEquals(0, archivist.sweep());
    advanceDays(1);
    assertEquals(1, archivist.sweep(), "a restored room is archived again");
  }

  @Test
  void anOpenRoomIsNeverArchived() {
    var archivist = archivist(1, 100);
    inMemory.add(A);
    for (var day = 0; day < 10; day++) {
      archivist.sweep();
      advanceDays(1);
    }
    assertEquals(Set.of(B), archive.archived());
  }

  @Test
  void aSweepArchivesALimitedNumberOfRooms() {
    var archivist = archivist(1, 1);
    archivist.sweep();
    advanceDays(2);
    assertEquals(1, archivist.sweep());
    assertEquals(1, archivist.sweep());
    assertEquals(0, archivist.sweep());
  }

  @Test
  void withZeroIdleDaysNothingIsArchivedOrRecorded() throws Exception {
    var archivist = archivist(0, 100);
    archivist.sweep();
    var _ = archive.load(A);
    advanceDays(10_000);
    assertEquals(0, archivist.sweep());
    assertEquals(Set.of(), store.table(Archivist.LAST_OPEN_TABLE).withPrefix("").keySet());
  }

  @Test
  void aFailedRoomIsKeptAndRetriedLater() throws Exception {
    var archivist = archivist(1, 100);
    archivist.sweep();
    advanceDays(2);
    Files.writeString(directory.resolve("archive"), "a file where the directory should be");
    assertEquals(0, archivist.sweep());
    assertEquals(Set.of(A, B, NO_ROOM), store.documents());
    Files.delete(directory.resolve("archive"));
    assertEquals(0, archivist.sweep(), "the retry is not immediate");
    advanceDays(2);
    assertEquals(2, archivist.sweep());
  }
}
