package dev.parlor.relay.storage;

import static dev.parlor.relay.storage.ChangeStoreContract.await;
import static dev.parlor.relay.storage.ChangeStoreContract.changes;
import static dev.parlor.relay.storage.ChangeStoreContract.hashes;
import static dev.parlor.relay.storage.ChangeStoreContract.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.StoppingDisk.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stops the store at each step of the removal of a document, by a kill or a power failure.
 * Afterwards the document is stored as a whole or not at all, and the other document is unchanged.
 */
class RemovalCrashTest {

  private static final DocumentId A = ChangeStoreContract.A;
  private static final DocumentId B = ChangeStoreContract.B;
  private static final StoredDocument STORED =
      new StoredDocument(Optional.of(random(3, 9_000)), changes(4, 40));
  private static final StoredDocument OTHER_STORED =
      new StoredDocument(Optional.empty(), changes(2, 12));

  @TempDir private Path scratch;
  private Path directory = Path.of("");
  private int runs;

  @Test
  @DisplayName(
      "[DU1] after a kill at any step of a removal the document is stored as a whole or not at all")
  void killsLeaveTheDocumentWholeOrRemoved() throws Exception {
    stopAtEveryStep(false);
  }

  @Test
  @DisplayName(
      "[DU1] after a power failure at any step of a removal the document is stored as a whole or not at all")
  void powerFailuresLeaveTheDocumentWholeOrRemoved() throws Exception {
    stopAtEveryStep(true);
  }

  private void stopAtEveryStep(boolean powerFailure) throws Exception {
    prepare();
    var counting = new StoppingDisk();
    assertTrue(remove(counting));
    var steps = counting.steps();
    var removedCount = 0;
    for (var at = 0L; at < steps; at++) {
      for (var part : Part.values()) {
        prepare();
        var disk = new StoppingDisk(at, part);
        var acknowledged = remove(disk);
        if (powerFailure) {
          disk.loseSomeUnforced(new Random(at));
        }
        removedCount += check(acknowledged, "stopped at step " + at + ", " + part);
      }
    }
    assertTrue(
        removedCount > 0 && removedCount < 3 * steps,
        removedCount + " of " + steps + " steps: both outcomes occur");
  }

  private void prepare() throws Exception {
    directory = Files.createDirectory(scratch.resolve("run" + runs++));
    try (var store = open(new Disk())) {
      await(store.append(A, changes(1, 60)));
      await(store.append(B, OTHER_STORED.tail()));
      await(store.compact(A, STORED.snapshot().orElseThrow(), hashes(changes(1, 60))));
      await(store.append(A, STORED.tail()));
    }
  }

  private MapDbChangeStore open(Disk disk) throws IOException {
    var ids = new Random(7);
    return MapDbChangeStore.open(
        directory,
        CrashPointTest.neverIdle(12),
        new Metrics(),
        () -> new UUID(ids.nextLong(), ids.nextLong()),
        disk);
  }

  /** Removes the document and returns whether the removal was acknowledged. */
  private boolean remove(StoppingDisk disk) throws Exception {
    MapDbChangeStore store;
    try {
      store = open(disk);
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not open: " + e);
      return false;
    }
    var acknowledged = true;
    try {
      await(store.remove(A));
    } catch (ExecutionException e) {
      acknowledged = false;
    }
    try {
      store.close();
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not close: " + e);
    }
    return acknowledged;
  }

  /** Checks the stored documents; returns 1 if the document is removed, otherwise 0. */
  private int check(boolean acknowledged, String situation) throws Exception {
    var isStored = true;
    for (var round = 0; round < 2; round++) {
      try (var store = open(new Disk())) {
        var found = store.load(A);
        isStored = found.isPresent();
        assertTrue(!acknowledged || !isStored, situation + ": its removal was acknowledged");
        found.ifPresent(stored -> assertEquals(STORED, stored, situation));
        assertEquals(isStored ? Set.of(A, B) : Set.of(B), store.documents(), situation);
        assertEquals(OTHER_STORED, store.load(B).orElseThrow(), situation);
        assertEquals(Set.of(), store.quarantined(), situation);
      }
    }
    return isStored ? 0 : 1;
  }
}
