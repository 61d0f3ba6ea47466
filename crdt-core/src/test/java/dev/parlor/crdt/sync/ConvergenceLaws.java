package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.Replicas.Native;
import dev.parlor.crdt.sync.Replicas.Ours;
import dev.parlor.crdt.sync.Replicas.Replica;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Replicas of Parlor and of the bindings on links that delay messages and can break. */
class ConvergenceLaws {

  /** A connection between two replicas; messages in transit are lost when it breaks. */
  private static final class Link {
    final int id;
    final Replica left;
    final Replica right;
    final Queue<Bytes> toLeft = new ArrayDeque<>();
    final Queue<Bytes> toRight = new ArrayDeque<>();
    boolean open;
    boolean lies;
    boolean frugal;

    /** One of this many messages is lost while the link stays open; 0 for none. */
    int losesOneOf;

    final Set<ChangeHash> carried = new HashSet<>();
    final Set<ChangeHash> asked = new HashSet<>();

    Link(int id, Replica left, Replica right) {
      this.id = id;
      this.left = left;
      this.right = right;
    }

    boolean joins(Replica replica) {
      return left.equals(replica) || right.equals(replica);
    }

    void open(boolean leftAnnounces) {
      left.open(id, leftAnnounces);
      // As a server, our side waits for the client's first message [SY1].
      right.open(id, !leftAnnounces && !frugal);
      open = true;
    }

    void breakOff() {
      left.close(id);
      right.close(id);
      toLeft.clear();
      toRight.clear();
      carried.clear();
      asked.clear();
      open = false;
    }

    /** Lets one side send its next message, if it has any. */
    boolean speak(boolean leftSpeaks) {
      var message = (leftSpeaks ? left : right).next(id);
      message.ifPresent((leftSpeaks ? toRight : toLeft)::add);
      if (frugal) {
        message.ifPresent(bytes -> checkFrugality(bytes, leftSpeaks));
      }
      return message.isPresent();
    }

    /**
     * Our side, the right one, sends no change that this session carried already in either
     * direction.
     */
    private void checkFrugality(Bytes bytes, boolean leftSpeaks) {
      var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
      if (leftSpeaks) {
        asked.addAll(message.need());
        return;
      }
      for (var change : message.changes()) {
        for (var chunk : Replicas.decode(change)) {
          var fresh = carried.add(chunk.hash());
          assertTrue(fresh || asked.contains(chunk.hash()), "sent twice");
        }
      }
    }

    boolean deliver(boolean toTheLeft) {
      var message = (toTheLeft ? toLeft : toRight).poll();
      if (message != null) {
        (toTheLeft ? left : right).receive(id, lies ? withFullFilters(message) : message);
        if (frugal && !toTheLeft) {
          // Changes received from the left must not be sent back to it.
          for (var change :
              SyncMessageCodec.decode(message, SyncLimits.DEFAULT).orElseThrow().changes()) {
            Replicas.decode(change).forEach(chunk -> carried.add(chunk.hash()));
          }
        }
      }
      return message != null;
    }
  }

  /** The message as if every filter in it gave a false positive for every change. */
  private static Bytes withFullFilters(Bytes bytes) {
    var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
    var full = BloomFilter.decode(Bytes.ofHex("010a07ffff"), SyncLimits.DEFAULT).orElseThrow();
    var have =
        message.have().stream()
            .map(h -> h.filter().isEmpty() ? h : new SyncMessage.Have(h.lastSync(), full))
            .toList();
    return SyncMessageCodec.encode(
        new SyncMessage(
            message.kind(),
            message.heads(),
            message.need(),
            have,
            message.changes(),
            message.flags()));
  }

  private static final class World {
    final Random random;
    final List<Replica> replicas = new ArrayList<>();
    final List<Link> links = new ArrayList<>();
    int edits;

    World(long seed, int natives, int ours) {
      random = new Random(seed);
      for (var i = 0; i < natives + ours; i++) {
        replicas.add(i < natives ? new Native(i + 1) : new Ours());
      }
      for (var i = 0; i < replicas.size(); i++) {
        for (var j = i + 1; j < replicas.size(); j++) {
          links.add(new Link(links.size(), replicas.get(i), replicas.get(j)));
        }
      }
    }

    /**
     * The relay, the last replica, resets sync with all peers that differ. Returns their number.
     */
    int startOver() {
      var relay = (Ours) replicas.getLast();
      var count = 0;
      for (var link : links) {
        if (!relay.agrees(link.id)) {
          count++;
          link.left.receive(link.id, relay.startOver(link.id));
        }
      }
      settle();
      return count;
    }

