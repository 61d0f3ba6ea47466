package dev.parlor.server.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.server.config.Limits;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Several relays serve one document: what holds whatever the bus between them does. */
class NodesLaws {

  /** Messages so small that every answer comes in parts. */
  private static final Limits SMALL =
      Limits.defaults().with(new Limits.Nodes(400, 250, 10_000, 10_000));

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[DU1] equal heads and documents everywhere after a heal, and at any time what an author is"
          + " told to be safe is on the disk of the node that says so, and is never lost")
  void convergence(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 3) int nodes,
      @ForAll boolean oneLog,
      @ForAll boolean bad,
      @ForAll @IntRange(min = 10, max = 120) int steps)
      throws Exception {
    var manners = bad ? MemoryNodes.Manners.BAD : MemoryNodes.Manners.GOOD;
    try (var world = new NodesWorld(seed, nodes, oneLog, manners, SMALL)) {
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
  @Label("what a node said before it died is known everywhere in the end")
  void lastWords() throws Exception {
    try (var world = new NodesWorld(7, 3, false, MemoryNodes.Manners.GOOD, Limits.defaults())) {
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
      assertTrue(world.bus.lateOfTheDead() > 0, "the bus was too quick for this test");
      assertTrue(late.graph.contains(hash), "whoever opened later has it");
      world.check();
    }
  }

  @Example
  @Label(
      "[DU1] an append that lands in a shared log after its process died was called safe to nobody")
  void lateAppend() throws Exception {
    // Found by the law above, which then asked that the log hold nothing but what the rooms know.
    try (var world = new NodesWorld(16770, 2, true, MemoryNodes.Manners.BAD, SMALL)) {
      world.client(0);
      world.client(1);
      for (var i = 0; i < 69; i++) {
        world.step();
      }
      world.settle();
      world.check();
      assertTrue(world.unheard() > 0, "nothing landed late in this world");
    }
  }

  @Example
  @Label("hundreds of changes on either side of a partition come together in a few messages")
  void aLongPartition() throws Exception {
    try (var world = new NodesWorld(7, 2, false, MemoryNodes.Manners.GOOD, Limits.defaults())) {
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
      assertTrue(messages <= 12, messages + " messages between nodes for one repair");
    }
  }

  @Example
  @Label("[DU1] a node does not call a change safe because another has written it")
  void everyNodeSpeaksOfItsOwnDisk() throws Exception {
    try (var world = new NodesWorld(7, 2, false, MemoryNodes.Manners.GOOD, Limits.defaults())) {
      var ada = world.client(0);
      var bob = world.client(1);
      world.holdCommits(0);
      var hash = ada.edit(new Edit.Put(Path.of("a"), new Value.Int(1)));
      world.quiet();
      assertTrue(bob.graph.contains(hash), "others have it, on disk too");
      assertTrue(world.node(1).onDisk().contains(hash));
      assertFalse(ada.acknowledged.contains(hash));
      world.releaseCommits(0);
      world.quiet();
      assertTrue(ada.acknowledged.contains(hash));
    }
  }

  @Example
  @Label("news is told once: an edit costs one message, whoever hears it says nothing")
  void newsIsToldOnce() throws Exception {
    try (var world = new NodesWorld(7, 3, true, MemoryNodes.Manners.GOOD, Limits.defaults())) {
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
  @Label("[EP1] [EP2] what somebody says reaches the clients of every node, once")
  void ephemeralMessages() throws Exception {
    var twice = new MemoryNodes.Manners(true, 60);
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
      assertEquals(0, ada.said.size(), "nobody hears himself");
    }
  }
}
