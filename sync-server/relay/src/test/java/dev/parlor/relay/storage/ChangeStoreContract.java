package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The contract of {@link ChangeStore}; each implementation has one subclass. */
public abstract class ChangeStoreContract {

  protected static final DocumentId A = document(1);
  protected static final DocumentId B = document(2);

  protected ChangeStore store;

  /** Opens an empty store. */
  protected abstract ChangeStore open() throws IOException;

  /** Makes the disk, or the fake of it, fail every write, or lets it work again. */
  protected abstract void setDiskFailing(boolean failing) throws IOException;

  /** Kills the store without closing it and returns the store that the next process opens. */
  protected abstract ChangeStore afterCrash() throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  @Test
  void anUnknownDocumentIsAbsent() throws IOException {
    assertFalse(store.contains(A));
    assertEquals(Optional.empty(), store.load(A));
    assertEquals(Set.of(), store.documents());
  }

  @Test
  void loadReturnsChangesInAppendOrder() throws Exception {
    var changes = changes(7, 500);
    var all = new ArrayList<CompletableFuture<Void>>();
    for (var from = 0; from < changes.size(); from += 50) {
      all.add(store.append(A, changes.subList(from, from + 50)));
    }
    for (var future : all) {
      await(future);
    }
    await(store.append(B, changes(8, 1)));
    assertEquals(new StoredDocument(Optional.empty(), changes), store.load(A).orElseThrow());
    assertTrue(store.contains(A));
    assertEquals(Set.of(A, B), store.documents());
  }

  @Test
  void appendingNothingStoresNothing() throws Exception {
    await(store.append(A, List.of()));
    assertFalse(store.contains(A));
  }

  @Test
  void documentsAreKeptApart() throws Exception {
    var ofA = changes(1, 30);
    var ofB = changes(2, 30);
    var all = new ArrayList<CompletableFuture<Void>>();
    for (var i = 0; i < 30; i++) {
      all.add(store.append(A, List.of(ofA.get(i))));
      all.add(store.append(B, List.of(ofB.get(i))));
    }
    for (var future : all) {
      await(future);
    }
    assertEquals(ofA, store.load(A).orElseThrow().tail());
    assertEquals(ofB, store.load(B).orElseThrow().tail());
  }

  @Test
  @DisplayName(
      "[DU3] after a compaction the store has the snapshot and the changes that it does not cover")
  void compactionKeepsTheRest() throws Exception {
    var changes = changes(3, 100);
    await(store.append(A, changes.subList(0, 33)));
    await(store.append(A, changes.subList(33, 100)));
    var snapshot = random(5, 1_000);
    await(store.compact(A, snapshot, hashes(changes.subList(0, 60))));
    assertEquals(
        new StoredDocument(Optional.of(snapshot), changes.subList(60, 100)),
        store.load(A).orElseThrow());

    var later = changes(4, 10);
    await(store.append(A, later));
    var everything = new ArrayList<>(changes.subList(60, 100));
    everything.addAll(later);
    assertEquals(everything, store.load(A).orElseThrow().tail());

    var second = random(6, 2_000);
    await(store.compact(A, second, hashes(everything)));
    assertEquals(new StoredDocument(Optional.of(second), List.of()), store.load(A).orElseThrow());
    await(store.append(A, changes(9, 2)));
    assertEquals(changes(9, 2), store.load(A).orElseThrow().tail());
  }

  @Test
  void aSnapshotWithoutChangesIsADocument() throws Exception {
    await(store.compact(A, random(1, 10), Set.of()));
    assertTrue(store.contains(A));
    assertEquals(random(1, 10), store.load(A).orElseThrow().snapshot().orElseThrow());
  }

  @Test
  void largeChangesAndSnapshotsAreStoredWhole() throws Exception {
    var big = new ChangeRecord(hash(new Random(1)), random(2, 5 << 20));
    await(store.append(A, List.of(big, changes(3, 1).getFirst())));
    assertEquals(big, store.load(A).orElseThrow().tail().getFirst());
    var snapshot = random(4, 24 << 20);
    await(store.compact(A, snapshot, Set.of(big.hash())));
    assertEquals(
        new StoredDocument(Optional.of(snapshot), changes(3, 1)), store.load(A).orElseThrow());
  }

