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

/** Properties of several relays that serve one document, for every behavior that the bus allows. */
class NodesProperties {

  /** Limits so small that each answer consists of several messages. */
  private static final Limits SMALL =
      Limits.defaults().with(new Limits.Nodes(400, 250, 10_000, 10_000));

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[DU1] after partitions and crashes all nodes converge, and no acknowledged change is lost; each"
          + " change is acknowledged only after the acknowledging node has it on disk")
  void nodesConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 3) int nodes,
      @ForAll boolean sharedLog,
      @ForAll boolean unreliable,
      @ForAll @IntRange(min = 10, max = 120) int steps)
      throws Exception {
    var reliability =
        unreliable ? MemoryNodeBus.Reliability.UNRELIABLE : MemoryNodeBus.Reliability.RELIABLE;
    try (var world = new NodesWorld(seed, nodes, sharedLog, reliability, SMALL)) {
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
  @Label("a change that a node published before it crashed reaches every node")
  void framesOfACrashedNodeReachAllNodes() throws Exception {
    try (var world =
        new NodesWorld(7, 3, false, MemoryNodeBus.Reliability.RELIABLE, Limits.defaults())) {
      var ada = world.client(0);
      world.client(1);
      world.deliverAll();
      var hash = ada.edit(new Edit.Put(Path.of("a"), new Value.Int(1)));
      // The client exchanges all messages with its node, and the bus delivers nothing meanwhile.
      do {
        world.node(0).awaitSteps();
      } while (ada.read());
      world.crash(0);
      world.clients.remove(ada);
      ada.close();
      var late = world.client(2);
      world.settle();
      assertTrue(
          world.bus.deliveredAfterCrash() > 0,
          "no frame of the crashed node arrived after the crash");
      assertTrue(late.graph.contains(hash), "a client that connected later has the change");
      world.check();
    }
  }

  @Example
  @Label(
      "[DU1] an append that reaches a shared log after a crash of its process was not acknowledged")
  void lateAppendOfACrashedProcessIsNotAcknowledged() throws Exception {
    // With this seed, an append of a crashed process reaches the shared log after the crash. So the
    // log has changes that the document in memory lacks.
    try (var world = new NodesWorld(16770, 2, true, MemoryNodeBus.Reliability.UNRELIABLE, SMALL)) {
      world.client(0);
      world.client(1);
      for (var i = 0; i < 69; i++) {
        world.step();
      }
      world.settle();
      world.check();
      assertTrue(world.storedButNotInMemory() > 0, "no append was late with this seed");
    }
  }

  @Example
  @Label(
      "after a partition with 300 changes on each side the nodes converge in at most 12 messages")
  void longPartitionIsRepairedInFewMessages() throws Exception {
    try (var world =
        new NodesWorld(7, 2, false, MemoryNodeBus.Reliability.RELIABLE, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.deliverAll();
      world.bus.separate(1, 1);
      for (var i = 0; i < 300; i++) {
        ada.edit(new Edit.Put(Path.of("a"), new Value.Int(i)));
        bob.edit(new Edit.Put(Path.of("b"), new Value.Int(i)));
      }
      world.deliverAll();
      assertEquals(301, ada.graph.size());
      assertEquals(301, bob.graph.size());
      var publishedBefore = world.bus.published();
      world.heal();
      world.deliverAll();
      assertEquals(601, ada.graph.size());
      world.check();
      var messages = world.bus.published() - publishedBefore;
      assertTrue(messages <= 12, messages + " messages between nodes to repair one partition");
    }
  }

  @Example
  @Label("[DU1] a node does not acknowledge a change that only another node has committed")
  void nodeAcknowledgesOnlyItsOwnCommits() throws Exception {
    try (var world =
        new NodesWorld(7, 2, false, MemoryNodeBus.Reliability.RELIABLE, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      world.holdCommits(0);
      var hash = ada.edit(new Edit.Put(Path.of("a"), new Value.Int(1)));
      world.deliverAll();
      assertTrue(bob.graph.contains(hash), "the other node has the change");
      assertTrue(world.node(1).onDisk().contains(hash));
      assertFalse(ada.acknowledged.contains(hash));
      world.releaseCommits(0);
      world.deliverAll();
      assertTrue(ada.acknowledged.contains(hash));
    }
  }

  @Example
  @Label("an edit causes one message between the nodes: the receiving nodes publish nothing")
  void editCostsOneMessage() throws Exception {
    try (var world =
        new NodesWorld(7, 3, true, MemoryNodeBus.Reliability.RELIABLE, Limits.defaults())) {
      var ada = world.client(0);
      world.client(1);
      world.client(2);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.deliverAll();
      var publishedBefore = world.bus.published();
      for (var i = 0; i < 50; i++) {
        ada.edit(new Edit.Put(Path.of("a"), new Value.Int(i)));
        world.deliverAll();
      }
      world.check();
      assertEquals(50, world.bus.published() - publishedBefore);
    }
  }

  @Example
  @Label("[EP1] [EP2] an ephemeral message reaches the clients of every node exactly once")
  void ephemeralMessagesReachAllNodesOnce() throws Exception {
    var reliability = new MemoryNodeBus.Reliability(true, 60);
    try (var world = new NodesWorld(7, 2, false, reliability, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      ada.edit(new Edit.Put(Path.of("a"), new Value.Int(-1)));
      world.deliverAll();
      for (var i = 0; i < 20; i++) {
        ada.sendEphemeral("message " + i);
        world.deliverAll();
      }
      assertEquals(20, bob.ephemerals.size());
      assertEquals(
          0, ada.ephemerals.size(), "a client does not receive its own ephemeral messages");
    }
  }
}
