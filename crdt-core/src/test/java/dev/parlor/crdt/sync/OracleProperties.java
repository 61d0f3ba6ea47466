package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.sync.Replicas.AutomergeReplica;
import dev.parlor.crdt.sync.Replicas.ParlorReplica;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.automerge.ChangeHash;
import org.automerge.Document;

/** Compares the graph and the sync codec with Automerge's bindings, for random documents. */
class OracleProperties {

  /** A document that several actors edited and merged. */
  private static AutomergeReplica randomDocument(long seed, int edits) {
    var random = new Random(seed);
    var authors =
        List.of(new AutomergeReplica(1), new AutomergeReplica(2), new AutomergeReplica(3));
    for (var i = 0; i < edits; i++) {
      var author = authors.get(random.nextInt(3));
      author.put("k" + random.nextInt(5), "v" + i);
      if (random.nextInt(4) == 0) {
        author.document.merge(authors.get(random.nextInt(3)).document);
      }
    }
    authors.forEach(author -> authors.getFirst().document.merge(author.document));
    authors.subList(1, 3).forEach(AutomergeReplica::close);
    return authors.getFirst();
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label("after each change the graph has the heads of the bindings")
  void headsAfterEveryPrefix(@ForAll long seed, @ForAll @IntRange(max = 60) int edits) {
    try (var source = randomDocument(seed, edits);
        var parlor = new ParlorReplica()) {
      var oracle = new Document();
      for (var change : Replicas.changesOf(source.document)) {
        parlor.offer("file", change);
        oracle.applyEncodedChanges(change.plain().toArray());
        assertEquals(Replicas.headsOf(oracle), parlor.heads());
      }
      assertEquals(source.heads(), parlor.heads());
      oracle.free();
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "changes that are applied twice and in any order give the heads and contents of the bindings")
  void changesAppliedTwiceAndInAnyOrderGiveTheSameHeads(
      @ForAll long seed, @ForAll @IntRange(max = 60) int edits) {
    try (var source = randomDocument(seed, edits);
        var parlor = new ParlorReplica()) {
      var changes = new ArrayList<>(Replicas.changesOf(source.document));
      changes.addAll(List.copyOf(changes));
      Collections.shuffle(changes, new Random(seed));
      changes.forEach(change -> parlor.offer("file", change));
      assertEquals(source.heads(), parlor.heads());
      assertEquals(Replicas.contentsOf(source.document), Replicas.contentsOf(parlor.document()));
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label("since(frontier) returns the changes of the bindings' encodeChangesSince(frontier)")
  void sinceAgreesWithTheBindings(@ForAll long seed, @ForAll @IntRange(max = 60) int edits) {
    try (var source = randomDocument(seed, edits);
        var parlor = new ParlorReplica()) {
      var changes = Replicas.changesOf(source.document);
      changes.forEach(change -> parlor.offer("file", change));
      var prefix = new Document();
      var random = new Random(seed);
      changes.stream()
          .limit(changes.isEmpty() ? 0 : random.nextInt(changes.size()))
          .forEach(change -> prefix.applyEncodedChanges(change.plain().toArray()));
      ChangeHash[] frontier = prefix.getHeads();
      var expected = Bytes.wrap(source.document.encodeChangesSince(frontier));
      var since = parlor.graph.since(Replicas.headsOf(prefix));
      assertEquals(
          Replicas.decode(expected).stream().map(change -> change.hash()).sorted().toList(),
          Arrays.stream(since).mapToObj(parlor.graph::hashAt).sorted().toList());
      prefix.free();
    }
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  @Label("[SY2] every message of the bindings is decoded and encoded to the same bytes")
  void messagesOfTheBindingsRoundTrip(@ForAll long seed, @ForAll @IntRange(max = 60) int edits) {
    try (var left = randomDocument(seed, edits);
        var right = new AutomergeReplica(9)) {
      left.open(1, true);
      right.open(1, true);
      for (var round = 0; round < 10; round++) {
        if (round % 3 == 2) {
          right.put("mine", "v" + round);
        }
        left.next(1).ifPresent(message -> right.receive(1, roundTripped(message)));
        right.next(1).ifPresent(message -> left.receive(1, roundTripped(message)));
      }
      assertEquals(left.heads(), right.heads());
    }
  }

  private static Bytes roundTripped(Bytes bytes) {
    var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
    for (var have : message.have()) {
      assertEquals(
          have.filter(),
          BloomFilter.decode(have.filter().encode(), SyncLimits.DEFAULT).orElseThrow());
    }
    var encoded = SyncMessageCodec.encode(message);
    assertEquals(bytes, encoded);
    return encoded;
  }
}
