package dev.parlor.crdt.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.Columns.Op;
import dev.parlor.crdt.operations.Columns.OpId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Repetitions of an operation are checked as one run, with the same result as one by one. */
class RepeatsTest {

  private static final OperationLimits LIMITS = OperationLimits.DEFAULT;
  private static final int HALF_A_MILLION = 500_000;
  private static final int CHANGES = 8;

  /** A policy that allows everything, but has each operation checked, so that no run is skipped. */
  private static final OperationPolicy CHECK_EACH_OPERATION =
      new OperationPolicy() {
        @Override
        public @Nullable String checkOperation(
            OperationReader operation, int object, int key, int madeObject) {
          return null;
        }

        @Override
        public boolean coversRepeats() {
          return false;
        }

        @Override
        public @Nullable String checkEnd() {
          return null;
        }
      };

  @Test
  @DisplayName(
      "[AD3] half a million equal puts in a hundred bytes are checked in one step; checking each would exceed the limit")
  void equalPuts() {
    var ops = repeated(HALF_A_MILLION, i -> set("k", List.of()));
    assertSteps(1, ops, change(actor(1), 1, 1, List.of(), List.of(), ops));
  }

  @Test
  @DisplayName(
      "[AD3] deleting a quarter of a million equal puts takes one step, for own puts and for those of another actor")
  void deletionsOfEqualPuts() {
    var half = HALF_A_MILLION / 2;
    var puts = repeated(half, i -> set("k", List.of()));
    var first = change(actor(1), 1, 1, List.of(), List.of(), puts);
    var ownDeletions = repeated(half, i -> delete("k", List.of(new OpId(0, i + 1))));
    assertSteps(
        1,
        ownDeletions,
        first,
        change(actor(1), 2, half + 1, List.of(first), List.of(), ownDeletions));
    var othersDeletions = repeated(half, i -> delete("k", List.of(new OpId(1, i + 1))));
    assertSteps(
        1,
        othersDeletions,
        first,
        change(actor(2), 1, half + 1, List.of(first), List.of(actor(1)), othersDeletions));
  }

  @Test
  @DisplayName(
      "[AD3] deletions with stride 2, backwards, or with three predecessors each are checked as runs")
  void deletionsWithOtherStrides() {
    var first =
        change(
            actor(1),
            1,
            1,
            List.of(),
            List.of(),
            repeated(HALF_A_MILLION, i -> set("k", List.of())));
    var half = HALF_A_MILLION / 2;
    for (var removal :
        List.of(
            repeated(half, i -> delete("k", List.of(id(1 + 2L * i)))),
            repeated(half, i -> delete("k", List.of(id(HALF_A_MILLION - i)))),
            repeated(
                HALF_A_MILLION / 4,
                i -> delete("k", List.of(id(3L * i + 1), id(3L * i + 2), id(3L * i + 3)))))) {

      assertSteps(
          removal.getFirst().predecessors().size() == 3 ? 1 : 2,
          removal,
          first,
          change(actor(1), 2, HALF_A_MILLION + 1, List.of(first), List.of(), removal));
    }
  }

  @Test
  @DisplayName(
      "[AD3] insertions of nulls, each after the previous null, and their deletions are checked as runs")
  void insertionsAndDeletionsOfElements() {
    var half = HALF_A_MILLION / 2;
    var list = new OpId(0, 1);
    var ops = new ArrayList<Op>();
    ops.add(Columns.list("list"));
    ops.add(insert(list, new OpId(0, 0)));
    ops.addAll(repeated(half, i -> insert(list, new OpId(0, i + 2))));
    var first = change(actor(1), 1, 1, List.of(), List.of(), ops);
    assertSteps(4, ops, first);
    var removal =
        repeated(
            half,
            i ->
                element(
                    list, new OpId(0, i + 2), false, Columns.DELETE, List.of(new OpId(0, i + 2))));
    assertSteps(
        2, removal, first, change(actor(1), 2, half + 3, List.of(first), List.of(), removal));
  }

