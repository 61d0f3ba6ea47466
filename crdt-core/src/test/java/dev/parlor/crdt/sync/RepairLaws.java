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

/** Two nodes with parts of one document that ask and answer without a state per peer. */
class RepairLaws {

  private static final class Holder {
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
          case Offer.Rejected no -> throw new AssertionError(no);
        }
      }
    }

    /** The missing heads of the other node, and the missing dependencies of waiting changes. */
    List<ChangeHash> lacks(Holder other) {
      var lacks = new TreeSet<>(pending.missing());
      other.graph.heads().stream().filter(head -> !graph.contains(head)).forEach(lacks::add);
      return List.copyOf(lacks);
    }
  }

  private final Map<ChangeHash, ChangeChunk> chunks = new HashMap<>();

  /** Two nodes, each with a causally closed part of the document. */
  private List<Holder> parted(long seed, int changes) {
    var random = new Random(seed);
    var holders = List.of(new Holder(), new Holder());
    for (var change : SyntheticChanges.random(seed, 4, changes).made()) {
      chunks.put(change.hash(), change);
      for (var holder : holders) {
        if (random.nextInt(4) > 0 && change.deps().stream().allMatch(holder.graph::contains)) {
          holder.offer(change);
        }
      }
    }
    return holders;
  }

  private static SyncMessage decoded(Bytes message) {
    return SyncMessageCodec.decode(message, SyncLimits.DEFAULT).orElseThrow();
  }

  /** One question and its answer. Returns the number of changes in the answer. */
  private int ask(Holder asker, Holder other, boolean lies) {
    var question = decoded(Repair.request(asker.graph, asker.lacks(other)));
    assertTrue(Repair.isRequest(question));
    var answer = Repair.changesToSend(other.graph, lies ? withFullFilter(question) : question);
    Arrays.stream(answer)
        .mapToObj(other.graph::hashAt)
        .forEach(hash -> asker.offer(requireNonNull(chunks.get(hash))));
    return answer.length;
  }

  private static SyncMessage withFullFilter(SyncMessage message) {
    var full = BloomFilter.decode(Bytes.ofHex("010a07ffff"), SyncLimits.DEFAULT).orElseThrow();
    var have = List.of(new Have(List.of(), full));
    return new SyncMessage(
        message.kind(), message.heads(), message.need(), have, message.changes(), null);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label("a question brings what is lacking and nothing that is there, but for false positives")
  void questionsBringAllMissingChanges(@ForAll long seed, @ForAll @IntRange(max = 80) int changes) {
    var holders = parted(seed, changes);
    var asker = holders.getFirst();
    var other = holders.getLast();
    var had = asker.graph.size();
    var brought = 0;
    var questions = 0;
    while (!asker.lacks(other).isEmpty()) {
      assertTrue(questions++ <= changes, "they ask in circles");
      brought += ask(asker, other, false);
    }
    for (var i = 0; i < other.graph.size(); i++) {
      assertTrue(asker.graph.contains(other.graph.hashAt(i)), "something is still lacking");
    }
    // After a false positive the next question's filter lacks the changes that wait for it.
    if (questions <= 1) {
      assertEquals(had + brought, asker.graph.size(), "something came that was there");
    }
  }

  @Example
  @Label("who lacks a change lacks what depends on it, whatever the filter says")
  void requestedDependenciesOverrideTheFilter() {
    var chain = SyntheticChanges.chain(1, 3).made();
    var graph = new ChangeGraph();
    chain.forEach(graph::offer);
    var filter = BloomFilter.of(List.of(chain.get(1).hash(), chain.get(2).hash()), 2);
    var question =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(new ChangeHash(1, 2, 3, 4)),
            List.of(new ChangeHash(5, 6, 7, 8)),
            List.of(new Have(List.of(), filter)),
            List.of(),
            null);
    assertArrayEquals(new int[] {0, 1, 2}, Repair.changesToSend(graph, question));
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  @Label("what a question names comes even if its filter says that everything is there")
  void requestedHashesOverrideTheFilter(
      @ForAll long seed, @ForAll @IntRange(max = 80) int changes) {
    var holders = parted(seed, changes);
    var asker = holders.getFirst();
    var other = holders.getLast();
    for (var questions = 0; !asker.lacks(other).isEmpty(); questions++) {
      assertTrue(questions <= changes, "they ask in circles");
      ask(asker, other, true);
    }
    for (var i = 0; i < other.graph.size(); i++) {
      assertTrue(asker.graph.contains(other.graph.hashAt(i)), "something is still lacking");
    }
  }
}
