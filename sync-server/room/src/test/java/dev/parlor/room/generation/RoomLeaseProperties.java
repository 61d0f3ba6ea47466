package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The lease of one room on three nodes with random faults. The nodes use the real rule of
 * heartbeats, a copy of the record that lags, and the clock of the test.
 */
class RoomLeaseProperties {
  private static final DocumentId ROOM = DocumentId.of(Bytes.wrap(new byte[16]));
  private static final int LEASE_MILLIS = 1_000;
  private static final int STEP_MILLIS = 10;
  private static final int NODES = 3;

  private enum Fault {
    /** Nothing happens for some time. */
    NONE,
    /** The node neither publishes nor hears heartbeats, and its records lag. */
    CUT,
    /** The node neither publishes nor hears heartbeats. */
    NO_HEARTBEATS,
    /** The records of the node lag. */
    LAG,
    /** The node's process is suspended; its clock goes on. */
    PAUSE,
    /** The node and its clock are suspended. */
    PAUSE_WITH_CLOCK,
    /** The faults of the node end. */
    MEND,
    /** The node grants the next epoch, if it holds the lease. */
    GRANT,
    /** The node releases the lease and takes no more part. A new node takes its place. */
    LEAVE,
    /** The node ends at once. A new node takes its place. */
    KILL
  }

  /**
   * @param steps the time until the next fault, in steps
   */
  record Event(Fault fault, int node, int steps) {}

  /** A node with its faults. */
  private static final class Node extends LeaseNode {
    private final LaggingTable table;
    private boolean lags;
    private boolean isPaused;
    private boolean isClockPaused;
    private long epoch;

    private Node(World world, String name, long clockMillis) {
      this(world, name, clockMillis, new LaggingTable(world.shared));
    }

    private Node(World world, String name, long clockMillis, LaggingTable table) {
      super(world.nodes, table, ROOM, LEASE_MILLIS, name, clockMillis);
      this.table = table;
      lease.begin(0);
    }

    private void step() {
      if (isPaused) {
        now += isClockPaused ? 0 : STEP_MILLIS;
        return;
      }
      if (!lags) {
        table.pass();
      }
      advance(STEP_MILLIS);
    }

    private void mend() {
      lags = false;
      isPaused = false;
      isClockPaused = false;
      member.cut(false);
    }

    @Override
    public void acquired(long lastEpoch) {
      super.acquired(lastEpoch);
      epoch = lastEpoch;
    }
  }

  /** Three nodes and what they share. */
  private static final class World {
    private final LaggingTable.Shared shared = new LaggingTable.Shared();
    private final MemoryNodes nodes = new MemoryNodes();
    private final List<Node> present = new ArrayList<>();

    /** The epochs whose grants a node was told are stored. */
    private final List<Long> granted = new ArrayList<>();

    private int names;
    private int checked;

    private World() {
      for (int i = 0; i < NODES; i++) {
        present.add(newNode());
      }
    }

    /** Clocks of nodes have different offsets. */
    private Node newNode() {
      names++;
      return new Node(this, "node-" + names, 1_000_000L * names);
    }

    private void step(boolean clocksRun) {
      for (Node node : present) {
        node.step();
        if (clocksRun) {
          requireOneHolder();
        }
      }
      requireOneSequence();
    }

    private void requireOneHolder() {
      var holders = present.stream().filter(node -> node.lease.isHeld()).toList();
      assertTrue(
          holders.size() <= 1,
          () ->
              "nodes that hold the lease: " + holders.stream().map(n -> n.member.self()).toList());
    }

    /** Terms and epochs of the shared record only grow, and a grant is of the term's holder. */
    private void requireOneSequence() {
      assertEquals(Set.copyOf(granted).size(), granted.size(), () -> "granted: " + granted);
      for (; checked < shared.values.size(); checked++) {
        var before =
            checked == 0 ? LeaseRecord.NONE : LeaseRecord.of(shared.values.get(checked - 1));
        var after = LeaseRecord.of(shared.values.get(checked));
        var isTaken = after.term() == before.term() + 1;
        assertTrue(
            isTaken || (after.term() == before.term() && !before.isFree()),
            () -> before + " became " + after);
        assertTrue(after.epoch() >= before.epoch(), () -> before + " became " + after);
        if (!isTaken && !after.isFree()) {
          assertEquals(before.node(), after.node());
          assertTrue(after.epoch() > before.epoch(), () -> before + " became " + after);
        }
      }
    }