  @Test
  @DisplayName(
      "[AD2] a run is refused at the operation where its element and its predecessor diverge")
  void elementAndPredecessorDiverge() {
    var list = new OpId(0, 1);
    var start = new ArrayList<>(List.of(Columns.list("list"), set("k", List.of())));
    start.addAll(repeated(6, i -> insert(list, i == 0 ? new OpId(0, 0) : id(2 + i))));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // The elements are 3 to 8. The columns store differences between counters: the operations
    // before
    // the last two removals make the differences of these removals equal, so they form one run.
    var elementStays =
        List.of(
            insert(list, id(3)),
            delete("k", List.of(id(2))),
            remove(list, 3, 3),
            remove(list, 3, 4));
    var predecessorStays =
        List.of(remove(list, 4, 4), insert(list, id(3)), remove(list, 4, 4), remove(list, 5, 4));
    for (var ops : List.of(elementStays, predecessorStays)) {
      assertRefused("the value that an operation overwrites", List.of(first), 9, ops);
    }
    var puts = new ArrayList<>(List.of(set("k", List.of(id(2)))));
    puts.addAll(repeated(3, i -> element(list, id(4), false, Columns.SET, List.of(id(4)))));
    var second = change(actor(1), 2, 9, List.of(first), List.of(), puts);
    // Operations 10 to 12 overwrote element 4; 11 is not at element 5.
    var ops =
        List.of(
            insert(list, id(3)),
            delete("k", List.of(id(9))),
            remove(list, 4, 10),
            remove(list, 5, 11));
    assertRefused("the value that an operation overwrites", List.of(first, second), 13, ops);
  }

  @Test
  @DisplayName("[AD2] a run is refused at the operation that refers to an element of another list")
  void elementOfAnotherList() {
    var list = id(1);
    var otherList = id(2);
    var start = new ArrayList<>(List.of(Columns.list("one"), Columns.list("other")));
    start.addAll(repeated(3, i -> insert(list, i == 0 ? new OpId(0, 0) : id(2 + i))));
    start.addAll(repeated(3, i -> insert(otherList, i == 0 ? new OpId(0, 0) : id(5 + i))));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // Elements 3 to 5 are in the first list, 6 to 8 in the second.
    var removals = repeated(4, i -> remove(list, 3 + i, 3 + i));
    assertRefused("the element that an operation refers to", List.of(first), 9, removals);
    var insertions = repeated(4, i -> insert(otherList, id(8 - i)));
    assertRefused("the element that an operation refers to", List.of(first), 9, insertions);
  }

  @Test
  @DisplayName("[AD2] a run is refused at the operation whose element does not exist")
  void missingElement() {
    var list = id(1);
    var start = new ArrayList<>(List.of(Columns.list("list"), set("k", List.of())));
    for (var element : List.of(new OpId(0, 0), id(3), id(5))) {
      start.addAll(List.of(insert(list, element), set("k", List.of())));
    }
    start.add(set("k", List.of()));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // 3, 5 and 7 are elements, 9 is a value of the key.
    var removals = repeated(4, i -> remove(list, 3 + 2L * i, 3 + 2L * i));
    assertRefused("the element that an operation refers to", List.of(first), 10, removals);
  }

  @Test
  @DisplayName(
      "[AD2] a run is refused at the operation that refers to a change outside its author's past")
  void outsideThePast() {
    var inThePast =
        change(actor(2), 1, 1, List.of(), List.of(), repeated(10, i -> set("k", List.of())));
    var outsideThePast =
        change(
            actor(2), 2, 11, List.of(inThePast), List.of(), repeated(10, i -> set("k", List.of())));
    for (var count : List.of(10, 11)) {
      var ops = repeated(count, i -> delete("k", List.of(new OpId(1, i + 1))));
      var graph = new CheckedGraph(LIMITS);
      graph.offer(inThePast, null);
      graph.offer(outsideThePast, null);
      var change = change(actor(1), 1, 11, List.of(inThePast), List.of(actor(2)), ops);
      var offer = graph.offer(change, null);
      if (count == 10) {
        assertInstanceOf(Offer.Added.class, offer, offer.toString());
      } else {
        assertInstanceOf(Offer.Rejected.class, offer, offer.toString());
        assertTrue(((Offer.Rejected) offer).reason().contains("overwrites"), offer.toString());
      }
    }
  }

  private static void assertRefused(
      String reason, List<ChangeChunk> past, long startOp, List<Op> operations) {
    var complete = offerLast(past, startOp, operations);
    assertInstanceOf(Offer.Rejected.class, complete, complete.toString());
    assertTrue(((Offer.Rejected) complete).reason().contains(reason), complete.toString());
    var withoutLast = offerLast(past, startOp, operations.subList(0, operations.size() - 1));
    assertInstanceOf(Offer.Added.class, withoutLast, "without the last operation: " + withoutLast);
  }

