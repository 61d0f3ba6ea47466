package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the committer when a tree is damaged or the disk fails. */
class CommitterTest {

  @TempDir private Path path;

  /** A database in which the part of one document is damaged. */
  private static final class DatabaseWithDamage extends Database {
    private long damagedNumber = -1;

    DatabaseWithDamage(DataDirectory directory) throws IOException {
      super(directory, new Disk(), UUID::randomUUID, new ShardManifest.Everything());
    }

    @Override
    void putLog(long key, List<ChangeRecord> changes) {
      if (LogRecord.document(key) == damagedNumber) {
        throw new IllegalStateException("a node of the tree cannot be read");
      }
      super.putLog(key, changes);
    }
  }

  @Test
  @DisplayName(
      "[DU4] if the tree of a document is damaged, only that document is refused and a copy of its log is kept")
  void aDamagedTreeAffectsOneDocument() throws Exception {
    var a = ChangeStoreContract.A;
    var b = ChangeStoreContract.B;
    try (var directory = DataDirectory.claim(path);
        var database = new DatabaseWithDamage(directory)) {
      var limits = CrashPointTest.neverIdle(100_000);
      var log =
          new ChangeLog(
              new LogFile(directory.changeLog()),
              database.logSalt(),
              database.absorbed(),
              limits.logBytesMax());
      var index = new DocumentIndex(database);
      try (var unabsorbed = new UnabsorbedEntries(log, index, limits)) {
        var committer =
            new Committer(
                directory, database, index, unabsorbed, new Metrics(), new ReentrantLock());
        assertEquals(0, committer.replay(_ -> {}));
        assertNull(commit(committer, a, 1));
        assertNull(commit(committer, b, 2));
        var entry = Objects.requireNonNull(index.get(a));
        database.damagedNumber = entry.number();
        assertTrue(committer.absorb());
        assertFalse(committer.hasUnabsorbed());
        assertNotNull(entry.damage());
        assertEquals(1, committer.damagedLogCopies().size());
        var ofB = Objects.requireNonNull(index.get(b));
        assertEquals(List.of(), ofB.view().logged());
        assertEquals(1, database.log(ofB.number(), ofB.view().end()).size());
        assertInstanceOf(CorruptDocumentException.class, commit(committer, a, 3));
        assertNull(commit(committer, b, 4));
        assertTrue(committer.absorb());
        assertNull(committer.absorbFailure());
      }
      // The copy holds the changes that were acknowledged and could not be absorbed.
      var copy = path.resolve(directory.damagedLogCopies().iterator().next());
      try (var logCopy = new ChangeLog(new LogFile(copy), database.logSalt(), 0, 1 << 20)) {
        var found = logCopy.replay().sections().getFirst();
        assertEquals(a.value(), found.document());
        assertEquals(ChangeStoreContract.changes(1, 2), found.changes());
      }
    }
  }

  @DisplayName(
      "after a failure of the disk, an idle committer probes the disk and recovers without another write")
  @Test
  void aFailedDiskIsProbedWithoutAnotherWrite() throws Exception {
    var disk = new StoppingDisk();
    try (var directory = DataDirectory.claim(path);
        var database =
            new Database(directory, disk, UUID::randomUUID, new ShardManifest.Everything())) {
      var limits = CrashPointTest.neverIdle(100_000);
      var log =
          new ChangeLog(
              disk.changeLog(directory.changeLog()),
              database.logSalt(),
              database.absorbed(),
              limits.logBytesMax());
      var index = new DocumentIndex(database);
      try (var unabsorbed = new UnabsorbedEntries(log, index, limits)) {
        var committer =
            new Committer(
                directory, database, index, unabsorbed, new Metrics(), new ReentrantLock());
        assertEquals(0, committer.replay(_ -> {}));
        assertFalse(committer.hasIdleWork());
        disk.failSteps(0, Long.MAX_VALUE);
        assertNotNull(commit(committer, ChangeStoreContract.A, 1));
        committer.idle();
        assertNotNull(committer.commitFailure());
        assertTrue(committer.hasIdleWork());
        disk.failSteps(0, 0);
        committer.idle();
        assertNull(committer.commitFailure());
        assertFalse(committer.hasIdleWork());
        assertNull(commit(committer, ChangeStoreContract.A, 2));
        assertTrue(committer.absorb());
      }
      var entry = Objects.requireNonNull(index.get(ChangeStoreContract.A));
      var stored = database.log(entry.number(), entry.view().end());
      assertEquals(ChangeStoreContract.changes(2, 2), stored.getFirst().changes());
    }
  }

  /** Appends two changes and returns the failure of the future, or null if it succeeded. */
  private static @org.jspecify.annotations.Nullable Throwable commit(
      Committer committer, DocumentId document, long seed) {
    var changes = ChangeStoreContract.changes(seed, 2);
    var bytes = changes.stream().mapToLong(LogRecord::bytes).sum();
    var done = new CompletableFuture<Void>();
    committer.commit(List.of(new Write.Append(document, changes, bytes, done)), bytes);
    assertTrue(done.isDone());
    return done.isCompletedExceptionally() ? done.exceptionNow() : null;
  }
}
