package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A node with its own clock, its heartbeats and its lease on one room. Used by one thread. */
class LeaseNode implements RoomScope, RoomLease.Listener {
  private record Task(long at, long order, Runnable run) {}

  private static final int BEATS_PER_LEASE = 8;

  final RoomLease lease;
  final MemoryNodes.Member member;
  final Set<DocumentId> unreleased = new HashSet<>();
  final List<String> events = new ArrayList<>();
  final LeaseCounts counts = new LeaseCounts();
  boolean stopping;

  /** This node's clock in milliseconds. */
  long now;

  private final int leaseMillis;
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private long order;

  /**
   * @param table has the record of the lease
   * @param clockMillis the start of the node's clock
   */
  LeaseNode(
      MemoryNodes nodes,
      RecordTable table,
      DocumentId room,
      int leaseMillis,
      String name,
      long clockMillis) {
    this.leaseMillis = leaseMillis;
    now = clockMillis;
    member = nodes.member(name, leaseMillis, () -> now);
    beatRegularly();
    lease =
        new RoomLease(
            new RoomLease.Settings(table, member, leaseMillis, unreleased, () -> stopping, counts),
            room,
            this,
            this);
  }

  private void beatRegularly() {
    member.beat();
    after(leaseMillis / BEATS_PER_LEASE, this::beatRegularly);
  }

  /** Lets the clock advance, and runs the tasks that become due at their times. */
  final void advance(long millis) {
    long until = now + millis;
    for (Task next = tasks.peek(); next != null && next.at() <= until; next = tasks.peek()) {
      tasks.remove(next);
      now = Math.max(now, next.at());
      next.run().run();
    }
    now = until;
  }

  @Override
  public void acquired(long epoch) {
    events.add("acquired " + epoch);
  }

  @Override
  public void lost() {
    events.add("lost");
  }

  @Override
  public void checkedAsFollower() {}

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
  public Optional<String> objectAt(Path path) {
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
