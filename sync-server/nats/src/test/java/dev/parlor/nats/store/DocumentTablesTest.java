package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.B;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the tables of documents on the stores of two nodes, on one real server. */
class DocumentTablesTest {

  private static final String KEY = A + "/request";

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

  private static Optional<Bytes> text(String text) {
    return Optional.of(Bytes.utf8(text));
  }

  private static void assertConflict(CompletableFuture<Void> committed) {
    var problem = assertThrows(ExecutionException.class, () -> await(committed));
    assertEquals(
        ClusterException.Kind.CONFLICT,
        assertInstanceOf(ClusterException.class, problem.getCause()).kind());
  }

  @Test
  @DisplayName("after a refresh a document's tables show what another node wrote")
  void refreshShowsOtherNodes() throws Exception {
    var mine = one.tableOf(A, "generations");
    var other = two.tableOf(A, "generations");
    assertEquals(Optional.empty(), other.get(KEY));
    await(mine.put(KEY, Bytes.utf8("1")));
    await(two.refresh(A));
    assertEquals(text("1"), other.get(KEY));
    await(mine.remove(KEY));
    await(one.append(A, changes(1, 2)));
    await(two.refresh(A));
    await(two.refresh(A));
    assertEquals(Optional.empty(), other.get(KEY));
    await(two.refresh(B));
  }

  @Test
  @DisplayName("a refresh finds records that were folded and truncated meanwhile")
  void refreshAfterTruncation() throws Exception {
    var other = two.tableOf(A, "generations");
    assertEquals(Optional.empty(), other.get(KEY));
    for (var round = 0; round < 3; round++) {
      await(one.tableOf(A, "generations").put(KEY, Bytes.utf8("" + round)));
      one.truncate(0);
      await(two.refresh(A));
      assertEquals(text("" + round), other.get(KEY));
    }
  }

  @Test
  @DisplayName("a conditional write that another node was faster with fails, and the value is seen")
  void fasterNodeWins() throws Exception {
    var mine = one.tableOf(A, "leases");
    var other = two.tableOf(A, "leases");
    assertEquals(mine.get(KEY), other.get(KEY));
    await(mine.putIfAbsent(KEY, Bytes.utf8("one")).committed());
    var late = other.putIfAbsent(KEY, Bytes.utf8("two"));
    assertTrue(late.inserted(), "this node knows nothing of the other's record yet");
    var behind = two.append(A, changes(1, 1));
    assertConflict(late.committed());
    await(behind);
    assertEquals(text("one"), other.get(KEY));
    assertEquals(changes(1, 1), one.load(A).orElseThrow().tail(), "a change behind it is stored");

    await(other.replace(KEY, text("one"), Bytes.utf8("two")).committed());
    assertConflict(mine.replace(KEY, text("one"), Bytes.utf8("three")).committed());
    assertEquals(text("two"), mine.get(KEY));
    assertEquals(text("two"), fixture.node().tableOf(A, "leases").get(KEY));
  }

  @Test
  @DisplayName("of the conditional writes of two nodes, one for each value succeeds")
  void compareAndSetAcrossNodes() throws Exception {
    var stores = List.of(one, two);
    var won = new AtomicInteger();
    var nodes = new ArrayList<CompletableFuture<Void>>();
    for (var store : stores) {
      nodes.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  countUp(store, won);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    for (var node : nodes) {
      node.get(60, TimeUnit.SECONDS);
    }
    for (var store : stores) {
      await(store.refresh(A));
      assertEquals(text("" + won.get()), store.tableOf(A, "counters").get(KEY));
    }
    assertTrue(won.get() >= 50, "won: " + won);
  }

  /** Replaces the counter 50 times by the next number, whether or not that succeeds. */
  private static void countUp(NatsChangeStore store, AtomicInteger won) throws Exception {
    var table = store.tableOf(A, "counters");
    for (var i = 0; i < 50; i++) {
      var before = table.get(KEY);
      var next = before.map(bytes -> Integer.parseInt(bytes.toUtf8()) + 1).orElse(1);
      try {
        await(table.replace(KEY, before, Bytes.utf8("" + next)).committed());
        won.incrementAndGet();
      } catch (ExecutionException e) {
        assertConflict(CompletableFuture.failedFuture(e.getCause()));
      }
      if (i % 10 == 0) {
        store.truncate(0);
      }
    }
  }

  @Test
  @DisplayName("two nodes that write different records of a document lose none")
  void interleavedWrites() throws Exception {
    RecordTable mine = one.tableOf(A, "generations");
    RecordTable other = two.tableOf(A, "generations");
    var expected = Set.of(A + "/1", A + "/2", A + "/3", A + "/4");
    await(mine.put(A + "/1", Bytes.EMPTY));
    await(other.put(A + "/2", Bytes.EMPTY));
    await(mine.put(A + "/3", Bytes.EMPTY));
    await(other.put(A + "/4", Bytes.EMPTY));
    await(one.refresh(A));
    await(two.refresh(A));
    assertEquals(expected, mine.withPrefix(A + "/").keySet());
    assertEquals(expected, other.withPrefix(A + "/").keySet());
  }

  @Test
  @DisplayName("the tombstones of one node appear at the other at once and in its list")
  void listedTables() throws Exception {
    var heard = new LinkedBlockingQueue<String>();
    two.tableOf(A, "tombstones").watch(heard::add);
    var write = one.tableOf(A, "tombstones").replace(A.value(), Optional.empty(), Bytes.EMPTY);
    await(write.committed());
    assertEquals(A.value(), heard.poll(20, TimeUnit.SECONDS));
    assertEquals(Optional.of(Bytes.EMPTY), two.tableOf(A, "tombstones").get(A.value()));
    assertEquals(Set.of(A.value()), two.partsOf("tombstones").getFirst().withPrefix("").keySet());
    assertFalse(two.contains(A));
  }
}