  private static Offer offerLast(List<ChangeChunk> past, long startOp, List<Op> operations) {
    var graph = new CheckedGraph(LIMITS);
    past.forEach(change -> assertInstanceOf(Offer.Added.class, graph.offer(change, null)));
    var seq = past.size() + 1;
    var last = change(actor(1), seq, startOp, List.of(past.getLast()), List.of(), operations);
    return graph.offer(last, null);
  }

  private static OpId id(long counter) {
    return new OpId(0, counter);
  }

  private static Op remove(OpId list, long element, long predecessor) {
    return element(list, id(element), false, Columns.DELETE, List.of(id(predecessor)));
  }

  /**
   * Checks that all changes are admitted and that the last change is read in {@code steps} steps.
   * If it has more operations than may be checked singly, the first change must be refused when
   * each operation is checked.
   */
  private static void assertSteps(int steps, List<Op> operations, ChangeChunk... changes) {
    var change = changes[changes.length - 1];
    var reader = OperationReader.open(change, LIMITS).orElseThrow();
    var stepCount = 0;
    while (reader.next()) {
      stepCount++;
      reader.skip(reader.repeats());
    }
    assertEquals(steps, stepCount);
    assertEquals(operations.size(), reader.count());
    var graph = new CheckedGraph(LIMITS);
    for (var offered : changes) {
      var offer = graph.offer(offered, null);
      assertInstanceOf(Offer.Added.class, offer, offer.toString());
    }
    if (operations.size() > LIMITS.nonRepeatsMaxOf(change.plain().length())) {
      var refused =
          assertInstanceOf(
              Offer.Rejected.class,
              new CheckedGraph(LIMITS).offer(changes[0], CHECK_EACH_OPERATION));
      assertEquals("AD3", refused.rule());
      assertTrue(refused.reason().contains("no repetitions"), refused.reason());
    }
  }

  @Property(tries = 3_000)
  @Label(
      "[AD1] [AD2] for random runs the result and the index are the same as for single operations")
  void runsAreCheckedLikeSingleOperations(@ForAll long seed) {
    var random = new Random(seed);
    var withRuns = new CheckedGraph(LIMITS);
    var oneByOne = new CheckedGraph(LIMITS);
    var past = new ArrayList<ChangeChunk>();
    var generator = new ChangeGenerator(random);
    for (var number = 0; number < CHANGES; number++) {
      var author = random.nextInt(2);
      var change = generator.change(author, past);
      assertEquals(
          checkEachOperation(change), OperationReader.check(change, LIMITS), () -> "seed " + seed);
      var expected = oneByOne.offer(change, CHECK_EACH_OPERATION);
      var offer = withRuns.offer(change, null);
      assertEquals(expected, offer, () -> "seed " + seed);
      assertEquals(oneByOne.index().runs(), withRuns.index().runs());
      assertEquals(oneByOne.index().operations(), withRuns.index().operations());
      assertEquals(oneByOne.index().heapBytes(), withRuns.index().heapBytes());
      var added = offer instanceof Offer.Added;
      if (added) {
        generator.admitted(author);
        past.add(change);
      }
      var outcome = offer instanceof Offer.Rejected(var rule, _) ? rule : "added";
      Statistics.collect(generator.skippedRepeats > 0 ? outcome + ", skipped" : outcome);
    }
    Statistics.coverage(
        check -> {
          check.check("added").percentage(p -> p > 3);
          check.check("added, skipped").percentage(p -> p > 15);
          check.check("AD1").percentage(p -> p > 2);
          check.check("AD1, skipped").count(c -> c > 50);
          check.check("AD2, skipped").percentage(p -> p > 10);
        });
  }

  /** Checks the change as {@link OperationReader#check} does, but without skipping runs. */
  private static Decoding<Integer> checkEachOperation(ChangeChunk change) {
    return OperationReader.open(change, LIMITS)
        .flatMap(
            reader -> {
              while (reader.next()) {
                // next() checks the operation
              }
              return reader.failed() ? reader.malformed() : Decoding.of(reader.count());
            });
  }

  /** Makes changes of random runs. Most runs are valid; some have one invalid operation. */
  private static final class ChangeGenerator {

    private final Random random;
    private final List<ActorId> actors = List.of(actor(1), actor(2));

    /** The elements of a run: their actor, first counter and stride. */
    private record Elements(int actor, long from, long stride) {}

    /** A run of operations in the document, which a later run may refer to. */
    private record Run(
        int actor, long from, int length, boolean inList, @Nullable Elements overwrittenElements) {}

    private final List<Run> runs = new ArrayList<>();
    private List<Run> staged = new ArrayList<>();
    private final int[] seq = new int[2];
    private long counter = 1;
    private long nextCounter;
    private int skippedRepeats;

