package dev.parlor.relay.storage;

import static dev.parlor.relay.storage.ChangeStoreContract.await;
import static dev.parlor.relay.storage.ChangeStoreContract.changes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.deletion.DeletionListener;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.StoppingDisk.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops the store at each step of a deletion that removes the data at once. */
class DeletionCrashTest {

  private static final List<Part> PARTS = List.of(Part.values());
  private static final DocumentId A = ChangeStoreContract.A;
  private static final DocumentId B = ChangeStoreContract.B;
  private static final StoredDocument STORED = new StoredDocument(Optional.empty(), changes(1, 40));

  /** The state that the next start finds. */
  private enum Found {
    WHOLE,
    DELETED_WITH_DATA,
    DELETED
  }

  @TempDir private Path scratch;
  private Path directory = Path.of("");
  private int runs;

  @Test
  @DisplayName(
      "[DD1] after a kill at any step of a deletion the document is whole, or it is deleted and the"
          + " next sweep removes its data")
  void killsLeaveNoHalfDeletion() throws Exception {
    prepare();
    var counting = new StoppingDisk();
    assertTrue(delete(counting));
    var found = EnumSet.noneOf(Found.class);
    for (var at = 0L; at < counting.steps(); at++) {
      prepare();
      var acknowledged = delete(new StoppingDisk(at, PARTS.get((int) (at % PARTS.size()))));
      var state = state("stopped at step " + at);
      assertTrue(!acknowledged || state == Found.DELETED, "stopped at step " + at);
      found.add(state);
    }
    assertEquals(EnumSet.allOf(Found.class), found, "every state occurs");
  }

  private void prepare() throws Exception {
    directory = Files.createDirectory(scratch.resolve("run" + runs++));
    try (var store = open(new Disk())) {
      await(store.append(A, STORED.tail()));
      await(store.append(B, STORED.tail()));
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

  private static Deletions deletions(ChangeStore store) {
    return new Deletions(
        store,
        new Tombstones(store),
        documents(store),
        DeletionListener.NONE,
        Duration.ofDays(30),
        () -> Instant.EPOCH);
  }

  /** A directory without open documents. */
  private static DocumentDirectory documents(ChangeStore store) {
    return new DocumentDirectory(
        new DocumentDirectory.Environment(store, Runnable::run, new Metrics(), System::nanoTime),
        Limits.defaults(),
        new PeerId("server"),
        new SessionId("run"));
  }

  /** Deletes the document and returns whether that was acknowledged. */
  private boolean delete(StoppingDisk disk) {
    MapDbChangeStore store;
    try {
      store = open(disk);
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not open: " + e);
      return false;
    }
    var acknowledged = true;
    try {
      var _ = deletions(store).delete(A, true);
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the deletion failed: " + e);
      acknowledged = false;
    }
    try {
      store.close();
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not close: " + e);
    }
    return acknowledged;
  }

  private Found state(String situation) throws Exception {
    try (var store = open(new Disk())) {
      var isDeleted = new Tombstones(store).isDeleted(A);
      var stored = store.load(A);
      assertTrue(isDeleted || stored.isPresent(), situation + ": removed without a tombstone");
      stored.ifPresent(whole -> assertEquals(STORED, whole, situation));
      assertEquals(isDeleted && stored.isPresent() ? 1 : 0, deletions(store).sweep(), situation);
      assertEquals(isDeleted ? Set.of(B) : Set.of(A, B), store.documents(), situation);
      assertEquals(STORED, store.load(B).orElseThrow(), situation);
      if (!isDeleted) {
        return Found.WHOLE;
      }
      return stored.isPresent() ? Found.DELETED_WITH_DATA : Found.DELETED;
    }
  }
}
