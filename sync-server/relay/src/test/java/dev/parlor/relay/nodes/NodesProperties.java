package dev.parlor.relay.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.config.Limits;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Several relays serve one document. These laws hold for any behavior of the bus between them. */
class NodesProperties {

  /** Limits so small that each answer consists of several messages. */
  private static final Limits SMALL = Limits.defaults().with(new Limits.Nodes(400, 250, 10_000));

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[DU1] after a partition all nodes have equal heads and documents, and at any time each"
          + " acknowledged change is on the disk of the acknowledging node and is never lost")
  void nodesConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 3) int nodes,
      @ForAll boolean oneLog,
      @ForAll boolean bad,
      @ForAll @IntRange(min = 10, max = 120) int steps)
      throws Exception {
    var faults = bad ? MemoryNodes.BusFaults.MANY : MemoryNodes.BusFaults.NONE;
    try (var world = new NodesWorld(seed, nodes, oneLog, faults, SMALL)) {
      for (var i = 0; i < nodes; i++) {
        world.client(i);
      }
      for (var i = 0; i < steps; i++) {
        world.step();
      }
      world.settle();
      world.check();
    }
  }

  @Example
  @Label("a change that a node published before it died reaches every node")
  void framesOfADeadNodeReachAllNodes() throws Exception {
    try (var world = new NodesWorld(7, 3, false, MemoryNodes.BusFaults.NONE, Limits.defaults())) {
      var ada = world.client(0);
      world.client(1);
      world.quiet();
      var hash = ada.edit(new Edit.Put(Path.of("a"), new Value.Int(1)));
      ada.read();
      ada.read();
      world.node(0).rest();
      world.crash(0);
      world.clients.remove(ada);
      ada.close();
      var late = world.client(2);
      world.settle();
      assertTrue(world.bus.lateOfTheDead() > 0, "no frame of the dead node arrived late");
      assertTrue(late.graph.contains(hash), "a client that connected later has the change");
      world.check();
    }
  }

  @Example
  @Label("[DU1] an append that reaches a shared log after its process died was not acknowledged")
  void aLateAppendOfADeadProcessIsNotAcknowledged() throws Exception {
    // The convergence law above found this seed when it still required the log to hold only changes
    // that the documents' workers know.
    try (var world = new NodesWorld(16770, 2, true, MemoryNodes.BusFaults.MANY, SMALL)) {
      world.client(0);
      world.client(1);
      for (var i = 0; i < 69; i++) {
        world.step();
      }
      world.settle();
      world.check();
      assertTrue(world.unknownToWorkers() > 0, "no append landed late with this seed");
    }
  }

  @Example
  @Label(
      "after a partition with 300 changes on each side the nodes converge in at most 12 messages")
  void aLongPartitionIsRepairedInFewMessages() throws Exception {
    try (var world = new NodesWorld(7, 2, false, MemoryNodes.BusFaults.NONE, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.quiet();
      world.bus.part(1, 1);
      for (var i = 0; i < 300; i++) {
        ada.edit(new Edit.Put(Path.of("a"), new Value.Int(i)));
        bob.edit(new Edit.Put(Path.of("b"), new Value.Int(i)));
      }
      world.quiet();
      assertEquals(301, ada.graph.size());
      assertEquals(301, bob.graph.size());
      var before = world.bus.published();
      world.heal();
      world.quiet();
      assertEquals(601, ada.graph.size());
      world.check();
      var messages = world.bus.published() - before;
      assertTrue(messages <= 12, messages + " messages between nodes to repair one partition");
    }
  }

  @Example
  @Label("[DU1] a node does not acknowledge a change that only another node has committed")
  void aNodeAcknowledgesOnlyItsOwnCommits() throws Exception {
    try (var world = new NodesWorld(7, 2, false, MemoryNodes.BusFaults.NONE, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      world.holdCommits(0);
      var hash = ada.edit(new Edit.Put(Path.of("a"), new Value.Int(1)));
      world.quiet();
      assertTrue(bob.graph.contains(hash), "the other node has the change, also on its disk");
      assertTrue(world.node(1).onDisk().contains(hash));
      assertFalse(ada.acknowledged.contains(hash));
      world.releaseCommits(0);
      world.quiet();
      assertTrue(ada.acknowledged.contains(hash));
    }
  }

  @Example
  @Label("an edit costs one message between the nodes: the receiving nodes publish nothing")
  void anEditCostsOneMessage() throws Exception {
    try (var world = new NodesWorld(7, 3, true, MemoryNodes.BusFaults.NONE, Limits.defaults())) {
      var ada = world.client(0);
      world.client(1);
      world.client(2);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.quiet();
      var before = world.bus.published();
      for (var i = 0; i < 50; i++) {
        ada.edit(new Edit.Put(Path.of("a"), new Value.Int(i)));
        world.quiet();
      }
      world.check();
      assertEquals(50, world.bus.published() - before);
    }
  }

  @Example
  @Label("[EP1] [EP2] an ephemeral message reaches the clients of every node exactly once")
  void ephemeralMessagesReachAllNodesOnce() throws Exception {
    var twice = new MemoryNodes.BusFaults(true, 60);
    try (var world = new NodesWorld(7, 2, false, twice, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.quiet();
      for (var i = 0; i < 20; i++) {
        ada.say("word " + i);
        world.quiet();
      }
      assertEquals(20, bob.said.size());
      assertEquals(0, ada.said.size(), "a client does not receive its own ephemeral messages");
    }
  }
}