    ChangeGenerator(Random random) {
      this.random = random;
    }

    ChangeChunk change(int author, List<ChangeChunk> past) {
      staged = new ArrayList<>();
      skippedRepeats = 0;
      var ops = new ArrayList<Op>();
      if (past.isEmpty()) {
        ops.add(Columns.list("list"));
      }
      var table = new int[] {author, 1 - author};
      for (var i = 0; i <= random.nextInt(3); i++) {
        addRun(ops, table);
      }
      nextCounter = counter + ops.size();
      var refersToOther =
          ops.stream().anyMatch(op -> refersTo(op, 1)) ? List.of(actors.get(1 - author)) : null;
      var change =
          RepeatsTest.change(
              actors.get(author),
              seq[author] + 1,
              counter,
              dependencies(actors.get(author), past),
              Optional.ofNullable(refersToOther).orElse(List.of()),
              ops);
      if (OperationReader.open(change, LIMITS)
          instanceof Decoding.Decoded<OperationReader>(var reader)) {
        while (reader.next()) {
          var repeats = reader.repeats();
          skippedRepeats += repeats;
          reader.skip(repeats);
        }
      }
      return change;
    }

    private static boolean refersTo(Op op, int actor) {
      return (op.object() != null && op.object().actor() == actor)
          || (op.element() != null && op.element().counter() > 0 && op.element().actor() == actor)
          || op.predecessors().stream().anyMatch(id -> id.actor() == actor);
    }

    /** The author's last change, and sometimes another random change. */
    private List<ChangeChunk> dependencies(ActorId author, List<ChangeChunk> past) {
      var dependencies = new TreeMap<ChangeHash, ChangeChunk>();
      for (var change : past) {
        if (change.actor().equals(author)) {
          dependencies.clear();
          dependencies.put(change.hash(), change);
        }
      }
      if (!past.isEmpty() && (dependencies.isEmpty() || random.nextBoolean())) {
        var otherChange = past.get(random.nextInt(past.size()));
        dependencies.put(otherChange.hash(), otherChange);
      }
      return List.copyOf(dependencies.values());
    }

    void admitted(int author) {
      seq[author]++;
      runs.addAll(staged);
      counter = nextCounter;
    }

    private int listAuthor = -1;

    /**
     * Adds a random run of operations. Most runs refer to ids of an earlier run; {@code table} has
     * the author, then the other actor.
     */
    private void addRun(List<Op> ops, int[] table) {
      if (listAuthor < 0) {
        listAuthor = table[0];
      }
      var list = new OpId(table[0] == listAuthor ? 0 : 1, 1);
      var length = 1 + random.nextInt(12);
      var first = counter + ops.size();
      var kind = random.nextInt(7);
      var isValid = random.nextInt(4) > 0;
      var startsInRun = isValid || random.nextBoolean();
      var candidates = new ArrayList<>(runs);
      candidates.addAll(staged);
      if (startsInRun) {
        candidates.removeIf(run -> run.inList != (kind == 2 || kind >= 5));
      }
      var target =
          candidates.isEmpty()
              ? new Run(table[0], Math.max(1, first - 1), 1, false, null)
              : candidates.get(random.nextInt(candidates.size()));
      var actor = table[0] == target.actor ? 0L : 1L;
      var offset = random.nextInt(target.length);
      var from = Math.max(1, target.from + (startsInRun ? offset : pick(-1, target.length)));
      var stride = isValid ? pick(1, 1, 0, 2, -1) : pick(0, 1, 1, 2, -1, 3);
      var predecessorStride = isValid ? stride : pick(0, 1, 2, -1, 3);
      var elements = new Elements(target.actor, from, stride);
      if (target.overwrittenElements != null) {
        var source = target.overwrittenElements;
        var validStride = stride == 1 ? source.stride : 0;
        var elementStride = isValid ? validStride : pick(0, 1);
        elements =
            new Elements(
                source.actor, source.from + (from - target.from) * source.stride, elementStride);
      }
      var overwritten = elements;
      var elementActor = table[0] == overwritten.actor ? 0L : 1L;
      var predecessorsEach = kind >= 3 && random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
      var available = idsInRun(target.length, offset, stride);
      var count =
          (int) (isValid ? Math.max(1, Math.min(length, available / predecessorsEach)) : length);
      switch (kind) {
        case 0 -> { // puts without predecessors
          ops.addAll(repeated(length, i -> set("k", List.of())));
          staged.add(new Run(table[0], first, length, false, null));
        }
        case 1 -> { // insertions, each after the previous
          var hasInvalidActor = !isValid && random.nextBoolean();
          ops.addAll(
              repeated(
                  length,
                  i ->
                      insert(
                          list,
                          hasInvalidActor
                              ? new OpId(-1, i)
                              : new OpId(0, i == 0 ? 0 : first + i - 1))));
          staged.add(new Run(table[0], first, length, true, null));
        }
        case 2 -> { // insertions after existing elements
          ops.addAll(repeated(count, i -> insert(list, new OpId(actor, from + i * stride))));
          staged.add(new Run(table[0], first, count, true, null));
        }
        case 3 -> { // puts that overwrite existing values, or each other
          var chain = random.nextBoolean();
          ops.addAll(
              repeated(
                  count,
                  i ->
                      set(
                          "k",
                          chain && i > 0
                              ? List.of(new OpId(0, first + i - 1))
                              : ids(
                                  actor,
                                  from + (long) i * predecessorsEach * stride,
                                  stride,
                                  predecessorsEach))));
          staged.add(new Run(table[0], first, count, false, null));
        }
        case 4 -> // deletions of values of the key
            ops.addAll(
                repeated(
                    count,
                    i ->
                        delete(
                            "k",
                            ids(
                                actor,
                                from + (long) i * predecessorsEach * stride,
                                stride,
                                predecessorsEach))));
        case 5 -> // deletions of elements
            ops.addAll(
                repeated(
                    count,
                    i ->
                        element(
                            list,
                            new OpId(elementActor, overwritten.from + i * overwritten.stride),
                            false,
                            Columns.DELETE,
                            ids(
                                actor,
                                from + (long) i * predecessorsEach * predecessorStride,
                                predecessorStride,
                                predecessorsEach))));
        default -> { // puts that overwrite elements
          ops.addAll(
              repeated(
                  count,
                  i ->
                      element(
                          list,
                          new OpId(elementActor, overwritten.from + i * overwritten.stride),
                          false,
                          Columns.SET,
                          ids(
                              actor,
                              from + (long) i * predecessorsEach * predecessorStride,
                              predecessorStride,
                              predecessorsEach))));
          staged.add(new Run(table[0], first, count, true, overwritten));
        }
      }
    }

