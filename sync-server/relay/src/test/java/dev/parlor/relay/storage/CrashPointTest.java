package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.StoppingDisk.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs appends, record writes and compactions, and stops the disk at each step, and then again
 * during the recovery. Afterwards every acknowledged write is stored, once and in order.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashPointTest {

  private static final int DOCUMENTS = 3;

  @TempDir private Path scratch;
  private Path directory;
  private int runs;

  /** The submitted and the acknowledged writes. */
  private static final class WriteHistory {
    private final Map<DocumentId, List<List<ChangeRecord>>> submitted = new LinkedHashMap<>();
    private final Map<DocumentId, List<ChangeRecord>> acknowledged = new LinkedHashMap<>();
    private int lastRecordSubmitted;
    private int lastRecordAcknowledged;

    List<ChangeRecord> all(DocumentId document) {
      var all = new ArrayList<ChangeRecord>();
      submitted.getOrDefault(document, List.of()).forEach(all::addAll);
      return all;
    }
  }

  @BeforeEach
  void createDirectory() throws IOException {
    newDirectory();
  }

  private void newDirectory() throws IOException {
    directory = Files.createDirectory(scratch.resolve("run" + runs++));
  }

  @Test
  @DisplayName(
      "[DU1] [DU3] a store that is killed at any step, and again during the recovery, loses no acknowledged write")
  void killsLoseNoAcknowledgedWrite() throws Exception {
    stopAtEveryStep(false);
  }

  @Test
  @DisplayName(
      "[DU1] [DU3] a power failure at any step loses no acknowledged write, even if any unflushed write is lost")
  void powerFailuresLoseNoAcknowledgedWrite() throws Exception {
    stopAtEveryStep(true);
  }

  private void stopAtEveryStep(boolean powerFailure) throws Exception {
    var counting = new StoppingDisk();
    run(counting, new WriteHistory());
    var steps = counting.steps();
    assertTrue(steps > 60, "steps of a whole run: " + steps);
    for (var at = 0L; at < steps; at++) {
      for (var part : parts(at)) {
        newDirectory();
        var history = new WriteHistory();
        var random = new Random(31 * at + part.name().length());
        var disk = new StoppingDisk(at, part);
        run(disk, history);
        assertTrue(disk.stopped(), "step " + at);
        if (powerFailure) {
          disk.loseSomeUnforced(random);
        }
        // The next start is stopped as well, in one of its first steps.
        var second = new StoppingDisk(random.nextInt(8), part);
        run(second, history, 0);
        if (powerFailure && second.stopped()) {
          second.loseSomeUnforced(random);
        }
        check(history, "stopped at step " + at + ", " + part);
      }
    }
  }

  @Test
  @DisplayName(
      "[DU1] if the disk fails one or more steps, no acknowledged write is lost and the store recovers")
  void diskFailuresLoseNoAcknowledgedWrite() throws Exception {
    var counting = new StoppingDisk();
    run(counting, new WriteHistory());
    for (var at = openingSteps(); at < counting.steps(); at++) {
      newDirectory();
      var history = new WriteHistory();
      var disk = new StoppingDisk();
      disk.failSteps(at, 1 + new Random(at).nextInt(6));
      var store = open(disk);
      for (var i = 0; i < 24; i++) {
        step(store, history, i);
      }
      disk.failSteps(0, 0);
      for (var i = 24; i < 28; i++) {
        step(store, history, i); // one write to each document and to the table
      }
      assertTrue(store.condition().well(), store.condition().detail());
      store.close();
      check(history, "disk failed at step " + at);
    }
  }

  private StoreOnDisk open(Disk disk) throws IOException {
    var ids = new Random(7);
    return new StoreOpening(
            neverIdle(12), new Metrics(), () -> new UUID(ids.nextLong(), ids.nextLong()), disk)
        .open(directory, new Shards(OptionalInt.of(shards()), Set.of()));
  }

  /** The number of shards of the store. */
  int shards() {
    return 1;
  }

  DocumentId document(int number) {
    return ChangeStoreContract.document(number);
  }

  /**
   * The number of steps at the start that open the store; if one of them fails, the store does not
   * open.
   */
  long openingSteps() {
    return 12;
  }

  /** The parts of the stopped step that reach the file, each tried in a separate run. */
  List<Part> parts(long step) {
    return List.of(Part.values());
  }

  /**
   * Limits with which the trees absorb the change log after this many changes, and not because the
   * store is idle.
   */
  static Limits.Storage neverIdle(int absorbChangesMax) {
    var defaults = Limits.defaults().storage();
    return new Limits.Storage(
        defaults.groupRecordsMax(),
        defaults.groupBytesMax(),
        defaults.queueBytesMax(),
        defaults.compactAfterChanges(),
        defaults.compactOperationsMax(),
        defaults.logRecordsMax(),
        defaults.logBytesMax(),
        absorbChangesMax,
        defaults.absorbBytesMax(),
        defaults.absorbDocumentsMax(),
        3_600_000);
  }

  private void run(StoppingDisk disk, WriteHistory history) {
    run(disk, history, 24);
  }

  /** Opens the store, does this many writes and closes it; ends early when the disk stops. */
  private void run(StoppingDisk disk, WriteHistory history, int stepCount) {
    StoreOnDisk store;
    try {
      store = open(disk);
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not open: " + e);
      return;
    }
    for (var i = 0; i < stepCount && !disk.stopped(); i++) {
      step(store, history, i);
    }
    try {
      store.close();
    } catch (IOException | RuntimeException e) {
      assertTrue(disk.stopped(), "the store did not close: " + e);
    }
  }

  private void step(StoreOnDisk store, WriteHistory history, int i) {
    switch (i % 8) {
      case 3 -> {
        history.lastRecordSubmitted = i;
        if (isAcknowledged(store.table("t").put("k", Bytes.utf8("" + i)))) {
          history.lastRecordAcknowledged = i;
        }
      }
      case 6 -> {
        var document = document(i / 8 % DOCUMENTS);
        var covered = history.all(document);
        var hashes = new HashSet<ChangeHash>();
        covered.forEach(change -> hashes.add(change.hash()));
        var _ = isAcknowledged(store.compact(document, snapshot(covered), hashes));
      }
      case 7 -> append(store, history, i, 1, 2);
      default -> append(store, history, i, i % DOCUMENTS, 1 + i % 3);
    }
  }

  private void append(StoreOnDisk store, WriteHistory history, int i, int document, int count) {
    var id = document(document);
    var changes = ChangeStoreContract.changes(1_000 + i, count);
    history.submitted.computeIfAbsent(id, _ -> new ArrayList<>()).add(changes);
    if (isAcknowledged(store.append(id, changes))) {
      history.acknowledged.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(changes);
    }
  }

  private static boolean isAcknowledged(CompletableFuture<Void> done) {
    try {
      ChangeStoreContract.await(done);
      return true;
    } catch (ExecutionException e) {
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A snapshot that consists of the hashes of the changes it covers. */
  private static Bytes snapshot(List<ChangeRecord> covered) {
    var hashes = new ArrayList<Bytes>();
    covered.forEach(change -> hashes.add(Bytes.wrap(change.hash().toArray())));
    return Bytes.concat(hashes);
  }

  private void check(WriteHistory history, String situation) throws Exception {
    for (var round = 0; round < 2; round++) {
      try (var store = open(new Disk())) {
        assertEquals(Set.of(), store.quarantined(), situation);
        for (var i = 0; i < DOCUMENTS; i++) {
          check(store, history, document(i), situation);
        }
        var record = store.table("t").get("k").map(value -> Integer.parseInt(value.toUtf8()));
        assertTrue(record.orElse(0) >= history.lastRecordAcknowledged, situation);
        assertTrue(record.orElse(0) <= history.lastRecordSubmitted, situation);
        // The store accepts writes.
        var more = ChangeStoreContract.changes(round, 1);
        var document = document(0);
        history.submitted.computeIfAbsent(document, _ -> new ArrayList<>()).add(more);
        ChangeStoreContract.await(store.append(document, more));
        history.acknowledged.computeIfAbsent(document, _ -> new ArrayList<>()).addAll(more);
      }
    }
    try (var files = Files.walk(directory)) {
      assertFalse(files.anyMatch(file -> file.toString().contains("damaged")), situation);
    }
  }

  private static void check(
      StoreOnDisk store, WriteHistory history, DocumentId document, String situation)
      throws IOException {
    var stored = store.load(document);
    var tail = stored.map(ChangeStore.StoredDocument::tail).orElse(List.of());
    var hashes = new LinkedHashSet<ChangeHash>();
    stored
        .flatMap(ChangeStore.StoredDocument::snapshot)
        .or(() -> Optional.of(Bytes.EMPTY))
        .ifPresent(
            bytes -> {
              for (var at = 0; at < bytes.length(); at += ChangeHash.LENGTH) {
                hashes.add(ChangeHash.read(bytes.slice(at, ChangeHash.LENGTH).toArray(), 0));
              }
            });
    var seen = new HashSet<ChangeHash>();
    for (var change : tail) {
      assertTrue(seen.add(change.hash()), situation + ": a change is stored twice");
    }
    hashes.addAll(seen);
    for (var change : history.acknowledged.getOrDefault(document, List.of())) {
      assertTrue(hashes.contains(change.hash()), situation + ": " + change + " was acknowledged");
    }
    var all = history.all(document);
    var inOrder = new ArrayList<>(all);
    inOrder.retainAll(tail);
    assertEquals(inOrder, tail, situation + ": the changes are in order, and all were submitted");
    for (var append : history.submitted.getOrDefault(document, List.of())) {
      var storedCount = append.stream().filter(change -> hashes.contains(change.hash())).count();
      assertTrue(
          storedCount == 0 || storedCount == append.size(),
          situation + ": an append is stored in part");
    }
  }
}
