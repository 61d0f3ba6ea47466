package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.Replicas.AutomergeReplica;
import dev.parlor.crdt.sync.Replicas.ParlorReplica;
import dev.parlor.crdt.sync.Replicas.SyncReplica;
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

/**
 * Properties of sync between replicas of Parlor and Automerge on links that delay or lose messages.
 */
class ConvergenceProperties {

  /** A connection between two replicas. Messages in transit are lost when it is closed. */
  private static final class Link {
    final int id;
    final SyncReplica left;
    final SyncReplica right;
    final Queue<Bytes> toLeft = new ArrayDeque<>();
    final Queue<Bytes> toRight = new ArrayDeque<>();
    boolean isOpen;

    /**
     * Whether delivered filters, except empty ones, are replaced by filters that match all changes.
     */
    boolean hasFullFilters;

    /**
     * Whether the link fails if the right side sends a change twice. The right side is then a
     * replica of Parlor that acts as a relay: it waits for the left side's first message [SY1]. The
     * left side is a replica of Automerge, which always sends the first message.
     */
    boolean checksDuplicates;

    /**
     * One in this number of random deliveries loses its message while the link stays open; 0 means
     * that no message is lost.
     */
    int lossInterval;

    /** The changes that this link transmitted in any direction. */
    final Set<ChangeHash> transmittedChanges = new HashSet<>();

    /** The changes that the left side requested. */
    final Set<ChangeHash> requestedChanges = new HashSet<>();

    Link(int id, SyncReplica left, SyncReplica right) {
      this.id = id;
      this.left = left;
      this.right = right;
    }

    boolean connects(SyncReplica replica) {
      return left.equals(replica) || right.equals(replica);
    }

    void open(boolean leftInitiates) {
      left.open(id, leftInitiates);
      right.open(id, !leftInitiates && !checksDuplicates);
      isOpen = true;
    }

    void close() {
      left.close(id);
      right.close(id);
      toLeft.clear();
      toRight.clear();
      transmittedChanges.clear();
      requestedChanges.clear();
      isOpen = false;
    }

    /** Sends the next message of one side, if there is one. */
    boolean sendNext(boolean fromLeft) {
      var message = (fromLeft ? left : right).next(id);
      message.ifPresent((fromLeft ? toRight : toLeft)::add);
      if (checksDuplicates) {
        message.ifPresent(bytes -> checkDuplicates(bytes, fromLeft));
      }
      return message.isPresent();
    }

    /**
     * Checks that Parlor's replica, on the right, sends no change that this link transmitted before
     * in any direction, unless the peer requested it.
     */
    private void checkDuplicates(Bytes bytes, boolean fromLeft) {
      var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
      if (fromLeft) {
        requestedChanges.addAll(message.need());
        return;
      }
      for (var change : message.changes()) {
        for (var chunk : Replicas.decode(change)) {
          var isFirstTime = transmittedChanges.add(chunk.hash());
          assertTrue(
              isFirstTime || requestedChanges.contains(chunk.hash()), "a change was sent twice");
        }
      }
    }

    boolean deliver(boolean toLeftSide) {
      var message = (toLeftSide ? toLeft : toRight).poll();
      if (message != null) {
        (toLeftSide ? left : right)
            .receive(id, hasFullFilters ? withFullFilters(message) : message);
        if (checksDuplicates && !toLeftSide) {
          // Changes received from the left side must not be sent back to it.
          for (var change :
              SyncMessageCodec.decode(message, SyncLimits.DEFAULT).orElseThrow().changes()) {
            Replicas.decode(change).forEach(chunk -> transmittedChanges.add(chunk.hash()));
          }
        }
      }
      return message != null;
    }
  }

  /**
   * The message with filters that match every change. An empty filter stays, because it has no
   * false positives.
   */
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

  /** Replicas with a link between every two of them. Random steps edit, connect and deliver. */
  private static final class Network {
    final Random random;
    final List<SyncReplica> replicas = new ArrayList<>();
    final List<Link> links = new ArrayList<>();
    int edits;

    Network(long seed, int automergeReplicas, int parlorReplicas) {
      random = new Random(seed);
      for (var i = 0; i < automergeReplicas + parlorReplicas; i++) {
        replicas.add(i < automergeReplicas ? new AutomergeReplica(i + 1) : new ParlorReplica());
      }
      for (var i = 0; i < replicas.size(); i++) {
        for (var j = i + 1; j < replicas.size(); j++) {
          links.add(new Link(links.size(), replicas.get(i), replicas.get(j)));
        }
      }
    }

    /**
     * The relay, which is the last replica, resets sync with all peers whose heads differ. Then all
     * messages are delivered.
     *
     * @return the number of these peers
     */
    int resetDifferingPeersAndDeliver() {
      var relay = (ParlorReplica) replicas.getLast();
      var count = 0;
      for (var link : links) {
        if (!relay.isInSync(link.id)) {
          count++;
          link.left.receive(link.id, relay.resetSync(link.id));
        }
      }
      deliverAll();
      return count;
    }

    void step() {
      var link = links.get(random.nextInt(links.size()));
      switch (random.nextInt(12)) {
        case 0, 1 -> { // edit
          var replica = replicas.get(random.nextInt(replicas.size()));
          for (var i = random.nextInt(5); i >= 0; i--) {
            replica.put("k" + random.nextInt(10), "v" + edits++);
          }
        }
        case 2 -> { // connect or disconnect
          if (link.isOpen && random.nextInt(2) == 0) {
            link.close();
          } else if (!link.isOpen) {
            link.open(random.nextBoolean());
          }
        }
        case 3, 4, 5, 6 -> { // send
          if (link.isOpen) {
            link.sendNext(random.nextBoolean());
          }
        }
        default -> { // deliver or lose
          if (link.isOpen && link.lossInterval > 0 && random.nextInt(link.lossInterval) == 0) {
            (random.nextBoolean() ? link.toLeft : link.toRight).poll();
          } else if (link.isOpen) {
            link.deliver(random.nextBoolean());
          }
        }
      }
    }

