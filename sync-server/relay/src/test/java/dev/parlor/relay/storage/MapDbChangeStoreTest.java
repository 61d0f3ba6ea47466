package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link ChangeStoreContract} on the store on disk, and tests its directory and thread. */
class MapDbChangeStoreTest extends ChangeStoreContract {

  @TempDir private Path directory;
  private StoppingDisk disk = new StoppingDisk();

  @Override
  protected ChangeStore open() throws IOException {
    disk = new StoppingDisk();
    return MapDbChangeStore.open(directory, limits(), new Metrics(), UUID::randomUUID, disk);
  }

  Limits.Storage limits() {
    return Limits.defaults().storage();
  }

  @Override
  protected void setDiskFailing(boolean failing) {
    disk.failSteps(0, failing ? Long.MAX_VALUE : 0);
  }

  @Override
  protected ChangeStore afterCrash() throws IOException {
    disk.stop();
    try {
      store.close();
    } catch (IOException e) {
      // The failure is expected, because the disk has stopped. The claim on the directory is
      // released.
    }
    return open();
  }

  private void reopen() throws IOException {
    store.close();
    store = open();
  }

  @Test
  void reopeningKeepsEverything() throws Exception {
    await(store.append(A, changes(1, 700)));
    await(store.compact(A, random(9, 300_000), hashes(changes(1, 650))));
    await(store.append(B, changes(2, 3)));
    await(store.table("rooms").put("slug", Bytes.utf8("x")));
    var storageId = store.storageId();
    var ofA = store.load(A);
    reopen();
    assertEquals(storageId, store.storageId());
    assertEquals(Set.of(A, B), store.documents());
    assertEquals(ofA, store.load(A));
    assertEquals(50, store.load(A).orElseThrow().tail().size());
    assertEquals(changes(2, 3), store.load(B).orElseThrow().tail());
    assertEquals(Optional.of(Bytes.utf8("x")), store.table("rooms").get("slug"));
    await(store.append(A, changes(3, 5)));
    await(store.append(document(3), changes(4, 5)));
    reopen();
    assertEquals(55, store.load(A).orElseThrow().tail().size());
    assertEquals(changes(4, 5), store.load(document(3)).orElseThrow().tail());
  }

  @Test
  void closingCommitsQueuedWrites() throws Exception {
    var futures = new java.util.ArrayList<java.util.concurrent.CompletableFuture<Void>>();
    for (var i = 0; i < 200; i++) {
      futures.add(store.append(A, changes(i, 2)));
    }
    store.close();
    assertTrue(futures.stream().allMatch(future -> future.isDone()));
    for (var future : futures) {
      await(future);
    }
    store = open();
    assertEquals(400, store.load(A).orElseThrow().tail().size());
  }

  @Test
  @DisplayName(
      "[DU5] a second store on the same directory is refused and the first store keeps working")
  void aSecondStoreOnADirectoryIsRefused() throws Exception {
    await(store.append(A, changes(1, 1)));
    var error = assertThrows(IOException.class, this::open);
    assertEquals(
        "the data directory "
            + directory
            + " is in use by another Parlor server (process "
            + ProcessHandle.current().pid()
            + "); stop that one or choose another directory with --data",
        error.getMessage());
    await(store.append(A, changes(2, 1)));
    assertEquals(2, store.load(A).orElseThrow().tail().size());
  }

  @Test
  void theErrorNamesADirectoryThatCannotBeCreated() throws Exception {
    var file = java.nio.file.Files.createFile(directory.resolve("occupied"));
    var error =
        assertThrows(
            IOException.class,
            () ->
                MapDbChangeStore.open(
                    file, Limits.defaults().storage(), new Metrics(), UUID::randomUUID));
    assertTrue(String.valueOf(error.getMessage()).startsWith("the data directory " + file));
  }

  @Test
  void anIdleStoreHasOneWaitingThread() throws Exception {
    store.close();
    var threads = new StartedThreads();
    store = threads.run(this::open);
    await(store.append(A, changes(1, 1)));
    // Committing a record also absorbs the change log into the trees, so that no work is left.
    await(store.table("rooms").put("slug", Bytes.utf8("x")));
    var alive = threads.alive();
    assertEquals(1, alive.size(), alive.toString());
    assertFalse(alive.getFirst().getState() == Thread.State.TIMED_WAITING);
  }
}