    /** The number of ids in a run from an offset on, in steps of a stride. */
    private static long idsInRun(int length, int offset, long stride) {
      if (stride == 0) {
        return (long) length - offset;
      }
      return stride > 0 ? (length - offset - 1L) / stride + 1 : offset + 1L;
    }

    /** Consecutive ids with a stride; ascending if the stride is above 0. */
    private static List<OpId> ids(long actor, long from, long stride, int count) {
      var ids = new ArrayList<OpId>();
      for (var i = 0; i < count; i++) {
        ids.add(new OpId(actor, from + i * stride));
      }
      return ids;
    }

    private long pick(long... values) {
      return values[random.nextInt(values.length)];
    }
  }

  private interface OperationFactory {
    Op at(int index);
  }

  private static List<Op> repeated(int count, OperationFactory factory) {
    var ops = new ArrayList<Op>(count);
    for (var i = 0; i < count; i++) {
      ops.add(factory.at(i));
    }
    return ops;
  }

  private static Op set(String key, List<OpId> predecessors) {
    return new Op(null, key, null, false, Columns.SET, 0, Bytes.EMPTY, predecessors);
  }

  private static Op delete(String key, List<OpId> predecessors) {
    return new Op(null, key, null, false, Columns.DELETE, 0, Bytes.EMPTY, predecessors);
  }

  private static Op insert(OpId list, OpId after) {
    return element(list, after, true, Columns.SET, List.of());
  }

  private static Op element(
      OpId list, OpId element, boolean insert, long action, List<OpId> predecessors) {
    return new Op(list, null, element, insert, action, 0, Bytes.EMPTY, predecessors);
  }

  private static ChangeChunk change(
      ActorId author,
      int seq,
      long startOp,
      List<ChangeChunk> on,
      List<ActorId> others,
      List<Op> operations) {
    var columns = Columns.of(operations);
    var hash = new ChangeHash(author.bytes().at(0), seq, columns.hashCode(), startOp);
    return new ChangeChunk(
        hash,
        author,
        seq,
        startOp,
        0,
        "",
        on.stream().map(ChangeChunk::hash).toList(),
        others,
        columns,
        columns);
  }

  private static ActorId actor(int number) {
    return new ActorId(Bytes.wrap(ByteBuffer.allocate(16).put((byte) number).array()));
  }
}
