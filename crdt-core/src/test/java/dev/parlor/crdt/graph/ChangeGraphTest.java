package dev.parlor.crdt.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChangeGraphTest {

  private static ChangeChunk withSeq(ChangeChunk change, long seq) {
    return new ChangeChunk(
        change.hash(),
        change.actor(),
        seq,
        change.startOp(),
        change.time(),
        change.message(),
        change.deps(),
        change.otherActors(),
        change.columns(),
        change.plain());
  }

  @Test
  @DisplayName("[AD1] a change is refused if its sequence number is used already or leaves a gap")
  void wrongSequenceNumbersAreRefused() {
    var changes = new SyntheticChanges(1, 1);
    var graph = new ChangeGraph();
    var first = changes.change(0, List.of(), 10);
    graph.offer(first);
    var second = changes.change(0, List.of(first.hash()), 10);
    assertInstanceOf(Offer.Rejected.class, graph.offer(withSeq(second, 1)));
    assertInstanceOf(Offer.Rejected.class, graph.offer(withSeq(second, 3)));
    assertEquals(1, graph.size());
    assertEquals(new Offer.Added(1), graph.offer(second));
    assertEquals(new Offer.Duplicate(), graph.offer(second));
    assertEquals(2, graph.lastSeq(first.actor()));
  }

  @Test
  @DisplayName(
      "[SY7] a change with missing dependencies is not kept, and the missing hashes are returned")
  void missingDependenciesAreReturned() {
    var changes = SyntheticChanges.chain(1, 2).changes();
    var graph = new ChangeGraph();
    assertEquals(
        new Offer.MissingDependencies(List.of(changes.getFirst().hash())),
        graph.offer(changes.getLast()));
    assertEquals(0, graph.size());
    assertEquals(-1, graph.position(changes.getLast().hash()));
  }

  @Test
  @DisplayName("heads() returns the same list until a change is added")
  void headsAreCachedUntilAChangeIsAdded() {
    var graph = new ChangeGraph();
    SyntheticChanges.chain(1, 5).changes().forEach(graph::offer);
    assertSame(graph.heads(), graph.heads());
    assertEquals(1, graph.headCount());
  }

  @Test
  @DisplayName(
      "since() with a recent frontier allocates memory for its answer only, not for the history")
  void recentFrontierAllocatesOnlyTheAnswer() {
    var graph = new ChangeGraph();
    SyntheticChanges.chain(1, 50_000).changes().forEach(graph::offer);
    var frontier = List.of(graph.hashAt(49_990));
    graph.since(frontier);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var before = threads.getCurrentThreadAllocatedBytes();
    var answer = graph.since(frontier);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertArrayEquals(
        new int[] {49_991, 49_992, 49_993, 49_994, 49_995, 49_996, 49_997, 49_998, 49_999}, answer);
    assertTrue(allocated < 2_000, "allocated " + allocated + " bytes");
  }

  @Test
  @DisplayName(
      "[AD3] a change that would exceed the limit of heads is refused; a change that merges heads is accepted")
  void headsAreLimited() {
    var changes = new SyntheticChanges(7, 10);
    var graph = new ChangeGraph();
    graph.limitHeads(3);
    for (var actor = 0; actor < 3; actor++) {
      graph.offer(changes.change(actor, List.of(), 20));
    }
    var fourth = changes.change(3, List.of(), 20);
    assertEquals(
        new Offer.Rejected("AD3", "the document has 3 heads already"), graph.offer(fourth));
    assertEquals(0, graph.lastSeq(fourth.actor()));
    assertInstanceOf(
        Offer.Added.class, graph.offer(changes.change(4, List.of(graph.hashAt(0)), 20)));
    assertInstanceOf(Offer.Added.class, graph.offer(changes.change(5, graph.heads(), 20)));
    assertEquals(1, graph.headCount());
    assertInstanceOf(Offer.Added.class, graph.offer(fourth));
  }

  @Test
  @DisplayName("a thousand heads can be merged into one head and created again, repeatedly")
  void thousandHeadsAreMergedRepeatedly() {
    var changes = new SyntheticChanges(7, 1_001);
    var graph = new ChangeGraph();
    for (var round = 0; round < 5; round++) {
      for (var actor = 0; actor < 1_000; actor++) {
        graph.offer(changes.change(actor, List.of(), 20));
      }
      assertEquals(round == 0 ? 1_000 : 1_001, graph.headCount());
      graph.offer(changes.change(1_000, graph.heads(), 20));
      assertEquals(1, graph.headCount());
      assertEquals(List.of(graph.hashAt(graph.size() - 1)), graph.heads());
    }
  }
}
