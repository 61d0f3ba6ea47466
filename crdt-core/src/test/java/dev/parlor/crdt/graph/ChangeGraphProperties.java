package dev.parlor.crdt.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Properties of {@link ChangeGraph} for random histories, against a simple implementation. */
class ChangeGraphProperties {

  private static ChangeGraph graphOf(List<ChangeChunk> changes) {
    var graph = new ChangeGraph();
    changes.forEach(change -> assertInstanceOf(Offer.Added.class, graph.offer(change)));
    return graph;
  }

  /** The frontier and its ancestry, by a simple implementation. */
  private static Set<ChangeHash> ancestry(
      List<ChangeChunk> changes, Collection<ChangeHash> frontier) {
    Map<ChangeHash, ChangeChunk> byHash = new HashMap<>();
    changes.forEach(change -> byHash.put(change.hash(), change));
    var ancestry = new HashSet<ChangeHash>();
    var queue = new ArrayDeque<>(frontier);
    while (!queue.isEmpty()) {
      var hash = queue.poll();
      var change = byHash.get(hash);
      if (change != null && ancestry.add(hash)) {
        queue.addAll(change.deps());
      }
    }
    return ancestry;
  }

  /** {@code count} random hashes of the changes, and a hash that no change has. */
  private static List<ChangeHash> randomHashes(
      List<ChangeChunk> changes, Random random, int count) {
    var hashes = new ArrayList<ChangeHash>();
    for (var i = 0; i < count && !changes.isEmpty(); i++) {
      hashes.add(changes.get(random.nextInt(changes.size())).hash());
    }
    hashes.add(new ChangeHash(1, 2, 3, 4));
    return hashes;
  }

  @Property(tries = 300)
  @Label(
      "[SY5] since(frontier) returns exactly the changes outside the frontier's ancestry, ascending")
  void sinceIsTheComplementOfTheAncestry(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int actors,
      @ForAll @IntRange(max = 200) int count,
      @ForAll @IntRange(max = 5) int frontierSize) {
    var changes = SyntheticChanges.random(seed, actors, count).changes();
    var graph = graphOf(changes);
    var frontier = randomHashes(changes, new Random(seed), frontierSize);
    var ancestry = ancestry(changes, frontier);
    var expected =
        changes.stream()
            .filter(change -> !ancestry.contains(change.hash()))
            .mapToInt(change -> graph.position(change.hash()))
            .toArray();
    assertArrayEquals(expected, graph.since(frontier));
    assertArrayEquals(expected, graph.since(frontier), "a second call returns the same");
  }

  @Property(tries = 300)
  @Label("addAncestry and covers return the same results as a simple implementation")
  void ancestryAndCoverAgreeWithASimpleImplementation(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int actors,
      @ForAll @IntRange(min = 1, max = 200) int count,
      @ForAll @IntRange(max = 5) int frontierSize) {
    var random = new Random(seed);
    var changes = SyntheticChanges.random(seed, actors, count).changes();
    var graph = graphOf(changes);
    var frontier = randomHashes(changes, random, frontierSize);
    var ancestry = ancestry(changes, frontier);
    var base = random.nextInt(count);
    var set = new PositionSet(base);
    assertEquals(count, graph.since(List.of()).length, "an earlier walk does not affect this one");
    graph.addAncestry(frontier, set);
    for (var position = base; position < count; position++) {
      assertEquals(ancestry.contains(graph.hashAt(position)), set.contains(position));
    }
    assertEquals(
        changes.stream()
            .filter(c -> ancestry.contains(c.hash()) && graph.position(c.hash()) >= base)
            .count(),
        set.count());
    var target = changes.get(random.nextInt(count)).hash();
    assertEquals(
        ancestry.contains(target), graph.covers(frontier, List.of(target), Integer.MAX_VALUE));
  }

  @Property(tries = 200)
  @Label("every order of delivery, with repetitions, leads to the same changes and heads")
  void anyOrderGivesTheSameGraph(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int actors,
      @ForAll @IntRange(max = 120) int count) {
    var changes = SyntheticChanges.random(seed, actors, count).changes();
    var expected = graphOf(changes);
    var shuffled = new ArrayList<>(changes);
    shuffled.addAll(changes.subList(0, count / 2));
    Collections.shuffle(shuffled, new Random(seed));
    var graph = new ChangeGraph();
    var pending = new PendingChanges();
    for (var change : shuffled) {
      var queue = new ArrayDeque<>(List.of(change));
      while (!queue.isEmpty()) {
        var next = queue.poll();
        switch (graph.offer(next)) {
          case Offer.Added(var position) -> {
            assertEquals(next.plain(), graph.chunkAt(position));
            queue.addAll(pending.release(next.hash()));
          }
          case Offer.Duplicate _ -> {}
          case Offer.MissingDependencies missing -> pending.hold("peer", next, missing);
          case Offer.Rejected rejected -> throw new AssertionError(rejected);
        }
      }
      for (var hash : pending.missing()) {
        assertEquals(false, graph.contains(hash) || pending.contains(hash));
      }
    }
    assertEquals(expected.heads(), graph.heads());
    assertEquals(expected.size(), graph.size());
    assertEquals(expected.headCount(), graph.headCount());
    assertEquals(graph.heads().size(), graph.headCount());
    assertEquals(0, pending.size());
    assertEquals(0, pending.bytes());
    assertEquals(List.of(), pending.missing());
    assertEquals(changes.stream().mapToLong(c -> c.plain().length()).sum(), graph.chunkBytes());
  }
}