    void step() {
      var link = links.get(random.nextInt(links.size()));
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          var replica = replicas.get(random.nextInt(replicas.size()));
          for (var i = random.nextInt(5); i >= 0; i--) {
            replica.put("k" + random.nextInt(10), "v" + edits++);
          }
        }
        case 2 -> {
          if (link.open && random.nextInt(2) == 0) {
            link.breakOff();
          } else if (!link.open) {
            link.open(random.nextBoolean());
          }
        }
        case 3, 4, 5, 6 -> {
          if (link.open) {
            link.speak(random.nextBoolean());
          }
        }
        default -> {
          if (link.open && link.losesOneOf > 0 && random.nextInt(link.losesOneOf) == 0) {
            (random.nextBoolean() ? link.toLeft : link.toRight).poll();
          } else if (link.open) {
            link.deliver(random.nextBoolean());
          }
        }
      }
    }

    /** Breaks some links and opens all links of the hub. */
    void reconnect(Replica hub) {
      for (var link : links) {
        if (link.open && random.nextInt(3) == 0) {
          link.breakOff();
        }
        if (!link.open && link.joins(hub)) {
          link.open(random.nextBoolean());
        }
      }
    }

    /** Delivers all messages; a bound on their number shows that sync terminates. */
    void settle() {
      var messages = 0;
      for (var idle = false; !idle; ) {
        idle = true;
        for (var link : links) {
          for (var side = 0; link.open && side < 2; side++) {
            if (link.speak(side == 0)) {
              messages++;
              idle = false;
            }
            idle &= !link.deliver(side == 0);
          }
        }
        // With full filters each round trip brings one layer of the graph.
        if (messages > 1_000 + 10 * edits * links.size()) {
          throw new AssertionError("they talk in circles");
        }
      }
    }

    void assertEqual() {
      var first = replicas.getFirst();
      var contents = Replicas.contentsOf(first.document());
      for (var replica : replicas) {
        assertEquals(first.heads(), replica.heads());
        assertEquals(first.heads(), Replicas.headsOf(replica.document()));
        assertEquals(contents, Replicas.contentsOf(replica.document()));
      }
      for (var replica : replicas) {
        if (replica instanceof Ours ours) {
          assertEquals(0, ours.pending.size());
        }
      }
    }

    void close() {
      replicas.forEach(Replica::close);
    }
  }

  private static void run(long seed, int natives, int ours, int steps) {
    var world = new World(seed, natives, ours);
    try {
      for (var i = 0; i < steps; i++) {
        world.step();
      }
      world.reconnect(world.replicas.getFirst());
      world.settle();
      world.assertEqual();
    } finally {
      world.close();
    }
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY5] our engine alone converges over links that are late and break")
  void parlorReplicasConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 4) int ours,
      @ForAll @IntRange(max = 400) int steps) {
    run(seed, 0, ours, steps);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY5] our engine and the bindings converge over links that are late and break")
  void parlorAndAutomergeReplicasConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int natives,
      @ForAll @IntRange(min = 1, max = 2) int ours,
      @ForAll @IntRange(max = 400) int steps) {
    run(seed, natives, ours, steps);
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY2] Bloom false positives never stop convergence")
  void falsePositivesNeverStopConvergence(
      @ForAll long seed,
      @ForAll @IntRange(max = 2) int natives,
      @ForAll @IntRange(min = 1, max = 2) int ours,
      @ForAll @IntRange(max = 300) int steps) {
    var world = new World(seed, natives, natives == 0 ? 2 : ours);
    try {
      world.links.forEach(link -> link.lies = true);
      for (var i = 0; i < steps; i++) {
        world.step();
      }
      world.reconnect(world.replicas.getFirst());
      world.settle();
      world.assertEqual();
    } finally {
      world.close();
    }
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY5] a relay of ours among clients of the bindings sends nobody anything twice")
  void replicasAroundARelayConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int clients,
      @ForAll @IntRange(max = 600) int steps) {
    var world = new World(seed, clients, 1);
    try {
      world.links.removeIf(link -> !link.joins(world.replicas.getLast()));
      world.links.forEach(link -> link.frugal = true);
      for (var i = 0; i < steps; i++) {
        world.step();
      }
      world.reconnect(world.replicas.getLast());
      world.settle();
      world.assertEqual();
    } finally {
      world.close();
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY12] after losses either way on links that stand, starting over once makes all good")
  void lostMessagesOnOpenLinksAreRepaired(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 2, max = 8) int losesOneOf,
      @ForAll @IntRange(min = 20, max = 400) int steps) {
    var world = new World(seed, clients, 1);
    try {
      var relay = world.replicas.getLast();
      world.links.removeIf(link -> !link.joins(relay));
      for (var link : world.links) {
        link.losesOneOf = losesOneOf;
        link.open(true);
      }
      for (var i = 0; i < steps; i++) {
        world.step();
      }
      for (var link : world.links) {
        if (!link.open) {
          link.open(true);
        }
        // One more message of the client: without it the server cannot know of a lost last message.
        link.left.put("last of " + link.id, "v");
      }
      world.settle();
      world.startOver();
      world.assertEqual();
      assertEquals(0, world.startOver(), "all agree");
    } finally {
      world.close();
    }
  }
}
