package dev.parlor.crdt.sync;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.graph.PendingChanges;
import dev.parlor.crdt.graph.SyntheticChanges;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.sync.SyncMessage.Have;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Properties of {@link Repair}: two nodes with parts of one document exchange the missing changes.
 */
class RepairProperties {

  private static final class Node {
    final ChangeGraph graph = new ChangeGraph();
    final PendingChanges pending = new PendingChanges();

    void offer(ChangeChunk first) {
      var ready = new ArrayDeque<>(List.of(first));
      while (!ready.isEmpty()) {
        var change = ready.remove();
        switch (graph.offer(change)) {
          case Offer.Added _ -> ready.addAll(pending.release(change.hash()));
          case Offer.MissingDependencies missing -> pending.hold(this, change, missing);
          case Offer.Duplicate _ -> {}
          case Offer.Rejected rejected -> throw new AssertionError(rejected);
        }
      }
    }

    /** The missing heads of the other node, and the missing dependencies of waiting changes. */
    List<ChangeHash> missing(Node other) {
      var missing = new TreeSet<>(pending.missing());
      other.graph.heads().stream().filter(head -> !graph.contains(head)).forEach(missing::add);
      return List.copyOf(missing);
    }
  }

  private final Map<ChangeHash, ChangeChunk> chunks = new HashMap<>();

  /** Two nodes, each with a causally closed part of the document. */
  private List<Node> nodesWithParts(long seed, int changes) {
    var random = new Random(seed);
    var nodes = List.of(new Node(), new Node());
    for (var change : SyntheticChanges.random(seed, 4, changes).changes()) {
      chunks.put(change.hash(), change);
      for (var node : nodes) {
        if (random.nextInt(4) > 0 && change.deps().stream().allMatch(node.graph::contains)) {
          node.offer(change);
        }
      }
    }
    return nodes;
  }

  private static SyncMessage decoded(Bytes message) {
    return SyncMessageCodec.decode(message, SyncLimits.DEFAULT).orElseThrow();
  }

  /** Sends one request and its answer. Returns the number of changes in the answer. */
  private int exchange(Node requester, Node other, boolean hasFullFilter) {
    var request = decoded(Repair.request(requester.graph, requester.missing(other)));
    assertTrue(Repair.isRequest(request));
    var positions =
        Repair.changesToSend(other.graph, hasFullFilter ? withFullFilter(request) : request);
    Arrays.stream(positions)
        .mapToObj(other.graph::hashAt)
        .forEach(hash -> requester.offer(requireNonNull(chunks.get(hash))));
    return positions.length;
  }

  private static SyncMessage withFullFilter(SyncMessage message) {
    var full = BloomFilter.decode(Bytes.ofHex("010a07ffff"), SyncLimits.DEFAULT).orElseThrow();
    var have = List.of(new Have(List.of(), full));
    return new SyncMessage(
        message.kind(), message.heads(), message.need(), have, message.changes(), null);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "requests return all missing changes, and no present change unless the filter had a false positive")
  void requestsReturnAllMissingChanges(@ForAll long seed, @ForAll @IntRange(max = 80) int changes) {
    var nodes = nodesWithParts(seed, changes);
    var requester = nodes.getFirst();
    var other = nodes.getLast();
    var previousSize = requester.graph.size();
    var received = 0;
    var rounds = 0;
    while (!requester.missing(other).isEmpty()) {
      assertTrue(rounds++ <= changes, "too many requests");
      received += exchange(requester, other, false);
    }
    for (var i = 0; i < other.graph.size(); i++) {
      assertTrue(requester.graph.contains(other.graph.hashAt(i)), "a change is still missing");
    }
    // After a false positive, the next filter lacks the changes that wait for the withheld change.
    if (rounds <= 1) {
      assertEquals(previousSize + received, requester.graph.size(), "a present change was sent");
    }
  }

  @Example
  @Label(
      "if a node lacks a change, the dependent changes are sent even if the filter contains them")
  void dependentChangesOverrideTheFilter() {
    var chain = SyntheticChanges.chain(1, 3).changes();
    var graph = new ChangeGraph();
    chain.forEach(graph::offer);
    var filter = BloomFilter.of(List.of(chain.get(1).hash(), chain.get(2).hash()), 2);
    var request =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(new ChangeHash(1, 2, 3, 4)),
            List.of(new ChangeHash(5, 6, 7, 8)),
            List.of(new Have(List.of(), filter)),
            List.of(),
            null);
    assertArrayEquals(new int[] {0, 1, 2}, Repair.changesToSend(graph, request));
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label("requested hashes are sent even if the filter contains every change")
  void requestedHashesOverrideTheFilter(
      @ForAll long seed, @ForAll @IntRange(max = 80) int changes) {
    var nodes = nodesWithParts(seed, changes);
    var requester = nodes.getFirst();
    var other = nodes.getLast();
    for (var rounds = 0; !requester.missing(other).isEmpty(); rounds++) {
      assertTrue(rounds <= changes, "too many requests");
      exchange(requester, other, true);
    }
    for (var i = 0; i < other.graph.size(); i++) {
      assertTrue(requester.graph.contains(other.graph.hashAt(i)), "a change is still missing");
    }
  }
}
