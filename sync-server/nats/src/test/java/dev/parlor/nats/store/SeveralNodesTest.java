package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.B;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static dev.parlor.nats.store.StoreFixture.hashes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what the stores of two nodes do to each other on one real server. */
class SeveralNodesTest {

  @RegisterExtension static final SharedServer shared = new SharedServer();

  private StoreFixture fixture;
  private NatsChangeStore one;
  private NatsChangeStore two;

  @BeforeEach
  void openStores() throws IOException {
    fixture = shared.fixture();
    one = fixture.node();
    two = fixture.node();
  }

  private static Bytes snapshot(int seed) {
    var bytes = new byte[500];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  @Test
  @DisplayName("a compaction keeps the changes of other nodes that it does not cover")
  void compactionKeepsOtherNodesChanges() throws Exception {
    await(one.append(A, changes(1, 3)));
    await(two.append(A, changes(2, 3)));
    await(one.compact(A, snapshot(1), hashes(changes(1, 3))));
    await(two.append(A, changes(3, 1)));
    var expected = new ArrayList<>(changes(2, 3));
    expected.addAll(changes(3, 1));
    assertEquals(Optional.of(new StoredDocument(Optional.of(snapshot(1)), expected)), two.load(A));
    assertEquals(one.storageId(), two.storageId());
  }

  @Test
  @DisplayName("a node cannot replace a snapshot of another node that it has not loaded")
  void unknownSnapshotIsNotReplaced() throws Exception {
    await(one.append(A, changes(1, 3)));
    assertTrue(two.load(A).isPresent());
    await(one.append(A, changes(2, 2)));
    var all = new ArrayList<>(changes(1, 3));
    all.addAll(changes(2, 2));
    await(one.compact(A, snapshot(1), hashes(all)));
    var refused =
        assertThrows(
            ExecutionException.class,
            () -> await(two.compact(A, snapshot(2), hashes(changes(1, 3)))));
    assertInstanceOf(IOException.class, refused.getCause());
    assertEquals(Optional.of(new StoredDocument(Optional.of(snapshot(1)), List.of())), one.load(A));
    assertEquals(one.load(A), two.load(A));
    await(two.compact(A, snapshot(2), Set.of()));
    assertEquals(Optional.of(snapshot(2)), one.load(A).orElseThrow().snapshot());
  }

  @Test
  @DisplayName("nodes that append, fold, truncate and load at once lose no change")
  void nothingIsLostByFoldsAndTruncations() throws Exception {
    var documents = new ArrayList<DocumentId>();
    for (var i = 0; i < 6; i++) {
      documents.add(DocumentId.of(Bytes.utf8("document " + i)));
    }
    var acknowledged = new HashMap<DocumentId, Set<ChangeRecord>>();
    var running = new AtomicBoolean(true);
    var truncations =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                var count = 0;
                while (running.get()) {
                  two.truncate(2_000);
                  for (var document : documents) {
                    var _ = two.load(document);
                  }
                  count++;
                }
                return count;
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    for (var round = 0; round < 60 || (round < 5_000 && !isTruncated()); round++) {
      var appends = new ArrayList<CompletableFuture<Void>>();
      for (var document : documents) {
        var changes = changes(round * 31L + document.hashCode(), 2);
        appends.add(one.append(document, changes));
        acknowledged.computeIfAbsent(document, _ -> new HashSet<>()).addAll(changes);
      }
      for (var append : appends) {
        await(append);
      }
    }
    running.set(false);
    assertTrue(truncations.get(30, TimeUnit.SECONDS) > 0);
    var fresh = fixture.node();
    for (var document : documents) {
      assertEquals(
          acknowledged.get(document), new HashSet<>(fresh.load(document).orElseThrow().tail()));
    }
    assertEquals(Set.copyOf(documents), fresh.documents());
    assertTrue(isTruncated());
  }

  private boolean isTruncated() throws IOException {
    for (var shard = 0; shard < 2; shard++) {
      var state =
          ClusterStreams.info(fixture.operator, fixture.settings.names().log(shard))
              .orElseThrow()
              .getStreamState();
      if (state.getFirstSequence() > 20) {
        return true;
      }
    }
    return false;
  }

  @Test
  @DisplayName("the parts of a dead writer are ignored and do not stop a truncation")
  void partsOfADeadWriter() throws Exception {
    var subject = fixture.log(A);
    var parts = EntryParts.split(Bytes.wrap(new byte[1_000]), Bytes.wrap(new byte[16]), 400);
    await(one.append(A, changes(1, 1)));
    var _ = fixture.operator.publish(subject, parts.get(0));
    var _ = fixture.operator.publish(subject, parts.get(1));
    assertEquals(changes(1, 1), two.load(A).orElseThrow().tail());
    assertFalse(two.fold(A), "the parts could still be continued");
    assertEquals(changes(1, 1), one.load(A).orElseThrow().tail());
    two.truncate(0);
    assertEquals(1, messages(A), "only the message is left that ended the parts");
    assertEquals(changes(1, 1), one.load(A).orElseThrow().tail());
    await(one.append(A, changes(2, 1)));
    assertEquals(2, two.load(A).orElseThrow().tail().size());
  }

  private long messages(DocumentId document) throws IOException {
    return ClusterStreams.info(fixture.operator, fixture.logStream(document))
        .orElseThrow()
        .getStreamState()
        .getMsgCount();
  }

  @Test
  @DisplayName("a damaged entry is set aside and named, and the document opens without it")
  void damagedEntryIsSetAside() throws Exception {
    await(one.append(A, changes(1, 2)));
    var stored =
        fixture.operator.last(fixture.logStream(A), fixture.log(A)).orElseThrow().data().toArray();
    stored[stored.length / 2] ^= 1;
    var damagedAt = fixture.operator.publish(fixture.log(A), stored);
    await(one.append(A, changes(2, 1)));
    var expected = new ArrayList<>(changes(1, 2));
    expected.addAll(changes(2, 1));
    assertEquals(expected, two.load(A).orElseThrow().tail());
    assertEquals(expected, two.load(A).orElseThrow().tail());
    assertEquals(Set.of(A + "@" + damagedAt), two.unreadableEntries());
    assertTrue(
        fixture
            .operator
            .last(fixture.settings.names().unreadable(), fixture.settings.names().unreadable(A))
            .isPresent(),
        "an operator finds the entry");
  }

  @Test
  @DisplayName("an entry that the network repeats later does not put back an old record")
  void repeatedEntryChangesNoRecord() throws Exception {
    var table = one.tableOf(A, "authors");
    await(table.put(A + "/x", Bytes.utf8("old")));
    var old = fixture.operator.last(fixture.logStream(A), fixture.log(A)).orElseThrow();
    await(table.put(A + "/x", Bytes.utf8("new")));
    var _ = fixture.operator.publish(fixture.log(A), old.data().toArray());
    assertEquals(Optional.of(Bytes.utf8("new")), two.tableOf(A, "authors").get(A + "/x"));
    assertTrue(two.fold(A));
    var _ = fixture.operator.publish(fixture.log(A), old.data().toArray());
    var third = fixture.node();
    assertEquals(Optional.of(Bytes.utf8("new")), third.tableOf(A, "authors").get(A + "/x"));
    assertFalse(third.contains(A), "a document with records only is not stored");
    assertEquals(Set.of(), third.documents());
  }

  @Test
  @DisplayName("of two nodes that insert a record at once one succeeds and both learn its value")
  void insertionSucceedsOnce() throws Exception {
    for (var round = 0; round < 30; round++) {
      var key = "k" + round;
      var start = new CountDownLatch(1);
      var commits = new ArrayList<CompletableFuture<Boolean>>();
      for (var store : List.of(one, two)) {
        var value = Bytes.utf8(store == one ? "one" : "two");
        commits.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    start.await();
                    var put = store.table("links").putIfAbsent(key, value);
                    await(put.committed());
                    return put.inserted();
                  } catch (ExecutionException e) {
                    assertInstanceOf(IOException.class, e.getCause());
                    return false;
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      start.countDown();
      var first = await(commits.get(0));
      var second = await(commits.get(1));
      assertTrue(first ^ second, "round " + round);
      var winner = Optional.of(Bytes.utf8(first ? "one" : "two"));
      assertEquals(winner, (first ? two : one).table("links").get(key), "the loser knows it");
      assertEquals(winner, (first ? one : two).table("links").get(key));
    }
  }

  @Test
  @DisplayName("a record that one node writes appears at the other node")
  void recordsAppearElsewhere() throws Exception {
    await(one.table("rooms").put("slug.with *> odd/characters", Bytes.utf8("x")));
    awaitRecord("slug.with *> odd/characters", Optional.of(Bytes.utf8("x")));
    await(one.table("rooms").remove("slug.with *> odd/characters"));
    awaitRecord("slug.with *> odd/characters", Optional.empty());
    await(one.table("rooms").put("", Bytes.EMPTY));
    awaitRecord("", Optional.of(Bytes.EMPTY));
    assertEquals(
        Set.of(""),
        fixture.node().table("rooms").withPrefix("").keySet(),
        "a later node reads them");
  }

  @Test
  @DisplayName(
      "records that another node wrote while the connection was broken appear, although own writes come first")
  void recordsOfABrokenConnection() throws Exception {
    try (var line = new CuttableLine(shared.server().address())) {
      var through =
          new ClusterSettings(
              List.of(line.url()),
              Optional.empty(),
              fixture.settings.names(),
              StoreFixture.impatient(fixture.settings, 300).limits());
      try (var cutOff = NatsChangeStore.open(through, new SecureRandom())) {
        for (var round = 0; round < 5; round++) {
          line.cut();
          var key = "foreign " + round;
          await(one.table("rooms").put(key, Bytes.utf8("x")));
          var own = new ArrayList<CompletableFuture<Void>>();
          for (var i = 0; i < 200; i++) {
            own.add(cutOff.table("rooms").put("own " + i, Bytes.utf8("" + round)));
          }
          line.mend();
          for (var put : own) {
            await(put);
          }
          awaitRecord(cutOff, key, Optional.of(Bytes.utf8("x")));
        }
      }
    }
  }

  private void awaitRecord(String key, Optional<Bytes> expected) {
    awaitRecord(two, key, expected);
  }

  private static void awaitRecord(NatsChangeStore store, String key, Optional<Bytes> expected) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!store.table("rooms").get(key).equals(expected)) {
      assertTrue(System.nanoTime() - end < 0, "not within 20 s");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  @DisplayName("entries in parts stay whole while another node writes the same document")
  void partsBetweenOtherEntries() throws Exception {
    var large = new byte[3 << 20];
    new Random(1).nextBytes(large);
    var change = new ChangeRecord(changes(99, 1).getFirst().hash(), Bytes.wrap(large));
    var expected = new HashSet<ChangeRecord>();
    var disturbing = new AtomicBoolean(true);
    var disturber =
        CompletableFuture.supplyAsync(
            () -> {
              var written = new ArrayList<ChangeRecord>();
              try {
                for (var i = 0; i < 20 && disturbing.get(); i++) {
                  await(two.append(B, changes(i, 1)));
                  written.addAll(changes(i, 1));
                }
                return written;
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await(one.append(B, List.of(change)));
    disturbing.set(false);
    expected.add(change);
    expected.addAll(await(disturber));
    assertEquals(expected, new HashSet<>(fixture.node().load(B).orElseThrow().tail()));
  }
}
