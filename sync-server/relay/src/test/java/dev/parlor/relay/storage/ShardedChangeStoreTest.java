package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link ChangeStoreContract} on a store with three shards. */
class ShardedChangeStoreTest extends ChangeStoreContract {

  private static final int SHARDS = 3;

  @TempDir private Path directory;
  private StoppingDisk disk = new StoppingDisk();

  @BeforeAll
  static void documentsOfTheContractAreInDifferentShards() {
    assertNotEquals(ShardedChangeStore.shardOf(A, SHARDS), ShardedChangeStore.shardOf(B, SHARDS));
  }

  @Override
  protected ChangeStore open() throws IOException {
    disk = new StoppingDisk();
    return new StoreOpening(Limits.defaults().storage(), new Metrics(), UUID::randomUUID, disk)
        .open(directory, new Shards(OptionalInt.of(SHARDS), Set.of()));
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
      // The failure is expected, because the disk has stopped. The claims on the directories are
      // released.
    }
    return open();
  }

  @Override
  protected String commitQueue(DocumentId document) {
    return "shard " + ShardedChangeStore.shardOf(document, SHARDS);
  }

  @Override
  protected String commitQueueOfTables() {
    return "tables";
  }

  @Test
  void shardsHoldDocumentsAndTheMainStoreHoldsTables() throws Exception {
    var documents = new ArrayList<DocumentId>();
    for (var seed = 1; seed <= 12; seed++) {
      var document = document(seed);
      documents.add(document);
      await(store.append(document, changes(seed, 2)));
      await(store.tableOf(document, "authors").put(document + "/a", Bytes.utf8("x")));
    }
    await(store.table("rooms").put("slug", Bytes.utf8("x")));
    store.close();
    for (var number = 0; number < SHARDS; number++) {
      var shard = number;
      var expected =
          documents.stream()
              .filter(document -> ShardedChangeStore.shardOf(document, SHARDS) == shard)
              .map(DocumentId::value)
              .toList();
      var found = new ArrayList<String>();
      try (var claim = DataDirectory.claim(directory.resolve("shards/" + number));
          var database = new Database(claim, new Disk(), UUID::randomUUID, null)) {
        database.eachDocument((id, _) -> found.add(id));
        var keys = database.records("authors", "", (_, _) -> {}).keySet();
        assertEquals(new TreeSet<>(expected.stream().map(id -> id + "/a").toList()), keys);
      }
      assertEquals(Set.copyOf(expected), Set.copyOf(found));
      assertTrue(!found.isEmpty(), "every shard has some of the twelve documents");
    }
    try (var claim = DataDirectory.claim(directory);
        var database = new Database(claim, new Disk(), UUID::randomUUID, null)) {
      database.eachDocument((id, _) -> assertEquals("", id));
      assertEquals(Set.of("slug"), database.records("rooms", "", (_, _) -> {}).keySet());
      assertEquals(0, database.records("authors", "", (_, _) -> {}).size());
    }
    store = open();
  }

  @Test
  void everyShardHasTheFilesOfAStore() throws Exception {
    await(store.append(A, changes(1, 1)));
    try (var files = Files.walk(directory)) {
      var names =
          new TreeSet<>(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> directory.relativize(file).toString())
                  .toList());
      var expected = new TreeSet<String>();
      for (var place : List.of("", "shards/0/", "shards/1/", "shards/2/")) {
        for (var file : List.of("lock", "parlor.changes", "parlor.db", "parlor.journal")) {
          expected.add(place + file);
        }
      }
      assertEquals(expected, names);
    }
  }

  @Test
  void aCommitThreadIsNamedAfterItsShard() throws Exception {
    store.close();
    var threads = new StartedThreads();
    store = threads.run(this::open);
    var names = new TreeSet<String>();
    threads.alive().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("parlor-commit"))
        .forEach(names::add);
    assertEquals(
        new TreeSet<>(
            Set.of("parlor-commit", "parlor-commit-0", "parlor-commit-1", "parlor-commit-2")),
        names);
  }

  @Test
  void aFailingDiskAffectsOnlyTheDocumentsOfItsShard() throws Exception {
    store.close();
    var failingShard = ShardedChangeStore.shardOf(A, SHARDS);
    var failingDisk = new DiskWithFailingDirectory(directory.resolve("shards/" + failingShard));
    var sharded =
        new StoreOpening(Limits.defaults().storage(), new Metrics(), UUID::randomUUID, failingDisk)
            .open(directory, Shards.existing());
    store = sharded;
    await(store.append(A, changes(1, 1)));
    failingDisk.setFailing(true);
    var refused = store.append(A, changes(2, 1));
    var error =
        org.junit.jupiter.api.Assertions.assertThrows(
            java.util.concurrent.ExecutionException.class, () -> await(refused));
    assertInstanceOf(IOException.class, error.getCause());
    await(store.append(B, changes(3, 1)));
    await(store.table("rooms").put("slug", Bytes.utf8("x")));
    var condition = sharded.condition();
    assertTrue(!condition.well(), condition.detail());
    assertTrue(
        condition.detail().startsWith("shard " + failingShard + ": changes cannot be saved"),
        condition.detail());
    failingDisk.setFailing(false);
    await(store.append(A, changes(2, 1)));
    assertTrue(sharded.condition().well());
  }

  /** A disk that fails writes below one directory on request. */
  private static final class DiskWithFailingDirectory extends Disk {
    private final Path failingDirectory;
    private volatile boolean failing;

    private DiskWithFailingDirectory(Path failingDirectory) {
      this.failingDirectory = failingDirectory;
    }

    void setFailing(boolean newValue) {
      failing = newValue;
    }

    @Override
    LogFile changeLog(Path path) throws IOException {
      return new LogFile(path) {
        @Override
        void write(java.nio.ByteBuffer bytes, long at) throws IOException {
          if (failing && path.startsWith(failingDirectory)) {
            throw new IOException("no space left");
          }
          super.write(bytes, at);
        }
      };
    }
  }

  /**
   * The expected shards come from the shell command in docs/operations.md. If the mapping changed,
   * the server would no longer find existing documents.
   */
  @Test
  void aDocumentsShardNeverChanges() {
    var document = DocumentId.parse("4NMNnkMhL8jXrdJ9jamS58PAVdXu").orElseThrow(); // f585b47b
    assertEquals(1, ShardedChangeStore.shardOf(document, 2));
    assertEquals(0, ShardedChangeStore.shardOf(document, 3));
    assertEquals(59, ShardedChangeStore.shardOf(document, 64));
    var another = DocumentId.parse("2j9knpCseyhnK8izDmLpGP5WMdZQ").orElseThrow(); // 311782c1
    assertEquals(2, ShardedChangeStore.shardOf(another, 3));
    assertEquals(1, ShardedChangeStore.shardOf(another, 4));
  }
}
