package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Result.Status;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leases of two nodes on one room, with manual clocks. */
class RoomLeaseTest {
  private static final DocumentId ROOM = DocumentId.of(Bytes.wrap(new byte[16]));
  private static final int LEASE_MILLIS = 1_000;

  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("shared"));
  private final MemoryNodes nodes = new MemoryNodes();

  /** A node whose connections to the records and to the other nodes can be cut. */
  private final class Node extends LeaseNode {
    final PartitionableStore connection;

    /**
     * @param clockMillis the start of the node's clock
     */
    Node(String name, long clockMillis) {
      this(name, clockMillis, new PartitionableStore(store));
    }

    private Node(String name, long clockMillis, PartitionableStore connection) {
      super(nodes, connection.table("leases"), ROOM, LEASE_MILLIS, name, clockMillis);
      this.connection = connection;
    }

    void cut(boolean isCut) {
      connection.cut(isCut);
      member.cut(isCut);
    }

    Node begin() {
      lease.begin(0);
      advance(0);
      return this;
    }
  }

  private LeaseRecord stored() {
    return LeaseRecord.of(store.table("leases").get(ROOM.value()).orElse(null));
  }

  private static void assertLost(CompletableFuture<Void> grant) {
    var error = assertThrows(ExecutionException.class, grant::get);
    assertInstanceOf(RoomLease.LostException.class, error.getCause());
  }

  @DisplayName(
      "a node keeps the lease without writing it while it beats, whatever the offset of the clocks")
  @Test
  void leaseOfALiveNodeIsHeldWithoutWrites() {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 1_000_000_000).begin();
    for (int i = 0; i < 100; i++) {
      one.advance(100);
      two.advance(100);
    }
    assertEquals(List.of("acquired 0"), one.events);
    assertEquals(List.of(), two.events);
    assertTrue(one.lease.isHeld());
    assertEquals(new LeaseRecord(1, 0, 0, "one"), stored());
  }

  @DisplayName("a disconnected node gives up its lease before another node takes over")
  @Test
  void disconnectedNodeGivesUpBeforeAnotherTakesOver() throws Exception {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 50_000).begin();
    one.lease.grant(1).get();
    one.advance(0);
    one.cut(true);
    long lostAt = -1;
    for (int at = 0; at < 3 * LEASE_MILLIS && two.events.isEmpty(); at += 10) {
      one.advance(10);
      two.advance(10);
      lostAt = lostAt < 0 && !one.lease.isHeld() ? at : lostAt;
      assertFalse(one.lease.isHeld() && two.lease.isHeld(), "both nodes hold the lease");
    }
    assertTrue(lostAt >= 0);
    assertEquals(List.of("acquired 0", "lost"), one.events);
    assertEquals(List.of("acquired 1"), two.events, "the epochs continue");
    assertEquals(2, stored().term());
    assertEquals(List.of(0, 1), List.of(one.counts.held(), two.counts.held()));
    assertEquals(List.of(0L, 1L), List.of(one.counts.takeovers(), two.counts.takeovers()));
    one.cut(false);
    one.advance(10);
    assertLost(one.lease.grant(2));
    two.lease.grant(2).get();
    assertEquals(2, stored().epoch());
  }

  @DisplayName(
      "a node that is back keeps the lease that it takes, although another node has not heard it yet")
  @Test
  void nodeThatIsBackKeepsItsNewLease() {
    Node back = new Node("back", 0);
    Node holder = new Node("holder", 0).begin();
    Node late = new Node("late", 0).begin();
    back.cut(true);
    for (int i = 0; i < 20; i++) {
      holder.advance(LEASE_MILLIS / 10);
      late.advance(LEASE_MILLIS / 10);
    }
    assertTrue(late.member.isGone("back"));
    holder.lease.close();
    late.member.cut(true); // it hears no heartbeat, but is still alive
    back.cut(false);
    back.now = late.now;
    back.member.beat();
    back.begin();
    assertTrue(back.lease.isHeld());
    late.member.cut(false);
    late.lease.check();
    late.advance(0);
    assertEquals(List.of(), late.events);
    assertTrue(back.lease.isHeld());
    assertEquals("back", stored().node());
  }

  @DisplayName("a node that was suspended for longer than its lease grants nothing")
  @Test
  void suspendedNodeGrantsNothingAfterItsLease() throws Exception {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 0).begin();
    one.lease.grant(1).get();
    two.advance(2 * LEASE_MILLIS); // node one and its clock are suspended
    assertEquals(List.of("acquired 1"), two.events);
    assertTrue(one.lease.isHeld(), "its own clock has not advanced");
    assertLost(one.lease.grant(2));
    assertEquals(1, stored().epoch(), "a grant of an old holder changes nothing");
    two.lease.grant(2).get();
    assertLost(one.lease.grant(3));
    assertEquals(2, stored().epoch());
    one.advance(LEASE_MILLIS);
    assertEquals(List.of("acquired 0", "lost"), one.events);
  }

  @DisplayName("an epoch cannot be granted twice")
  @Test
  void epochIsGrantedOnce() throws Exception {
    Node one = new Node("one", 0).begin();
    one.lease.grant(1).get();
    assertLost(one.lease.grant(1));
    one.lease.grant(2).get();
  }

  @DisplayName("a closed lease is acquired by another node at its next check")
  @Test
  void closingReleasesTheLeaseAtOnce() {
    Node one = new Node("one", 0).begin();
    Node two = new Node("two", 0).begin();
    one.lease.close();
    assertEquals(0, one.counts.held());
    two.advance(LEASE_MILLIS / 4);
    assertEquals(List.of("acquired 0"), two.events);
    assertEquals(1, two.counts.held());
    assertEquals(0, two.counts.takeovers(), "the lease was free");
    one.advance(10 * LEASE_MILLIS);
    assertEquals(List.of("acquired 0"), one.events, "a closed lease makes no checks");
  }

  @DisplayName(
      "a node that was cut off for a lease time takes the lease again, even if nobody took it")
  @Test
  void cutOffNodeTakesTheLeaseAgain() throws Exception {
    Node one = new Node("one", 0).begin();
    one.lease.grant(1).get();
    one.member.cut(true);
    one.advance(LEASE_MILLIS);
    assertFalse(one.lease.isHeld());
    one.member.cut(false);
    one.advance(LEASE_MILLIS);
    assertEquals(List.of("acquired 0", "lost", "acquired 1"), one.events);
    assertEquals(2, stored().term());
  }

  @DisplayName(
      "a lease that was lost without a check between is not held when the node beats again")
  @Test
  void leaseIsNotHeldAcrossAGap() throws Exception {
    Node one = new Node("one", 0).begin();
    one.member.cut(true);
    one.now += LEASE_MILLIS; // the room's thread does not run
    one.member.cut(false);
    one.member.beat();
    assertTrue(one.member.isSelfAlive());
    assertFalse(one.lease.isHeld());
    assertLost(one.lease.grant(1));
    assertEquals(0, stored().epoch());
  }

  @DisplayName("a room that closes while the lease is being taken leaves it free")
  @Test
  void closingWhileTakingLeavesTheLeaseFree() {
    Node one = new Node("one", 0);
    one.lease.begin(0); // the commit is not yet handled
    one.lease.close();
    one.advance(LEASE_MILLIS);
    assertTrue(stored().isFree());
    assertEquals(List.of(), one.events);
    Node two = new Node("two", 0).begin();
    assertEquals(List.of("acquired 0"), two.events);
  }

  @DisplayName("a lease that cannot be released when the room closes is noted and released later")
  @Test
  void failedReleaseIsRepeated() throws Exception {
    Node one = new Node("one", 0).begin();
    one.connection.cut(true);
    one.lease.close();
    assertEquals(Set.of(ROOM), one.unreleased);
    one.connection.cut(false);
    assertFalse(stored().isFree());
    RoomLease.releaseIfOwn(
            new RoomLease.Settings(
                store.table("leases"),
                one.member,
                LEASE_MILLIS,
                one.unreleased,
                () -> true,
                one.counts),
            ROOM)
        .get();
    assertTrue(stored().isFree());
  }

  @DisplayName("a node that resigns releases the lease at once and takes it no more")
  @Test
  void resigningReleasesTheLease() {
    Node one = new Node("one", 0).begin();
    one.stopping = true;
    one.lease.resign();
    assertEquals(List.of("acquired 0", "lost"), one.events);
    assertTrue(stored().isFree());
    one.advance(10 * LEASE_MILLIS);
    assertTrue(stored().isFree());
    assertEquals(List.of("acquired 0", "lost"), one.events);
  }

  @DisplayName("a grant that the store refuses does not count, and the next grant is stored")
  @Test
  void refusedGrantDoesNotCount() throws Exception {
    Node one = new Node("one", 0).begin();
    store.failCommits(new java.io.IOException("no space"));
    var grant = one.lease.grant(1);
    assertThrows(ExecutionException.class, grant::get);
    store.failCommits(null);
    one.lease.grant(2).get();
    assertEquals(2, stored().epoch());
  }

  @DisplayName("the first final record of a request counts, and another node cannot replace it")
  @Test
  void firstFinalRecordCounts() throws Exception {
    var first = new Ledger(store);
    var second = new Ledger(store);
    var lock = new Lock("r-1", "ada", 1, "why", List.of(), 0);
    var stored = RunRecord.refused(lock, "stub", "stale", 0, 1);
    first.storeFinalOnce(ROOM, List.of(stored), true).get();
    first.storeFinalOnce(ROOM, List.of(stored), true).get();
    assertLost(
        second.storeFinalOnce(
            ROOM, List.of(RunRecord.refused(lock, "stub", "invalid: x", 0, 2)), true));
    second.storeRecord(ROOM, RunRecord.refused(lock, "stub", "a late write", 0, 3)).get();
    assertEquals(Optional.of(stored), first.record(ROOM, "r-1"));
    assertEquals(List.of(stored), second.records(ROOM));
    assertEquals(Status.REFUSED, stored.status());
  }
}