    private void happen(Event event) {
      var node = present.get(event.node());
      switch (event.fault()) {
        case NONE -> {}
        case CUT -> {
          node.member.cut(true);
          node.lags = true;
        }
        case NO_HEARTBEATS -> node.member.cut(true);
        case LAG -> node.lags = true;
        case PAUSE -> pause(node);
        case PAUSE_WITH_CLOCK -> {
          pause(node);
          node.isClockPaused = true;
        }
        case MEND -> node.mend();
        case GRANT -> grant(node);
        case LEAVE -> {
          if (!node.isPaused) {
            node.stopping = true;
            node.lease.resign();
            node.step();
            node.step();
          }
          replace(event.node());
        }
        case KILL -> replace(event.node());
      }
    }

    /** A suspended process receives nothing; what was sent meanwhile is lost. */
    private void pause(Node node) {
      node.isPaused = true;
      node.lags = true;
      node.member.cut(true);
    }

    private void replace(int index) {
      present.get(index).member.cut(true);
      present.set(index, newNode());
    }

    private void grant(Node node) {
      if (node.isPaused) {
        return;
      }
      var epoch = ++node.epoch;
      var _ = node.lease.grant(epoch).thenRun(() -> granted.add(epoch));
    }
  }

  private static Arbitrary<List<Event>> events(Fault... faults) {
    return Combinators.combine(
            Arbitraries.of(faults),
            Arbitraries.integers().between(0, NODES - 1),
            Arbitraries.oneOf(
                Arbitraries.integers().between(0, 8),
                Arbitraries.integers().between(0, 2 * LEASE_MILLIS / STEP_MILLIS)))
        .as(Event::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Provide
  Arbitrary<List<Event>> withRunningClocks() {
    return events(
        Fault.NONE,
        Fault.CUT,
        Fault.NO_HEARTBEATS,
        Fault.LAG,
        Fault.PAUSE,
        Fault.MEND,
        Fault.MEND,
        Fault.GRANT,
        Fault.GRANT,
        Fault.LEAVE,
        Fault.KILL);
  }

  @Provide
  Arbitrary<List<Event>> withSuspendedClocks() {
    return events(
        Fault.CUT,
        Fault.PAUSE_WITH_CLOCK,
        Fault.MEND,
        Fault.MEND,
        Fault.GRANT,
        Fault.GRANT,
        Fault.GRANT,
        Fault.KILL);
  }

  private static void run(List<Event> events, boolean clocksRun) {
    var world = new World();
    for (Event event : events) {
      world.happen(event);
      for (int i = 0; i <= event.steps(); i++) {
        world.step(clocksRun);
      }
    }
    requireOneNodeInTheEnd(world, clocksRun);
  }

  private static void requireOneNodeInTheEnd(World world, boolean clocksRun) {
    world.present.forEach(Node::mend);
    for (int i = 0; i < 4 * LEASE_MILLIS / STEP_MILLIS; i++) {
      world.step(clocksRun);
    }
    var holders = world.present.stream().filter(node -> node.lease.isHeld()).toList();
    assertEquals(1, holders.size(), "nodes that hold the lease when all faults have ended");
    var grants = world.granted.size();
    world.grant(holders.getFirst());
    world.step(clocksRun);
    world.step(clocksRun);
    assertEquals(grants + 1, world.granted.size(), "its grant is stored");
  }

  @Property(tries = 1_000)
  @Label(
      "at most one of three nodes holds the lease at any moment, whatever is cut, late, suspended or"
          + " ended, and its epochs grow; without faults one node holds it again")
  void oneNodeHoldsTheLease(@ForAll @From("withRunningClocks") List<Event> events) {
    run(events, true);
  }

  @Property(tries = 1_000)
  @Label(
      "each epoch is granted once, by the holder of the stored lease, even if clocks are suspended")
  void eachEpochIsGrantedOnce(@ForAll @From("withSuspendedClocks") List<Event> events) {
    run(events, false);
  }
}
