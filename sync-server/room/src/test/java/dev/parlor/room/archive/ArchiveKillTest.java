package dev.parlor.room.archive;

import static dev.parlor.room.archive.ArchiveTest.await;
import static dev.parlor.room.archive.PlainChunks.changes;
import static dev.parlor.room.archive.PlainChunks.document;
import static dev.parlor.room.archive.PlainChunks.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.MapDbChangeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Archives and restores a document on the real store, and kills the process after each step. The
 * next process is killed as well. Afterwards every acknowledged change is there, including changes
 * added in between, and the other document is unchanged.
 */
class ArchiveKillTest {

  private static final DocumentId A = document(1);
  private static final DocumentId B = document(2);
  private static final StoredDocument CONTENTS_OF_B =
      new StoredDocument(Optional.empty(), changes(3, 4));

  @TempDir private Path scratch;
  private int runs;

  /** Simulates the death of the process. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Archive files that throw {@link Killed} at a given step. */
  private static final class KillableFiles extends ArchiveFiles {
    private int stepsBeforeKill;
    private int steps;

    KillableFiles(Path directory, int stepsBeforeKill) throws IOException {
      super(directory);
      this.stepsBeforeKill = stepsBeforeKill;
    }

    @Override
    void step(String done) {
      steps++;
      if (stepsBeforeKill-- == 0) {
        throw new Killed();
      }
    }
  }

  /**
   * Runs chunk process, which archives, restores, adds a change and archives again; returns the
   * number of steps.
   */
  private static int runProcess(
      Path directory, int stepsBeforeKill, List<ChangeRecord> acknowledged, long seed)
      throws Exception {
    try (var store = open(directory)) {
      var files = new KillableFiles(directory.resolve("archive"), stepsBeforeKill);
      var archive = new Archive(store, files, new PlainChunks());
      archive.setInUse(_ -> false);
      try {
        var _ = archive.archive(A, 5);
        var _ = archive.load(A);
        var added = changes(seed, 2);
        await(archive.append(A, added));
        acknowledged.addAll(added);
        var _ = archive.archive(A, 6);
        var _ = archive.load(A);
        await(archive.compact(A, snapshot(all(store.load(A).orElseThrow())), hashes(acknowledged)));
        var _ = archive.archive(A, 7);
      } catch (Killed _) {
        // The store still commits earlier writes. The archive takes no more steps.
      }
      return files.steps;
    }
  }

  private static MapDbChangeStore open(Path directory) throws IOException {
    return MapDbChangeStore.open(
        directory, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  private static List<ChangeRecord> all(StoredDocument stored) {
    var chunks = new PlainChunks();
    var all = new java.util.LinkedHashMap<ChangeHash, ChangeRecord>();
    stored
        .snapshot()
        .ifPresent(
            snapshot ->
                chunks
                    .expand(A, snapshot)
                    .forEach(
                        chunk ->
                            all.put(
                                chunks.hash(chunk), new ChangeRecord(chunks.hash(chunk), chunk))));
    stored.tail().forEach(change -> all.put(change.hash(), change));
    return List.copyOf(all.values());
  }

  private static Set<ChangeHash> hashes(List<ChangeRecord> changes) {
    var hashes = new HashSet<ChangeHash>();
    changes.forEach(change -> hashes.add(change.hash()));
    return hashes;
  }

  private Path newDirectory(List<ChangeRecord> acknowledged) throws Exception {
    var directory = Files.createDirectory(scratch.resolve("run" + runs++));
    try (var store = open(directory)) {
      ArchiveTest.put(
          store, A, new StoredDocument(Optional.of(snapshot(changes(1, 20))), changes(2, 5)));
      ArchiveTest.put(store, B, CONTENTS_OF_B);
    }
    acknowledged.addAll(changes(1, 20));
    acknowledged.addAll(changes(2, 5));
    return directory;
  }

  @Test
  void aKillBetweenAnyTwoStepsLosesNothing() throws Exception {
    var steps =
        runProcess(
            newDirectory(new java.util.ArrayList<>()),
            Integer.MAX_VALUE,
            new java.util.ArrayList<>(),
            9);
    assertTrue(steps >= 24, "steps of a whole process: " + steps);
    for (var step = 0; step < steps; step++) {
      var acknowledged = new java.util.ArrayList<ChangeRecord>();
      var directory = newDirectory(acknowledged);
      runProcess(directory, step, acknowledged, 100);
      runProcess(directory, step * 7 % 11, acknowledged, 200);
      check(directory, acknowledged, "stopped at step " + step);
    }
  }

  private static void check(Path directory, List<ChangeRecord> acknowledged, String situation)
      throws Exception {
    try (var store = open(directory)) {
      var archive = Archive.open(store, directory.resolve("archive"), new PlainChunks());
      var found = all(archive.load(A).orElseThrow());
      assertEquals(Set.copyOf(acknowledged), Set.copyOf(found), situation);
      assertEquals(CONTENTS_OF_B, archive.load(B).orElseThrow(), situation);
      assertEquals(Set.of(), archive.archived(), situation);
      assertEquals(Set.of(A, B), store.documents(), situation);
      assertEquals(Set.of(), store.quarantined(), situation);
    }
    try (var files = Files.list(directory.resolve("archive"))) {
      assertEquals(0, files.count(), situation);
    }
  }
}
