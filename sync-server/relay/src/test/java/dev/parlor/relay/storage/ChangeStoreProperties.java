package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Any sequence of writes and restarts leaves the store on disk and the store in memory with equal
 * contents.
 */
class ChangeStoreProperties {

  private static final int DOCUMENTS = 4;

  @Property(tries = 25)
  void diskAndMemoryStoresAreEqual(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int shards) throws Exception {
    var directory = Files.createTempDirectory("parlor-laws");
    var random = new Random(seed);
    var memory = new MemoryChangeStore(new StorageId("model"));
    StoreOnDisk disk = StoreChild.open(directory, shards);
    try {
      var pending = new ArrayList<CompletableFuture<Void>>();
      for (var step = 0; step < 10 + random.nextInt(60); step++) {
        if (random.nextInt(12) == 0) {
          disk.close();
          disk = StoreChild.open(directory, shards);
        } else {
          pending.addAll(step(memory, disk, random, seed + step));
        }
      }
      for (var future : pending) {
        ChangeStoreContract.await(future);
      }
      compare(memory, disk);
      disk.close();
      disk = StoreChild.open(directory, shards);
      compare(memory, disk);
    } finally {
      disk.close();
      remove(directory);
    }
  }

  private static List<CompletableFuture<Void>> step(
      MemoryChangeStore memory, StoreOnDisk disk, Random random, long seed) throws Exception {
    var document = ChangeStoreContract.document(random.nextInt(DOCUMENTS));
    var key = "k" + random.nextInt(5);
    return switch (random.nextInt(8)) {
      case 0 -> {
        // A compaction may cover committed changes only. So wait for its commit, as the document's
        // worker does.
        var covered = memory.load(document).map(ChangeStore.StoredDocument::tail).orElse(List.of());
        var some = covered.subList(0, random.nextInt(covered.size() + 1));
        var snapshot = ChangeStoreContract.random(seed, random.nextInt(9_000));
        var hashes = ChangeStoreContract.hashes(some);
        ChangeStoreContract.await(memory.compact(document, snapshot, hashes));
        ChangeStoreContract.await(disk.compact(document, snapshot, hashes));
        yield List.of();
      }
      case 1 -> List.of(memory.table("t").remove(key), disk.table("t").remove(key));
      case 2, 3 -> {
        var value = Bytes.utf8("v" + seed);
        yield List.of(memory.table("t").put(key, value), disk.table("t").put(key, value));
      }
      default -> {
        List<ChangeRecord> changes = ChangeStoreContract.changes(seed, 1 + random.nextInt(30));
        yield List.of(memory.append(document, changes), disk.append(document, changes));
      }
    };
  }

  private static void compare(MemoryChangeStore memory, StoreOnDisk disk) throws IOException {
    assertEquals(memory.documents(), disk.documents());
    for (var i = 0; i < DOCUMENTS; i++) {
      var document = ChangeStoreContract.document(i);
      assertEquals(memory.load(document), disk.load(document));
    }
    assertEquals(memory.table("t").withPrefix(""), disk.table("t").withPrefix(""));
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }
}