  @Test
  void aTableKeepsRecords() throws Exception {
    var table = store.table("rooms");
    assertEquals(Optional.empty(), table.get("a"));
    var put = table.put("a", Bytes.utf8("1"));
    assertEquals(Optional.of(Bytes.utf8("1")), table.get("a"), "visible before the commit");
    await(put);
    assertEquals(Optional.of(Bytes.utf8("1")), table.get("a"), "visible after the commit");
    await(table.put("a", Bytes.EMPTY));
    assertEquals(Optional.of(Bytes.EMPTY), store.table("rooms").get("a"));
    assertEquals(Optional.empty(), store.table("other").get("a"));
    var removal = table.remove("a");
    assertEquals(Optional.empty(), table.get("a"));
    await(removal);
    assertEquals(Optional.empty(), table.get("a"));
  }

  @Test
  void putIfAbsentReturnsTheFirstValue() throws Exception {
    var table = store.table("documents");
    var first = table.putIfAbsent("k", Bytes.utf8("1"));
    var second = table.putIfAbsent("k", Bytes.utf8("2"));
    assertTrue(first.inserted());
    assertEquals(Bytes.utf8("1"), first.value());
    assertFalse(second.inserted());
    assertEquals(Bytes.utf8("1"), second.value());
    await(first.committed());
    await(second.committed());
    var third = table.putIfAbsent("k", Bytes.utf8("3"));
    assertFalse(third.inserted());
    await(third.committed());
    await(table.remove("k"));
    assertTrue(table.putIfAbsent("k", Bytes.utf8("4")).inserted());
  }

  @Test
  void concurrentPutIfAbsentInsertsOnce() throws Exception {
    var table = store.table("epochs");
    var winners = new ArrayList<CompletableFuture<Boolean>>();
    for (var i = 0; i < 8; i++) {
      var value = Bytes.utf8("v" + i);
      winners.add(CompletableFuture.supplyAsync(() -> table.putIfAbsent("k", value).inserted()));
    }
    var won = 0;
    for (var winner : winners) {
      won += winner.get(10, TimeUnit.SECONDS) ? 1 : 0;
    }
    assertEquals(1, won);
  }

  @Test
  void replaceNeedsTheCurrentValue() throws Exception {
    var table = store.table("leases");
    var none = Optional.<Bytes>empty();
    var first = table.replace("k", none, Bytes.utf8("1"));
    assertTrue(first.replaced());
    assertFalse(table.replace("k", none, Bytes.utf8("x")).replaced(), "before the commit");
    await(first.committed());
    assertFalse(table.replace("k", none, Bytes.utf8("x")).replaced(), "after the commit");
    assertFalse(table.replace("k", Optional.of(Bytes.utf8("0")), Bytes.utf8("x")).replaced());
    assertEquals(Optional.of(Bytes.utf8("1")), table.get("k"));
    var second = table.replace("k", Optional.of(Bytes.utf8("1")), Bytes.utf8("2"));
    var third = table.replace("k", Optional.of(Bytes.utf8("2")), Bytes.utf8("3"));
    assertTrue(second.replaced() && third.replaced());
    await(second.committed());
    await(third.committed());
    await(table.remove("k"));
    assertFalse(table.replace("k", Optional.of(Bytes.utf8("3")), Bytes.utf8("x")).replaced());
    await(table.replace("k", none, Bytes.utf8("4")).committed());
    store = afterCrash();
    assertEquals(Optional.of(Bytes.utf8("4")), store.table("leases").get("k"));
  }

  @Test
  void concurrentReplacesSucceedOnce() throws Exception {
    var table = store.table("leases");
    await(table.put("k", Bytes.utf8("0")));
    for (var round = 0; round < 20; round++) {
      var expected = table.get("k");
      var winners = new ArrayList<CompletableFuture<Boolean>>();
      for (var i = 0; i < 8; i++) {
        var value = Bytes.utf8("round " + round + " by " + i);
        winners.add(
            CompletableFuture.supplyAsync(() -> table.replace("k", expected, value).replaced()));
      }
      var won = 0;
      for (var winner : winners) {
        won += winner.get(10, TimeUnit.SECONDS) ? 1 : 0;
      }
      assertEquals(1, won);
    }
  }

