package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leases of two nodes on one room, with manual clocks. */
class RoomLeaseTest {
  private static final DocumentId ROOM = DocumentId.of(Bytes.wrap(new byte[16]));
  private static final int LEASE = 1_000;

  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("shared"));

  /** A node with its own clock and its lease on the room. */
  private final class Node implements RoomScope, RoomLease.Holder {
    private record Task(long at, long order, Runnable run) {}

    final PartitionableStore way = new PartitionableStore(store);
    final RoomLease lease;
    final List<String> told = new ArrayList<>();
    private final PriorityQueue<Task> tasks =
        new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
    private long now;
    private long order;

    /**
     * @param clock the offset of the node's clock
     */
    Node(String name, long clock) {
      now = clock;
      lease =
          new RoomLease(new RoomLease.Terms(way.table("leases"), name, LEASE), ROOM, this, this);
    }

    Node begin() {
      lease.begin(0);
      pass(0);
      return this;
    }

    void pass(long millis) {
      long until = now + millis;
      for (Task next = tasks.peek(); next != null && next.at() <= until; next = tasks.peek()) {
        tasks.remove(next);
        now = next.at();
        next.run().run();
      }
      now = until;
    }

    @Override
    public void held(long epoch) {
      told.add("held " + epoch);
    }

    @Override
    public void lost() {
      told.add("lost");
    }

    @Override
    public void waited() {}

    @Override
    public void later(Runnable task) {
      after(0, task);
    }

    @Override
    public void after(long millis, Runnable task) {
      tasks.add(new Task(now + millis, order++, task));
    }

    @Override
    public long now() {
      return now;
    }

    @Override
    public RoomReading reading() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Value> conflicts(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> write(List<Edit> edits) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void publish(String event, Map<String, Object> data) {}

    @Override
    public void broadcast(Bytes cborData) {}
  }

  private LeaseRecord stored() {
    return LeaseRecord.of(store.table("leases").get(ROOM.value()).orElse(null));
  }

  private static void isLost(CompletableFuture<Void> grant) {
    var error = assertThrows(ExecutionException.class, grant::get);
    assertInstanceOf(RoomLease.LostException.class, error.getCause());
  }

  @DisplayName("a node holds the lease as long as it renews it, whatever the clocks' offsets")
  @Test
  void renewedLeaseIsHeldDespiteClockOffsets() {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 1_000_000_000).begin();
    for (int i = 0; i < 100; i++) {
      one.pass(100);
      two.pass(100);
    }
    assertEquals(List.of("held 0"), one.told);
    assertEquals(List.of(), two.told);
    assertEquals(1, stored().term());
  }

  @DisplayName("a disconnected node releases its lease before another node takes over")
  @Test
  void disconnectedNodeReleasesBeforeAnotherTakesOver() throws Exception {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 50_000).begin();
    one.lease.grant(1).get();
    one.pass(0);
    one.way.cut(true);
    long lostAt = -1;
    for (int at = 0; at < 3 * LEASE && two.told.isEmpty(); at += 10) {
      one.pass(10);
      two.pass(10);
      lostAt = lostAt < 0 && !one.lease.isHeld() ? at : lostAt;
      assertFalse(one.lease.isHeld() && two.lease.isHeld(), "two at a time");
    }
    assertTrue(lostAt >= 0);
    assertEquals(List.of("held 0", "lost"), one.told);
    assertEquals(List.of("held 1"), two.told, "it goes on after the last epoch");
    assertEquals(2, stored().term());
    one.way.cut(false);
    one.pass(10);
    isLost(one.lease.grant(2));
    two.lease.grant(2).get();
    assertEquals(2, stored().epoch());
  }

  @DisplayName("a node that was suspended beyond its lease grants nothing")
  @Test
  void suspendedNodeGrantsNothingAfterItsLease() throws Exception {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 0).begin();
    one.lease.grant(1).get();
    two.pass(2 * LEASE); // the node does not notice: its process and its clock were suspended
    assertEquals(List.of("held 1"), two.told);
    assertTrue(one.lease.isHeld(), "by its own clock");
    isLost(one.lease.grant(2));
    assertEquals(1, stored().epoch(), "a grant of an old holder changes nothing");
    two.lease.grant(2).get();
    isLost(one.lease.grant(3));
    assertEquals(2, stored().epoch());
    one.pass(LEASE);
    assertEquals(List.of("held 0", "lost"), one.told);
  }

  @DisplayName("an epoch is granted once")
  @Test
  void epochIsGrantedOnce() throws Exception {
    Node one = new Node("one", 0).begin();
    one.lease.grant(1).get();
    isLost(one.lease.grant(1));
    one.lease.grant(2).get();
  }

  @DisplayName("closing a node's lease lets another node take it at once")
  @Test
  void closingReleasesTheLeaseAtOnce() {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 0).begin();
    one.lease.close();
    two.pass(LEASE / 4);
    assertEquals(List.of("held 0"), two.told);
    one.pass(10 * LEASE);
    assertEquals(List.of("held 0"), one.told, "it looks no more");
  }

  @DisplayName("one failed renewal does not lose the lease")
  @Test
  void oneFailedRenewalKeepsTheLease() {
    Node one = new Node("one", 0).begin();
    store.failCommits(new java.io.IOException("no space"));
    one.pass(LEASE / 2);
    store.failCommits(null);
    one.pass(10 * LEASE);
    assertEquals(List.of("held 0"), one.told);
  }

  @DisplayName("a request ends once")
  @Test
  void requestEndsOnce() throws Exception {
    var first = new Ledger(store);
    var second = new Ledger(store);
    var lock = new Lock("r-1", "ada", 1, "why", List.of(), 0);
    var running = RunRecord.refused(lock, "stub", "stale", 0, 1);
    first.sealOnce(ROOM, List.of(running)).get();
    first.sealOnce(ROOM, List.of(running)).get();
    isLost(second.sealOnce(ROOM, List.of(RunRecord.refused(lock, "stub", "lost-to r-2", 0, 2))));
    second.keep(ROOM, RunRecord.refused(lock, "stub", "a late write", 0, 3)).get();
    assertEquals(Optional.of(running), first.record(ROOM, "r-1"));
    assertEquals(List.of(running), second.records(ROOM));
    assertEquals(Status.REFUSED, running.status());
  }
}
