package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.VersionedValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapDbRecordStoreTest extends RecordStoreContract {
  private static final RecordKey COUNTER = new RecordKey("counters", "a");

  @TempDir private Path directory;
  private StoppingDisk disk = new StoppingDisk();
  private Optional<StoreOnDisk> opened = Optional.empty();

  @Override
  protected RecordStore open() throws IOException {
    disk = new StoppingDisk();
    var store = open(directory.resolve("data"), disk);
    opened = Optional.of(store);
    return store.recordStore();
  }

  private StoreOnDisk open(Path path, Disk on) throws IOException {
    return new StoreOpening(Limits.defaults().storage(), new Metrics(), UUID::randomUUID, on)
        .open(path, new Shards(OptionalInt.of(shards()), Set.of()));
  }

  int shards() {
    return 1;
  }

  @Override
  protected void close() throws IOException {
    opened.orElseThrow().close();
  }

  @Override
  protected void refuse(boolean now) {
    disk.failSteps(0, now ? Long.MAX_VALUE : 0);
  }

  @Test
  @DisplayName(
      "a store that is killed at any step has every acknowledged batch, and each batch wholly or not at all")
  void killedAnywhere() throws Exception {
    var counting = new StoppingDisk();
    run(directory.resolve("whole"), counting);
    assertTrue(counting.steps() > 40, "steps of a whole run: " + counting.steps());
    for (var step = 0L; step < counting.steps(); step++) {
      var path = directory.resolve("step" + step);
      var parts = List.of(StoppingDisk.Part.values());
      var stopping = new StoppingDisk(step, parts.get(new Random(step).nextInt(parts.size())));
      var acknowledged = run(path, stopping);
      assertTrue(stopping.stopped(), "step " + step);
      try (var after = open(path, new Disk())) {
        var store = after.recordStore();
        var stored = number(get(store.read(COUNTER)));
        assertTrue(
            stored >= acknowledged,
            "step " + step + ": " + acknowledged + " were acknowledged, " + stored + " are stored");
        var entries = get(store.range(Range.ofPrefix("entries", "", 100)));
        assertEquals(stored, entries.size(), "step " + step);
        assertEquals(new Outcome.Committed(), get(commitNext(store)), "step " + step);
      }
    }
  }

  /** Commits some batches, until the disk stops; returns how many were acknowledged. */
  private int run(Path path, StoppingDisk on) throws Exception {
    Files.createDirectories(path);
    var acknowledged = 0;
    try (var store = open(path, on)) {
      for (var i = 0; i < 6 && !on.stopped(); i++) {
        if (get(commitNext(store.recordStore())) instanceof Outcome.Committed) {
          acknowledged++;
        }
      }
    } catch (IOException | RuntimeException | ExecutionException e) {
      assertTrue(on.stopped(), "the store failed without its disk: " + e);
    }
    return acknowledged;
  }

  /** Counts up, and stores the number as an entry of its own. */
  private static CompletableFuture<Outcome> commitNext(RecordStore store) throws Exception {
    var read = get(store.read(COUNTER));
    var next = Bytes.utf8("" + (number(read) + 1));
    return store.commit(
        RecordBatch.of("owner")
            .expect(COUNTER, read)
            .put(COUNTER, next)
            .put(new RecordKey("entries", next.toUtf8()), Bytes.wrap(new byte[5_000]))
            .build());
  }

  private static int number(Optional<VersionedValue> read) {
    return read.map(versioned -> Integer.parseInt(versioned.value().toUtf8())).orElse(0);
  }

  @Test
  @DisplayName(
      "a batch that was submitted on a value whose commit failed conflicts, and the rest of its group is stored")
  void checkedInTheCommit() throws Exception {
    var path = directory.resolve("committer");
    try (var claimed = DataDirectory.claim(path);
        var database =
            new Database(claimed, new Disk(), UUID::randomUUID, new ShardManifest.Everything())) {
      var limits = Limits.defaults().storage();
      var log =
          new ChangeLog(
              new LogFile(claimed.changeLog()),
              database.logSalt(),
              database.absorbed(),
              limits.logBytesMax());
      var index = new DocumentIndex(database);
      try (var backlog = new UnabsorbedEntries(log, index, limits)) {
        var committer =
            new Committer(claimed, database, index, backlog, new Metrics(), new ReentrantLock());
        committer.replay(_ -> {});
        var uncommitted = new RecordStore.Version(Bytes.utf8("uncommitted"));
        var built =
            new Write.Batch(
                RecordBatch.of("owner")
                    .expect(
                        COUNTER,
                        Optional.of(new VersionedValue(Bytes.utf8("uncommitted"), uncommitted)))
                    .put(COUNTER, Bytes.utf8("next"))
                    .build(),
                new CompletableFuture<>());
        var other =
            new Write.Batch(
                RecordBatch.of("other").put(new RecordKey("t", "k"), Bytes.utf8("v")).build(),
                new CompletableFuture<>());
        committer.commit(List.of(built, other), 100);
        assertInstanceOf(Outcome.Conflict.class, built.outcome());
        assertInstanceOf(Outcome.Committed.class, other.outcome());
        assertEquals(null, database.record("counters", "a"));
        assertEquals(Bytes.utf8("v"), database.record("t", "k"));
      }
    }
  }
}
