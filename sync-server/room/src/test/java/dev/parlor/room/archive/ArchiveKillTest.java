package dev.parlor.room.archive;

import static dev.parlor.room.archive.ArchiveTest.done;
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
 * Archives and restores on the real store, stops between any two steps, and stops the next process
 * at a step of its recovery as well. Afterwards every change is there, including those added in
 * between, and the other document is unchanged.
 */
class ArchiveKillTest {

  private static final DocumentId A = document(1);
  private static final DocumentId B = document(2);
  private static final StoredDocument OF_B = new StoredDocument(Optional.empty(), changes(3, 4));

  @TempDir private Path scratch;
  private int runs;

  /** Simulates the death of the process. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Archive files that throw {@link Killed} at a given step. */
  private static final class MortalFiles extends ArchiveFiles {
    private int stepsLeft;
    private int steps;

    MortalFiles(Path directory, int stepsLeft) throws IOException {
      super(directory);
      this.stepsLeft = stepsLeft;
    }

    @Override
    void step(String done) {
      steps++;
      if (stepsLeft-- == 0) {
        throw new Killed();
      }
    }
  }

  /**
   * Runs one process, which archives, restores, adds a change and archives again; returns the
   * number of steps.
   */
  private static int process(
      Path directory, int stepsLeft, List<ChangeRecord> acknowledged, long seed) throws Exception {
    try (var store = open(directory)) {
      var files = new MortalFiles(directory.resolve("archive"), stepsLeft);
      var archive = new Archive(store, files, new PlainChunks());
      archive.setInUse(_ -> false);
      try {
        var _ = archive.archive(A, 5);
        var _ = archive.load(A);
        var more = changes(seed, 2);
        done(archive.append(A, more));
        acknowledged.addAll(more);
        var _ = archive.archive(A, 6);
        var _ = archive.load(A);
        done(archive.compact(A, snapshot(all(store.load(A).orElseThrow())), hashes(acknowledged)));
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
                        one -> all.put(chunks.hash(one), new ChangeRecord(chunks.hash(one), one))));
    stored.tail().forEach(change -> all.put(change.hash(), change));
    return List.copyOf(all.values());
  }

  private static Set<ChangeHash> hashes(List<ChangeRecord> changes) {
    var hashes = new HashSet<ChangeHash>();
    changes.forEach(change -> hashes.add(change.hash()));
    return hashes;
  }

  private Path fresh(List<ChangeRecord> acknowledged) throws Exception {
    var directory = Files.createDirectory(scratch.resolve("run" + runs++));
    try (var store = open(directory)) {
      ArchiveTest.put(
          store, A, new StoredDocument(Optional.of(snapshot(changes(1, 20))), changes(2, 5)));
      ArchiveTest.put(store, B, OF_B);
    }
    acknowledged.addAll(changes(1, 20));
    acknowledged.addAll(changes(2, 5));
    return directory;
  }

  @Test
  void aKillBetweenAnyTwoStepsLosesNothing() throws Exception {
    var steps =
        process(
            fresh(new java.util.ArrayList<>()), Integer.MAX_VALUE, new java.util.ArrayList<>(), 9);
    assertTrue(steps >= 24, "steps of a whole process: " + steps);
    for (var at = 0; at < steps; at++) {
      var acknowledged = new java.util.ArrayList<ChangeRecord>();
      var directory = fresh(acknowledged);
      process(directory, at, acknowledged, 100);
      process(directory, at * 7 % 11, acknowledged, 200);
      check(directory, acknowledged, "stopped at step " + at);
    }
  }

  private static void check(Path directory, List<ChangeRecord> acknowledged, String when)
      throws Exception {
    try (var store = open(directory)) {
      var archive = Archive.open(store, directory.resolve("archive"), new PlainChunks());
      var found = all(archive.load(A).orElseThrow());
      assertEquals(Set.copyOf(acknowledged), Set.copyOf(found), when);
      assertEquals(OF_B, archive.load(B).orElseThrow(), when);
      assertEquals(Set.of(), archive.archived(), when);
      assertEquals(Set.of(A, B), store.documents(), when);
      assertEquals(Set.of(), store.quarantined(), when);
    }
    try (var files = Files.list(directory.resolve("archive"))) {
      assertEquals(0, files.count(), when);
    }
  }
}