    /** Closes some links, and opens all closed links of the hub. */
    void closeSomeAndConnect(SyncReplica hub) {
      for (var link : links) {
        if (link.isOpen && random.nextInt(3) == 0) {
          link.close();
        }
        if (!link.isOpen && link.connects(hub)) {
          link.open(random.nextBoolean());
        }
      }
    }

    /** Delivers all messages. Fails if their number exceeds a bound, since sync must terminate. */
    void deliverAll() {
      var messages = 0;
      for (var idle = false; !idle; ) {
        idle = true;
        for (var link : links) {
          for (var side = 0; link.isOpen && side < 2; side++) {
            if (link.sendNext(side == 0)) {
              messages++;
              idle = false;
            }
            idle &= !link.deliver(side == 0);
          }
        }
        // The bound grows with the edits: with full filters, a round trip transmits only the
        // changes that the peer requested by hash.
        if (messages > 1_000 + 10 * edits * links.size()) {
          throw new AssertionError("the replicas exchange messages without end");
        }
      }
    }

    void assertConverged() {
      var first = replicas.getFirst();
      var contents = Replicas.contentsOf(first.document());
      for (var replica : replicas) {
        assertEquals(first.heads(), replica.heads());
        assertEquals(first.heads(), Replicas.headsOf(replica.document()));
        assertEquals(contents, Replicas.contentsOf(replica.document()));
      }
      for (var replica : replicas) {
        if (replica instanceof ParlorReplica parlorReplica) {
          assertEquals(0, parlorReplica.pending.size());
        }
      }
    }

    void close() {
      replicas.forEach(SyncReplica::close);
    }
  }

  private static void run(long seed, int automergeReplicas, int parlorReplicas, int steps) {
    var network = new Network(seed, automergeReplicas, parlorReplicas);
    try {
      for (var i = 0; i < steps; i++) {
        network.step();
      }
      network.closeSomeAndConnect(network.replicas.getFirst());
      network.deliverAll();
      network.assertConverged();
    } finally {
      network.close();
    }
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY5] replicas of Parlor converge over links that delay messages and disconnect")
  void parlorReplicasConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 4) int parlorReplicas,
      @ForAll @IntRange(max = 400) int steps) {
    run(seed, 0, parlorReplicas, steps);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[SY5] replicas of Parlor and Automerge converge over links that delay messages and disconnect")
  void parlorAndAutomergeReplicasConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int automergeReplicas,
      @ForAll @IntRange(min = 1, max = 2) int parlorReplicas,
      @ForAll @IntRange(max = 400) int steps) {
    run(seed, automergeReplicas, parlorReplicas, steps);
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY2] replicas converge although every non-empty Bloom filter matches every change")
  void falsePositivesNeverStopConvergence(
      @ForAll long seed,
      @ForAll @IntRange(max = 2) int automergeReplicas,
      @ForAll @IntRange(min = 1, max = 2) int parlorReplicas,
      @ForAll @IntRange(max = 300) int steps) {
    var network = new Network(seed, automergeReplicas, automergeReplicas == 0 ? 2 : parlorReplicas);
    try {
      network.links.forEach(link -> link.hasFullFilters = true);
      for (var i = 0; i < steps; i++) {
        network.step();
      }
      network.closeSomeAndConnect(network.replicas.getFirst());
      network.deliverAll();
      network.assertConverged();
    } finally {
      network.close();
    }
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[SY5] a relay of Parlor with Automerge clients converges and sends no change twice over a link")
  void replicasAroundARelayConverge(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int clients,
      @ForAll @IntRange(max = 600) int steps) {
    var network = new Network(seed, clients, 1);
    try {
      network.links.removeIf(link -> !link.connects(network.replicas.getLast()));
      network.links.forEach(link -> link.checksDuplicates = true);
      for (var i = 0; i < steps; i++) {
        network.step();
      }
      network.closeSomeAndConnect(network.replicas.getLast());
      network.deliverAll();
      network.assertConverged();
    } finally {
      network.close();
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "[SY12] after messages were lost on open links, one reset of each differing peer restores convergence")
  void lostMessagesOnOpenLinksAreRepaired(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int clients,
      @ForAll @IntRange(min = 2, max = 8) int lossInterval,
      @ForAll @IntRange(min = 20, max = 400) int steps) {
    var network = new Network(seed, clients, 1);
    try {
      var relay = network.replicas.getLast();
      network.links.removeIf(link -> !link.connects(relay));
      for (var link : network.links) {
        link.lossInterval = lossInterval;
        link.open(true);
      }
      for (var i = 0; i < steps; i++) {
        network.step();
      }
      for (var link : network.links) {
        if (!link.isOpen) {
          link.open(true);
        }
        // The client sends one more change, so that the relay notices if the last message was lost.
        link.left.put("last of " + link.id, "v");
      }
      network.deliverAll();
      network.resetDifferingPeersAndDeliver();
      network.assertConverged();
      assertEquals(0, network.resetDifferingPeersAndDeliver(), "no peer differs any more");
    } finally {
      network.close();
    }
  }
}
