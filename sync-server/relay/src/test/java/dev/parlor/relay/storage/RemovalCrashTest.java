package dev.parlor.relay.storage;

import static dev.parlor.relay.storage.ChangeStoreContract.changes;
import static dev.parlor.relay.storage.ChangeStoreContract.done;
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
 * Afterwards the document is there whole or not at all, and the other documents are whole.
 */
class RemovalCrashTest {

  private static final DocumentId A = ChangeStoreContract.A;
  private static final DocumentId B = ChangeStoreContract.B;
  private static final StoredDocument WHOLE =
      new StoredDocument(Optional.of(random(3, 9_000)), changes(4, 40));
  private static final StoredDocument OTHER = new StoredDocument(Optional.empty(), changes(2, 12));

  @TempDir private Path scratch;
  private Path directory = Path.of("");
  private int runs;

  @Test
  @DisplayName(
      "[DU1] after a kill at any step of a removal the document is there whole or not at all")
  void killedAnywhere() throws Exception {
    everyStep(false);
  }

  @Test
  @DisplayName(
      "[DU1] after a power failure at any step of a removal the document is there whole or not at all")
  void powerFailureAnywhere() throws Exception {
    everyStep(true);
  }

  private void everyStep(boolean power) throws Exception {
    prepare();
    var counting = new StoppingDisk();
    assertTrue(remove(counting));
    var steps = counting.steps();
    var gone = 0;
    for (var at = 0L; at < steps; at++) {
      for (var part : Part.values()) {
        prepare();
        var disk = new StoppingDisk(at, part);
        var acknowledged = remove(disk);
        if (power) {
          disk.loseSomeUnforced(new Random(at));
        }
        gone += check(acknowledged, "stopped at step " + at + ", " + part);
      }
    }
    assertTrue(gone > 0 && gone < 3 * steps, gone + " of " + steps + " steps: both outcomes occur");
  }

  private void prepare() throws Exception {
    directory = Files.createDirectory(scratch.resolve("run" + runs++));
    try (var store = open(new Disk())) {
      done(store.append(A, changes(1, 60)));
      done(store.append(B, OTHER.tail()));
      done(store.compact(A, WHOLE.snapshot().orElseThrow(), hashes(changes(1, 60))));
      done(store.append(A, WHOLE.tail()));
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
      done(store.remove(A));
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

  /** Returns 1 if the document is gone, otherwise 0. */
  private int check(boolean acknowledged, String when) throws Exception {
    var there = true;
    for (var round = 0; round < 2; round++) {
      try (var store = open(new Disk())) {
        var found = store.load(A);
        there = found.isPresent();
        assertTrue(!acknowledged || !there, when + ": its removal was acknowledged");
        found.ifPresent(stored -> assertEquals(WHOLE, stored, when));
        assertEquals(there ? Set.of(A, B) : Set.of(B), store.documents(), when);
        assertEquals(OTHER, store.load(B).orElseThrow(), when);
        assertEquals(Set.of(), store.quarantined(), when);
      }
    }
    return there ? 0 : 1;
  }
}