  @Test
  void aReplacementIsUndoneIfItsCommitFails() throws Exception {
    var table = store.table("leases");
    await(table.put("k", Bytes.utf8("old")));
    setDiskFailing(true);
    assertFails(table.replace("k", Optional.of(Bytes.utf8("old")), Bytes.utf8("new")).committed());
    assertEquals(Optional.of(Bytes.utf8("old")), table.get("k"));
    setDiskFailing(false);
    await(table.replace("k", Optional.of(Bytes.utf8("old")), Bytes.utf8("later")).committed());
    assertEquals(Optional.of(Bytes.utf8("later")), table.get("k"));
  }

  @Test
  void withPrefixReturnsItsKeysInOrder() throws Exception {
    var table = store.table("actors");
    await(table.put("doc1/b", Bytes.utf8("2")));
    await(table.put("doc1/a", Bytes.utf8("1")));
    await(table.put("doc10/a", Bytes.utf8("x")));
    await(table.put("doc1/gone", Bytes.utf8("x")));
    await(table.put("doc0", Bytes.utf8("x")));
    var uncommitted =
        List.of(
            table.put("doc1/c", Bytes.utf8("3")),
            table.put("doc1/b", Bytes.utf8("4")),
            table.remove("doc1/gone"));
    assertEquals(
        "{doc1/a=1, doc1/b=4, doc1/c=3}",
        table.withPrefix("doc1/").entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue().toUtf8())
            .toList()
            .toString()
            .replace('[', '{')
            .replace(']', '}'));
    assertEquals(5, table.withPrefix("").size());
    for (var future : uncommitted) {
      await(future);
    }
    assertEquals(5, table.withPrefix("").size());
    assertEquals(Set.of(), table.withPrefix("zzz").keySet());
  }

  @Test
  void withPrefixIsCompleteDuringConcurrentWrites() throws Exception {
    var table = store.table("rooms");
    await(table.put("a", Bytes.utf8("stays")));
    await(table.put("z", Bytes.utf8("stays")));
    var writer =
        CompletableFuture.runAsync(
            () -> {
              for (var round = 0; round < 200; round++) {
                var last = CompletableFuture.<Void>completedFuture(null);
                for (var i = 0; i < 20; i++) {
                  last = table.put("m" + i, Bytes.utf8("comes"));
                }
                last.join();
                for (var i = 0; i < 20; i++) {
                  last = table.remove("m" + i);
                }
                last.join();
              }
            });
    while (!writer.isDone()) {
      var seen = table.withPrefix("");
      assertTrue(seen.containsKey("a") && seen.containsKey("z"), seen.keySet().toString());
    }
    writer.get();
    assertEquals(Set.of("a", "z"), table.withPrefix("").keySet());
  }

  @Test
  void loadIsCompleteDuringACompaction() throws Exception {
    var all = new ArrayList<ChangeRecord>();
    for (var i = 0; i < 40; i++) {
      var more = changes(i + 1, 3);
      await(store.append(A, more));
      all.addAll(more);
      var compacted = store.compact(A, random(i + 1, 100), hashes(all));
      while (!compacted.isDone()) {
        var found = store.load(A).orElseThrow();
        assertTrue(
            found.snapshot().isPresent() || found.tail().containsAll(all), "the log was trimmed");
      }
      await(compacted);
      assertEquals(List.of(), store.load(A).orElseThrow().tail());
    }
  }

  @Test
  void aRemovedDocumentIsGoneAndCanBeWrittenAgain() throws Exception {
    await(store.append(A, changes(1, 40)));
    await(store.append(B, changes(2, 3)));
    await(store.compact(A, random(3, 2_000), hashes(changes(1, 40).subList(0, 30))));
    await(store.append(A, changes(4, 2)));
    await(store.remove(A));
    await(store.remove(document(77)));
    for (var round = 0; round < 2; round++) {
      assertFalse(store.contains(A));
      assertEquals(Optional.empty(), store.load(A));
      assertEquals(Set.of(B), store.documents());
      assertEquals(changes(2, 3), store.load(B).orElseThrow().tail());
      store = afterCrash();
    }
    await(store.append(A, changes(5, 2)));
    for (var round = 0; round < 2; round++) {
      assertEquals(new StoredDocument(Optional.empty(), changes(5, 2)), load(A));
      store = afterCrash();
    }
  }

  @Test
  void aRemovalDeletesExactlyTheEarlierWrites() throws Exception {
    for (var round = 0; round < 20; round++) {
      var all = new ArrayList<CompletableFuture<Void>>();
      all.add(store.append(A, changes(10 + round, 2)));
      all.add(store.compact(B, random(round, 50), Set.of()));
      all.add(store.append(A, changes(20 + round, 1)));
      all.add(store.remove(A));
      all.add(store.append(A, changes(30 + round, 3)));
      all.add(store.append(A, changes(40 + round, 1)));
      for (var future : all) {
        await(future);
      }
      var later = new ArrayList<>(changes(30 + round, 3));
      later.addAll(changes(40 + round, 1));
      assertEquals(new StoredDocument(Optional.empty(), later), load(A), "round " + round);
    }
    assertEquals(random(19, 50), load(B).snapshot().orElseThrow());
  }

  @Test
  void aFailedRemovalLeavesTheDocumentWhole() throws Exception {
    await(store.append(A, changes(1, 5)));
    await(store.compact(A, random(2, 100), hashes(changes(1, 3))));
    var before = load(A);
    setDiskFailing(true);
    assertFails(store.remove(A));
    assertEquals(before, load(A));
    assertTrue(store.contains(A));
    setDiskFailing(false);
    await(store.append(A, changes(3, 1)));
    assertEquals(before.snapshot(), load(A).snapshot());
    await(store.remove(A));
    assertFalse(store.contains(A));
  }

  @Test
  void loadDuringARemovalReturnsAllOrNothing() throws Exception {
    for (var i = 0; i < 30; i++) {
      var changes = changes(i, 60);
      await(store.append(A, changes.subList(0, 30)));
      await(store.compact(A, random(i, 500), Set.of()));
      await(store.append(A, changes.subList(30, 60)));
      var expected = new StoredDocument(Optional.of(random(i, 500)), changes);
      var removed = store.remove(A);
      do {
        store.load(A).ifPresent(found -> assertEquals(expected, found));
      } while (!removed.isDone());
      await(removed);
      assertEquals(Optional.empty(), store.load(A));
    }
  }

  @Test
  void aClosedStoreFailsWithAnIOException() throws Exception {
    await(store.append(A, changes(1, 1)));
    store.close();
    var error = assertThrows(ExecutionException.class, () -> await(store.append(A, changes(2, 1))));
    assertInstanceOf(IOException.class, error.getCause());
    assertThrows(IOException.class, () -> store.load(A));
  }

  @Test
  @DisplayName(
      "[DU1] while the disk fails, writes fail and store nothing; afterwards writes succeed")
  void writesFailWhileTheDiskFails() throws Exception {
    await(store.append(A, changes(1, 3)));
    await(store.table("t").put("k", Bytes.utf8("old")));
    setDiskFailing(true);
    for (var i = 0; i < 3; i++) {
      assertFails(store.append(A, changes(2, 2)));
      assertFails(store.append(B, changes(3, 1)));
    }
    assertFails(store.table("t").put("k", Bytes.utf8("new")));
    assertFails(store.compact(A, random(1, 100), hashes(changes(1, 3))));
    assertEquals(new StoredDocument(Optional.empty(), changes(1, 3)), store.load(A).orElseThrow());
    assertEquals(Optional.empty(), store.load(B));
    assertFalse(store.contains(B));
    assertEquals(Optional.of(Bytes.utf8("old")), store.table("t").get("k"));
    setDiskFailing(false);
    await(store.append(A, changes(2, 2)));
    await(store.append(B, changes(3, 1)));
    assertEquals(
        withoutDuplicates(changes(1, 3), changes(2, 2)),
        withoutDuplicates(store.load(A).orElseThrow().tail()));
    assertEquals(changes(3, 1), withoutDuplicates(store.load(B).orElseThrow().tail()));
  }

  @Test
  @DisplayName("[DU1] [DU3] after each of several crashes every acknowledged write is stored")
  void acknowledgedWritesSurviveCrashes() throws Exception {
    var expected = new ArrayList<ChangeRecord>();
    Bytes snapshot = null;
    for (var round = 0; round < 6; round++) {
      for (var i = 0; i < 5; i++) {
        var changes = changes(100 * round + i, 1 + i * i);
        await(store.append(A, changes));
        expected.addAll(changes);
      }
      if (round % 2 == 1) {
        snapshot = random(round, 3_000);
        await(store.compact(A, snapshot, hashes(expected)));
        expected.clear();
        await(store.append(A, changes(50 + round, 2)));
        expected.addAll(changes(50 + round, 2));
      }
      await(store.table("t").put("round", Bytes.utf8("" + round)));
      await(store.append(document(100 + round), changes(round, 1)));
      var storageId = store.storageId();
      store = afterCrash();
      assertEquals(storageId, store.storageId());
      assertEquals(
          new StoredDocument(Optional.ofNullable(snapshot), expected),
          store.load(A).orElseThrow(),
          "round " + round);
      assertEquals(changes(round, 1), store.load(document(100 + round)).orElseThrow().tail());
      assertEquals(Optional.of(Bytes.utf8("" + round)), store.table("t").get("round"));
      assertEquals(2 + round, store.documents().size());
    }
  }

  @Test
  @DisplayName("[DU1] after a crash an unacknowledged append is stored as a whole or not at all")
  void unacknowledgedAppendsAreAtomic() throws Exception {
    await(store.append(A, changes(1, 1)));
    for (var i = 0; i < 40; i++) {
      var _ = store.append(A, changes(10 + i, 3));
    }
    store = afterCrash();
    var tail = withoutDuplicates(store.load(A).orElseThrow().tail());
    assertEquals(0, (tail.size() - 1) % 3, "an append is stored in part");
    var all = new ArrayList<>(changes(1, 1));
    for (var i = 0; i < 40; i++) {
      all.addAll(changes(10 + i, 3));
    }
    assertEquals(
        all.subList(0, tail.size()), tail, "no append is stored without the appends before it");
  }

  @Test
  void duplicateAppendsAreHarmless() throws Exception {
    var changes = changes(5, 4);
    await(store.append(A, changes));
    await(store.append(A, changes.subList(1, 3)));
    await(store.append(A, changes(6, 1)));
    await(store.append(A, changes));
    assertEquals(
        withoutDuplicates(changes, changes(6, 1)),
        withoutDuplicates(store.load(A).orElseThrow().tail()));
    store = afterCrash();
    await(store.append(A, changes));
    assertEquals(
        withoutDuplicates(changes, changes(6, 1)),
        withoutDuplicates(store.load(A).orElseThrow().tail()));
    await(store.compact(A, random(1, 50), hashes(changes)));
    assertEquals(
        changes(6, 1),
        withoutDuplicates(store.load(A).orElseThrow().tail()),
        "covered changes are removed, duplicates included");
  }

  /**
   * The name of a document's commit queue. Futures of one queue complete in the order of the calls.
   * A document and its part of the tables share a queue. A store with one commit thread has one
   * queue for everything.
   */
  protected String commitQueue(DocumentId document) {
    return "everything";
  }

  /** The name of the commit queue of tables that belong to no document. */
  protected String commitQueueOfTables() {
    return "everything";
  }

  @Test
  void futuresCompleteInTheOrderOfTheCalls() throws Exception {
    var completed = new java.util.concurrent.ConcurrentHashMap<String, List<Integer>>();
    var expected = new java.util.HashMap<String, List<Integer>>();
    var all = new ArrayList<CompletableFuture<Void>>();
    for (var i = 0; i < 300; i++) {
      var call = i;
      var document = document(i % 5);
      var commitQueue = i % 7 == 3 ? commitQueueOfTables() : commitQueue(document);
      var done =
          switch (i % 7) {
            case 3 -> store.table("t").put("k", Bytes.utf8("" + i));
            case 5 -> store.tableOf(document, "t").put(document + "/k", Bytes.utf8("" + i));
            default -> store.append(document, changes(i, 1));
          };
      expected.computeIfAbsent(commitQueue, _ -> new ArrayList<>()).add(i);
      completed.computeIfAbsent(
          commitQueue, _ -> java.util.Collections.synchronizedList(new ArrayList<>()));
      all.add(done.thenRun(() -> completed.get(commitQueue).add(call)));
    }
    for (var future : all) {
      await(future);
    }
    assertEquals(expected, completed);
  }

  @Test
  void tablesOfDocumentsKeepTheirRecords() throws Exception {
    for (var document : List.of(A, B)) {
      var table = store.tableOf(document, "authors");
      var key = document + "/x";
      var put = table.put(key, Bytes.utf8("of " + document));
      assertEquals(Optional.of(Bytes.utf8("of " + document)), table.get(key));
      await(put);
      assertFalse(table.putIfAbsent(key, Bytes.utf8("another")).inserted());
    }
    store = afterCrash();
    for (var document : List.of(A, B)) {
      assertEquals(
          java.util.Map.of(document + "/x", Bytes.utf8("of " + document)),
          store.tableOf(document, "authors").withPrefix(document + "/"));
    }
  }

  @Test
  @DisplayName(
      "[AD4] if a change survives a crash, so do the records that were put before it in its document's tables")
  void aRecordIsDurableBeforeLaterChanges() throws Exception {
    for (var round = 0; round < 5; round++) {
      var all = new ArrayList<ChangeRecord>();
      var document = document(500 + round);
      var first = changes(round, 1);
      await(store.append(document, first));
      for (var i = 0; i < 60; i++) {
        var _ = store.tableOf(document, "t").put(document + "/k", Bytes.utf8("" + i));
        var change = changes(1_000 * round + i + 7, 1);
        all.addAll(change);
        var appended = store.append(document, change);
        if (i == 10 * round) {
          await(appended); // so that a part is committed before the crash
        }
      }
      store = afterCrash();
      var tail = new HashSet<>(load(document).tail());
      var record = store.tableOf(document, "t").get(document + "/k");
      var put = record.map(value -> Integer.parseInt(value.toUtf8())).orElse(-1);
      for (var i = 0; i < all.size(); i++) {
        assertTrue(!tail.contains(all.get(i)) || put >= i, "change " + i + ", record " + put);
      }
      assertTrue(put >= 10 * round);
    }
  }

  @Test
  void committedChangesAreVisibleExactlyOnce() throws Exception {
    var running = new java.util.concurrent.atomic.AtomicBoolean(true);
    var all = changes(9, 400);
    await(store.append(A, all.subList(0, 1)));
    var readerStarted = new CompletableFuture<Void>();
    var reader =
        CompletableFuture.supplyAsync(
            () -> {
              var loads = 0;
              while (running.get()) {
                var tail = load(A).tail();
                assertEquals(all.subList(0, tail.size()), tail, "a prefix, each change once");
                loads++;
                readerStarted.complete(null);
              }
              return loads;
            });
    await(readerStarted);
    for (var i = 1; i < all.size(); i++) {
      await(store.append(A, all.subList(i, i + 1)));
      if (i % 10 == 0) {
        assertEquals(i + 1, load(A).tail().size());
      }
      if (i % 50 == 0) {
        await(store.table("t").put("k", Bytes.utf8("" + i)));
      }
    }
    running.set(false);
    assertTrue(reader.get(30, TimeUnit.SECONDS) > 0);
    assertEquals(all, load(A).tail());
  }

  private StoredDocument load(DocumentId document) {
    try {
      return store.load(document).orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The changes without duplicates, each at its first position. */
  @SafeVarargs
  private static List<ChangeRecord> withoutDuplicates(List<ChangeRecord>... runs) {
    var seen = new java.util.LinkedHashSet<ChangeRecord>();
    for (var run : runs) {
      seen.addAll(run);
    }
    return List.copyOf(seen);
  }

  private static void assertFails(CompletableFuture<Void> future) {
    var error = assertThrows(ExecutionException.class, () -> await(future));
    assertInstanceOf(IOException.class, error.getCause());
  }

  protected static void await(CompletableFuture<Void> future) throws Exception {
    try {
      future.get(30, TimeUnit.SECONDS);
    } catch (CompletionException e) {
      throw new ExecutionException(e.getCause());
    }
  }

  protected static DocumentId document(long seed) {
    return DocumentId.of(random(seed, 16));
  }

  /** Random changes; the same seed returns the same changes. */
  protected static List<ChangeRecord> changes(long seed, int count) {
    var random = new Random(seed);
    var changes = new ArrayList<ChangeRecord>();
    for (var i = 0; i < count; i++) {
      var chunk = new byte[60 + random.nextInt(200)];
      random.nextBytes(chunk);
      changes.add(new ChangeRecord(hash(random), Bytes.wrap(chunk)));
    }
    return changes;
  }

  protected static ChangeHash hash(Random random) {
    return new ChangeHash(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  protected static Set<ChangeHash> hashes(List<ChangeRecord> changes) {
    var hashes = new HashSet<ChangeHash>();
    changes.forEach(change -> hashes.add(change.hash()));
    return hashes;
  }

  protected static Bytes random(long seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
