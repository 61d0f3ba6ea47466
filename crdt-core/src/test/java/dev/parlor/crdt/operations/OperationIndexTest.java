package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OperationIndexTest {

  private static CheckedGraph graph() {
    return new CheckedGraph(OperationLimits.DEFAULT);
  }

  private static Offer offer(CheckedGraph graph, ChangeChunk change) {
    return graph.offer(change, null);
  }

  @Test
  @DisplayName("[AD2] complete histories of Automerge JS are admitted, in any causal order")
  void admitsHistoriesOfAutomergeJs() {
    for (var history : Histories.all()) {
      for (var seed = 0; seed < 5; seed++) {
        var graph = graph();
        var waiting = new ArrayList<>(history.changes());
        if (seed > 0) {
          Collections.shuffle(waiting, new Random(seed));
        }
        while (!waiting.isEmpty()) {
          var previousSize = waiting.size();
          waiting.removeIf(
              change -> {
                var offer = offer(graph, change);
                if (offer instanceof Offer.Rejected rejected) {
                  // In a shuffled order a change may come before its actor's previous change.
                  assertTrue(rejected.reason().startsWith("seq"), history.name() + rejected);
                }
                return offer instanceof Offer.Added;
              });
          assertTrue(waiting.size() < previousSize, history.name());
        }
        assertEquals(history.changes().size(), graph.index().changes());
        if (!history.operations().isEmpty()) {
          var operations = history.operations().stream().mapToLong(Integer::longValue).sum();
          assertEquals(operations, graph.index().operations());
        }
      }
    }
  }

  @Test
  @DisplayName("[AD2] a change cannot refer to an object that is only concurrent to it")
  void objectOutsideThePastIsRefused() {
    try (var alice = Replica.create(actor(1));
        var bob = Replica.create(actor(2))) {
      var start = alice.transact(List.of(new Edit.Put(Path.of("a"), Value.of(1)))).orElseThrow();
      bob.apply(List.of(start));
      var map = alice.transact(List.of(new Edit.Put(Path.of("map"), Value.map()))).orElseThrow();
      bob.apply(List.of(map));
      var nestedEdit =
          bob.transact(List.of(new Edit.Put(Path.of("map", "k"), Value.of(1)))).orElseThrow();

      var graph = graph();
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(start)));
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(map)));
      // Bob's change without its dependency on the change that makes the map.
      var forged = dependingOn(Histories.decode(nestedEdit), Histories.decode(start));
      var refused = assertInstanceOf(Offer.Rejected.class, offer(graph, forged));
      assertEquals("AD2", refused.rule());
      assertFalse(graph.index().knows(actor(2)));
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(nestedEdit)));
    }
  }

  @Test
  @DisplayName("[AD2] a change cannot overwrite or insert after an element outside its past")
  void elementOutsideThePastIsRefused() {
    var text = new Edit.Put(Path.of("text"), Value.text("abc"));
    var edits =
        List.of(
            List.of(
                new Edit.Put(Path.of("k"), Value.of(2)), new Edit.Put(Path.of("k"), Value.of(3))),
            List.of(
                new Edit.SpliceText(Path.of("text"), 3, 0, "d"),
                new Edit.SpliceText(Path.of("text"), 4, 0, "e")));
    for (var pair : edits) {
      try (var alice = Replica.create(actor(1));
          var bob = Replica.create(actor(2))) {
        var start =
            alice.transact(List.of(text, new Edit.Put(Path.of("k"), Value.of(1)))).orElseThrow();
        var concurrent = alice.transact(List.of(pair.getFirst())).orElseThrow();
        bob.apply(List.of(start, concurrent));
        var dependent = Histories.decode(bob.transact(List.of(pair.getLast())).orElseThrow());
        var graph = graph();
        assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(start)));
        assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(concurrent)));
        assertRule("AD2", offer(graph, dependingOn(dependent, Histories.decode(start))));
        assertInstanceOf(Offer.Added.class, offer(graph, dependent));
      }
    }
  }

  @Test
  @DisplayName("[AD1] a change must depend on its actor's previous change")
  void changeMustDependOnItsActorsPreviousChange() {
    try (var alice = Replica.create(actor(1));
        var bob = Replica.create(actor(2))) {
      var start = alice.transact(List.of(new Edit.Put(Path.of("a"), Value.of(1)))).orElseThrow();
      bob.apply(List.of(start));
      var first = bob.transact(List.of(new Edit.Put(Path.of("b"), Value.of(1)))).orElseThrow();
      var second = bob.transact(List.of(new Edit.Put(Path.of("c"), Value.of(1)))).orElseThrow();
      var graph = graph();
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(start)));
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(first)));
      var forged = dependingOn(Histories.decode(second), Histories.decode(start));
      assertRule("AD1", offer(graph, forged));
      assertInstanceOf(Offer.Added.class, offer(graph, Histories.decode(second)));
    }
  }

  @Test
  @DisplayName("[AD2] a refused change leaves the index unchanged")
  void refusedChangeLeavesNoTrace() {
    var history = Histories.named("everything");
    var withoutRefusals = graph();
    var afterRefusals = graph();
    var refused = 0;
    for (var change : history.changes()) {
      var columns = change.columns().toArray();
      for (var at = 0; at < columns.length; at += 7) {
        var other = columns.clone();
        other[at] ^= 1;
        var mutated =
            dev.parlor.crdt.format.ChangeCodec.decode(
                Histories.withColumns(change, Bytes.wrap(other)),
                dev.parlor.crdt.format.FormatLimits.DEFAULT);
        if (mutated instanceof dev.parlor.crdt.identity.Decoding.Decoded<ChangeChunk>(var forged)
            && afterRefusals.index().stage(forged, afterRefusals.graph(), null)
                instanceof dev.parlor.crdt.identity.Decoding.Decoded) {
          afterRefusals.index().rollback();
        } else {
          refused++;
        }
      }
      assertInstanceOf(Offer.Added.class, offer(withoutRefusals, change));
      assertInstanceOf(Offer.Added.class, offer(afterRefusals, change));
      assertEquals(withoutRefusals.index().operations(), afterRefusals.index().operations());
      assertEquals(withoutRefusals.index().runs(), afterRefusals.index().runs());
    }
    assertEquals(withoutRefusals.index().authors().size(), afterRefusals.index().authors().size());
    assertTrue(refused > 1_000, refused + " refused");
  }

  @Test
  @DisplayName(
      "the index returns the parent of each object, so that a policy can compute the path of a text")
  void parentsAreKnown() {
    var graph = graph();
    var textPaths = new ArrayList<String>();
    try (var replica = Replica.create(actor(1))) {
      var genesis =
          replica
              .transact(
                  List.of(
                      new Edit.Put(Path.of("title"), Value.text("Room")),
                      new Edit.Put(
                          Path.of("settings"), Value.map("systemPrompt", Value.text("Be brief"))),
                      new Edit.Put(
                          Path.of("cards"),
                          Value.map("id1", Value.map("text", Value.text("Hello"))))))
              .orElseThrow();
      var index = graph.index();
      var outcome =
          graph.offer(
              Histories.decode(genesis),
              new OperationPolicy() {
                @Override
                public @org.jspecify.annotations.Nullable String checkOperation(
                    OperationReader operation, int object, int key, int madeObject) {
                  if (madeObject >= 0 && index.isText(madeObject)) {
                    var path = index.key(key).toUtf8();
                    for (var at = object; at != OperationIndex.ROOT; at = index.parent(at)) {
                      path = index.key(index.parentKey(at)).toUtf8() + "/" + path;
                    }
                    textPaths.add(path);
                  }
                  return null;
                }

                @Override
                public boolean coversRepeats() {
                  return false;
                }

                @Override
                public @org.jspecify.annotations.Nullable String checkEnd() {
                  return null;
                }
              });
      assertInstanceOf(Offer.Added.class, outcome);
    }
    assertTrue(textPaths.contains("title"), textPaths.toString());
    assertTrue(textPaths.contains("settings/systemPrompt"), textPaths.toString());
    assertTrue(textPaths.contains("cards/id1/text"), textPaths.toString());
  }

  @Test
  @DisplayName(
      "[AD1] [AD3] counters must be above those of the dependencies and not far above the document's highest")
  void counterLimits() {
    var history = Histories.named("typing");
    var graph = graph();
    offer(graph, history.changes().get(0));
    var change = history.changes().get(1);
    assertRule("AD1", offer(graph, startingAt(change, 1)));
    assertRule("AD3", offer(graph, startingAt(change, 200_000_000)));
    assertInstanceOf(Offer.Added.class, offer(graph, change));
  }

  private static void assertRule(String rule, Offer offer) {
    assertEquals(rule, assertInstanceOf(Offer.Rejected.class, offer, offer.toString()).rule());
  }

  private static ActorId actor(int number) {
    var bytes = new byte[16];
    bytes[0] = (byte) number;
    return new ActorId(Bytes.wrap(bytes));
  }

  private static ChangeChunk dependingOn(ChangeChunk change, ChangeChunk on) {
    return new ChangeChunk(
        change.hash(),
        change.actor(),
        change.seq(),
        change.startOp(),
        change.time(),
        change.message(),
        List.of(on.hash()),
        change.otherActors(),
        change.columns(),
        change.plain());
  }

  private static ChangeChunk startingAt(ChangeChunk change, long startOp) {
    return new ChangeChunk(
        change.hash(),
        change.actor(),
        change.seq(),
        startOp,
        change.time(),
        change.message(),
        change.deps(),
        change.otherActors(),
        change.columns(),
        change.plain());
  }
}
