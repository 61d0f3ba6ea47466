package dev.parlor.crdt.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/**
 * Properties of {@link Replica} for random edits. An abort of the native library would end this
 * test's process.
 */
class ReplicaProperties {

  private static final Value START =
      Value.map(
          "a", Value.list(List.of(Value.of(1), Value.text("caf\u00e9"))),
          "b", Value.map("a", Value.text("\ud83e\udda6\ud83e\udda6")),
          "t", Value.text("hello"));

  private static final List<String> STRINGS =
      List.of(
          "", "x", "\0", "\ud83e\udda6", "\ud83e", "\udda6x", "\uffff", "e\u0301", "\u200d\ufeff");

  @Provide
  Arbitrary<Value> values() {
    var strings = Arbitraries.of(STRINGS);
    var leaves =
        Arbitraries.oneOf(
            strings.map(Value.Str::new),
            strings.map(Value.Text::new),
            Arbitraries.longs().map(Value.Int::new),
            Arbitraries.longs().between(0, Long.MAX_VALUE).map(Value.Uint::new),
            Arbitraries.doubles().map(Value.Float::new),
            Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0).map(Value.Float::new),
            Arbitraries.longs().map(Value.Counter::new),
            Arbitraries.longs().map(Value.Timestamp::new),
            Arbitraries.just(new Value.Blob(Bytes.ofHex("00ff"))),
            Arbitraries.just(Value.NULL));
    return Arbitraries.oneOf(
        leaves,
        leaves.list().ofMaxSize(3).map(Value::list),
        Combinators.combine(strings, leaves).as((key, value) -> Value.map(key, value)));
  }

  @Provide
  Arbitrary<Edit> edits() {
    var steps =
        Arbitraries.oneOf(
            Arbitraries.of("a", "b", "t", "new", "k\ud83e\udda6", "k\0").map(step -> (Object) step),
            Arbitraries.integers().between(0, 4).map(step -> (Object) step));
    var paths = steps.list().ofMaxSize(3).map(Path::new);
    var numbers = Arbitraries.of(-1, 0, 1, 2, 5, 6, Integer.MAX_VALUE, Integer.MIN_VALUE);
    return Arbitraries.oneOf(
        Combinators.combine(paths, values()).as(Edit.Put::new),
        paths.map(Edit.Delete::new),
        Combinators.combine(paths, values()).as(Edit.Append::new),
        Combinators.combine(paths, numbers, values()).as(Edit.Insert::new),
        Combinators.combine(paths, numbers, numbers, Arbitraries.of(STRINGS))
            .as(Edit.SpliceText::new));
  }

  private static Replica start() {
    var replica = Replica.create(ReplicaTest.actor(1));
    ((Value.MapOf) START)
        .entries()
        .forEach((key, value) -> replica.transact(List.of(new Edit.Put(Path.of(key), value))));
    return replica;
  }

  @Property(tries = 500)
  @Label(
      "a transaction makes one change that leads other replicas to the same document, or fails without effect")
  void transactionIsOneChangeOrNone(
      @ForAll @Size(min = 1, max = 5) List<@From("edits") Edit> edits) {
    try (var replica = start();
        var other = Replica.load(Optional.of(replica.save()), List.of(), ReplicaTest.actor(2))) {
      var root = replica.root();
      var heads = replica.heads();
      try {
        var change = replica.transact(edits);
        assertEquals(change.isEmpty(), heads.equals(replica.heads()));
        other.apply(change.stream().toList());
      } catch (ReplicaException e) {
        assertEquals(root, replica.root());
        assertEquals(heads, replica.heads());
      }
      assertEquals(replica.root().toString(), other.root().toString());
      assertEquals(replica.heads(), other.heads());
    }
  }

  @Property(tries = 200)
  @Label("replicas with the same changes are equal, whatever the order and repetitions of delivery")
  void orderOfDeliveryDoesNotMatter(
      @ForAll @Size(min = 2, max = 8) List<@From("edits") Edit> edits, @ForAll long seed) {
    var random = new Random(seed);
    try (var base = start()) {
      var changes = new ArrayList<>(base.changes());
      for (var i = 0; i < edits.size(); i++) {
        try (var writer =
            Replica.load(Optional.of(base.save()), List.of(), ReplicaTest.actor(10 + i))) {
          writer.transact(List.of(edits.get(i))).ifPresent(changes::add);
        } catch (ReplicaException e) {
          // an edit that does not fit the document makes no change
        }
      }
      var shuffled = new ArrayList<>(changes);
      shuffled.addAll(changes);
      Collections.shuffle(shuffled, random);
      try (var inOrder = Replica.load(Optional.empty(), changes, ReplicaTest.actor(2));
          var shuffledTwice = Replica.create(ReplicaTest.actor(3))) {
        shuffled.forEach(change -> shuffledTwice.apply(List.of(change)));
        assertEquals(inOrder.heads(), shuffledTwice.heads());
        assertEquals(inOrder.root().toString(), shuffledTwice.root().toString());
        for (var key : List.of("a", "b", "t", "new")) {
          var conflicts = inOrder.conflicts(Path.of(key));
          assertEquals(conflicts.toString(), shuffledTwice.conflicts(Path.of(key)).toString());
          assertEquals(
              inOrder.read(Path.of(key)).toString(), conflicts.stream().findFirst().toString());
        }
        assertEquals(
            Snapshots.expand(inOrder.save()).stream().sorted().toList(),
            shuffledTwice.changes().stream().sorted().toList());
      }
    }
  }
}
