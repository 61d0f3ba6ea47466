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

/** Repeated operations are judged as a run, with the same result as one by one. */
class RepeatsTest {

  private static final OperationLimits LIMITS = OperationLimits.DEFAULT;
  private static final int MANY = 500_000;
  private static final int CHANGES = 8;

  /** A policy that judges each operation, so that no run is skipped; it allows everything. */
  private static final OperationPolicy ONE_BY_ONE =
      new OperationPolicy() {
        @Override
        public @Nullable String checkOperation(
            OperationReader operation, int object, int key, int made) {
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
      "[AD3] half a million equal puts in a hundred bytes are judged in few steps; judging each would exceed the limit")
  void puts() {
    var ops = repeated(MANY, i -> set("k", List.of()));
    assertSteps(1, ops, change(actor(1), 1, 1, List.of(), List.of(), ops));
  }

  @Test
  @DisplayName(
      "[AD3] deleting half a million equal puts takes few steps, up to the limit of operations")
  void deletions() {
    var half = LIMITS.operationsMax() / 4;
    var puts = repeated(half, i -> set("k", List.of()));
    var first = change(actor(1), 1, 1, List.of(), List.of(), puts);
    var own = repeated(half, i -> delete("k", List.of(new OpId(0, i + 1))));
    assertSteps(1, own, first, change(actor(1), 2, half + 1, List.of(first), List.of(), own));
    var others = repeated(half, i -> delete("k", List.of(new OpId(1, i + 1))));
    assertSteps(
        1, others, first, change(actor(2), 1, half + 1, List.of(first), List.of(actor(1)), others));
  }

  @Test
  @DisplayName(
      "[AD3] deletions with other strides, backwards, and with three predecessors are judged as runs")
  void otherStrides() {
    var first =
        change(actor(1), 1, 1, List.of(), List.of(), repeated(MANY, i -> set("k", List.of())));
    var half = MANY / 2;
    for (var removal :
        List.of(
            repeated(half, i -> delete("k", List.of(id(1 + 2L * i)))),
            repeated(half, i -> delete("k", List.of(id(MANY - i)))),
            repeated(
                MANY / 4,
                i -> delete("k", List.of(id(3L * i + 1), id(3L * i + 2), id(3L * i + 3)))))) {

      assertSteps(
          removal.getFirst().predecessors().size() == 3 ? 1 : 2,
          removal,
          first,
          change(actor(1), 2, MANY + 1, List.of(first), List.of(), removal));
    }
  }

  @Test
  @DisplayName(
      "[AD3] inserting a list of nulls, each after the previous one, and deleting it are judged as runs")
  void elements() {
    var half = LIMITS.operationsMax() / 4 - 2;
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
  void partingWays() {
    var list = new OpId(0, 1);
    var start = new ArrayList<>(List.of(Columns.list("list"), set("k", List.of())));
    start.addAll(repeated(6, i -> insert(list, i == 0 ? new OpId(0, 0) : id(2 + i))));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // The elements are 3 to 8. Operations before each run shift it by one step.
    var elementStays =
        List.of(
            insert(list, id(3)),
            delete("k", List.of(id(2))),
            remove(list, 3, 3),
            remove(list, 3, 4));
    var predecessorStays =
        List.of(remove(list, 4, 4), insert(list, id(3)), remove(list, 4, 4), remove(list, 5, 4));
    for (var ops : List.of(elementStays, predecessorStays)) {
      assertRefused("a value that is overwritten", List.of(first), 9, ops);
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
    assertRefused("a value that is overwritten", List.of(first, second), 13, ops);
  }

  @Test
  @DisplayName("[AD2] a run is refused at the operation that refers to an element of another list")
  void anotherList() {
    var one = id(1);
    var other = id(2);
    var start = new ArrayList<>(List.of(Columns.list("one"), Columns.list("other")));
    start.addAll(repeated(3, i -> insert(one, i == 0 ? new OpId(0, 0) : id(2 + i))));
    start.addAll(repeated(3, i -> insert(other, i == 0 ? new OpId(0, 0) : id(5 + i))));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // Elements 3 to 5 are in the first list, 6 to 8 in the second.
    var removals = repeated(4, i -> remove(one, 3 + i, 3 + i));
    assertRefused("an element that is referred to", List.of(first), 9, removals);
    var insertions = repeated(4, i -> insert(other, id(8 - i)));
    assertRefused("an element that is referred to", List.of(first), 9, insertions);
  }

  @Test
  @DisplayName("[AD2] a run is refused at the operation whose element does not exist")
  void gaps() {
    var list = id(1);
    var start = new ArrayList<>(List.of(Columns.list("list"), set("k", List.of())));
    for (var element : List.of(new OpId(0, 0), id(3), id(5))) {
      start.addAll(List.of(insert(list, element), set("k", List.of())));
    }
    start.add(set("k", List.of()));
    var first = change(actor(1), 1, 1, List.of(), List.of(), start);
    // 3, 5 and 7 are elements, 9 is a value of the key.
    var removals = repeated(4, i -> remove(list, 3 + 2L * i, 3 + 2L * i));
    assertRefused("an element that is referred to", List.of(first), 10, removals);
  }

  @Test
  @DisplayName(
      "[AD2] a run is refused at the operation that refers to a change outside its author's past")
  void unseen() {
    var seen = change(actor(2), 1, 1, List.of(), List.of(), repeated(10, i -> set("k", List.of())));
    var unseen =
        change(actor(2), 2, 11, List.of(seen), List.of(), repeated(10, i -> set("k", List.of())));
    for (var count : List.of(10, 11)) {
      var ops = repeated(count, i -> delete("k", List.of(new OpId(1, i + 1))));
      var graph = new CheckedGraph(LIMITS);
      graph.offer(seen, null);
      graph.offer(unseen, null);
      var change = change(actor(1), 1, 11, List.of(seen), List.of(actor(2)), ops);
      var offer = graph.offer(change, null);
      if (count == 10) {
        assertInstanceOf(Offer.Added.class, offer, offer.toString());
      } else {
        assertInstanceOf(Offer.Rejected.class, offer, offer.toString());
        assertTrue(((Offer.Rejected) offer).reason().contains("overwritten"), offer.toString());
      }
    }
  }

  private static void assertRefused(
      String why, List<ChangeChunk> past, long startOp, List<Op> operations) {
    var whole = offerLast(past, startOp, operations);
    assertInstanceOf(Offer.Rejected.class, whole, whole.toString());
    assertTrue(((Offer.Rejected) whole).reason().contains(why), whole.toString());
    var most = offerLast(past, startOp, operations.subList(0, operations.size() - 1));
    assertInstanceOf(Offer.Added.class, most, "without the last operation: " + most);
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
   * Checks that the last change is admitted in few steps, and that judging each operation exceeds
   * the limit.
   */
  private static void assertSteps(int steps, List<Op> operations, ChangeChunk... changes) {
    var change = changes[changes.length - 1];
    var reader = OperationReader.open(change, LIMITS).orElseThrow();
    var taken = 0;
    while (reader.next()) {
      taken++;
      reader.skip(reader.repeats());
    }
    assertEquals(steps, taken);
    assertEquals(operations.size(), reader.count());
    var graph = new CheckedGraph(LIMITS);
    for (var one : changes) {
      var offer = graph.offer(one, null);
      assertInstanceOf(Offer.Added.class, offer, offer.toString());
    }
    if (operations.size() > LIMITS.operationsMax() / 16 + 2 * change.plain().length()) {
      var refused =
          assertInstanceOf(
              Offer.Rejected.class, new CheckedGraph(LIMITS).offer(changes[0], ONE_BY_ONE));
      assertEquals("AD3", refused.rule());
      assertTrue(refused.reason().contains("no repetitions"), refused.reason());
    }
  }

  @Property(tries = 3_000)
  @Label("[AD1] [AD2] whatever runs say, the judgement and the index are those of one by one")
  void runsAreJudgedLikeSingleOperations(@ForAll long seed) {
    var random = new Random(seed);
    var fast = new CheckedGraph(LIMITS);
    var slow = new CheckedGraph(LIMITS);
    var past = new ArrayList<ChangeChunk>();
    var world = new World(random);
    for (var number = 0; number < CHANGES; number++) {
      var author = random.nextInt(2);
      var change = world.change(author, past);
      assertEquals(oneByOne(change), OperationReader.check(change, LIMITS), () -> "seed " + seed);
      var expected = slow.offer(change, ONE_BY_ONE);
      var offer = fast.offer(change, null);
      assertEquals(expected, offer, () -> "seed " + seed);
      assertEquals(slow.index().runs(), fast.index().runs());
      assertEquals(slow.index().operations(), fast.index().operations());
      assertEquals(slow.index().heapBytes(), fast.index().heapBytes());
      var added = offer instanceof Offer.Added;
      if (added) {
        world.admitted(author);
        past.add(change);
      }
      var outcome = offer instanceof Offer.Rejected(var rule, _) ? rule : "added";
      Statistics.collect(world.steppedOver > 0 ? outcome + ", stepped over" : outcome);
    }
    Statistics.coverage(
        check -> {
          check.check("added").percentage(p -> p > 3);
          check.check("added, stepped over").percentage(p -> p > 15);
          check.check("AD1").percentage(p -> p > 2);
          check.check("AD1, stepped over").count(c -> c > 50);
          check.check("AD2, stepped over").percentage(p -> p > 10);
        });
  }

  /** As {@link OperationReader#check}, without skipping runs. */
  private static Decoding<Integer> oneByOne(ChangeChunk change) {
    return OperationReader.open(change, LIMITS)
        .flatMap(
            reader -> {
              while (reader.next()) {
                // each step checks
              }
              return reader.failed() ? reader.malformed() : Decoding.of(reader.count());
            });
  }

  /** Makes changes of runs of which most fit the document, and some fail at one operation. */
  private static final class World {

    private final Random random;
    private final List<ActorId> actors = List.of(actor(1), actor(2));

    /** Elements as actor, first counter and stride. */
    private record Elements(int actor, long from, long stride) {}

    /** The existing runs: actor, first counter, and place (list or key). */
    private record Made(
        int actor, long from, int length, boolean inList, @Nullable Elements overwrote) {}

    private final List<Made> made = new ArrayList<>();
    private List<Made> staged = new ArrayList<>();
    private final int[] seq = new int[2];
    private long counter = 1;
    private long nextCounter;
    private int steppedOver;

    World(Random random) {
      this.random = random;
    }

    ChangeChunk change(int author, List<ChangeChunk> past) {
      staged = new ArrayList<>();
      steppedOver = 0;
      var ops = new ArrayList<Op>();
      if (past.isEmpty()) {
        ops.add(Columns.list("list"));
      }
      var table = new int[] {author, 1 - author};
      for (var segment = 0; segment <= random.nextInt(3); segment++) {
        segment(ops, table);
      }
      nextCounter = counter + ops.size();
      var refersToOther =
          ops.stream().anyMatch(op -> names(op, 1)) ? List.of(actors.get(1 - author)) : null;
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
          steppedOver += repeats;
          reader.skip(repeats);
        }
      }
      return change;
    }

    private static boolean names(Op op, int actor) {
      return (op.object() != null && op.object().actor() == actor)
          || (op.element() != null && op.element().counter() > 0 && op.element().actor() == actor)
          || op.predecessors().stream().anyMatch(id -> id.actor() == actor);
    }

    /** The author's last change, and a random part of the other changes as its past. */
    private List<ChangeChunk> dependencies(ActorId author, List<ChangeChunk> past) {
      var seen = new TreeMap<ChangeHash, ChangeChunk>();
      for (var change : past) {
        if (change.actor().equals(author)) {
          seen.clear();
          seen.put(change.hash(), change);
        }
      }
      if (!past.isEmpty() && (seen.isEmpty() || random.nextBoolean())) {
        var other = past.get(random.nextInt(past.size()));
        seen.put(other.hash(), other);
      }
      return List.copyOf(seen.values());
    }

    void admitted(int author) {
      seq[author]++;
      made.addAll(staged);
      counter = nextCounter;
    }

    private int listMaker = -1;

    private void segment(List<Op> ops, int[] table) {
      if (listMaker < 0) {
        listMaker = table[0];
      }
      var list = new OpId(table[0] == listMaker ? 0 : 1, 1);
      var length = 1 + random.nextInt(12);
      var first = counter + ops.size();
      var kind = random.nextInt(7);
      var fits = random.nextInt(4) > 0;
      var begins = fits || random.nextBoolean();
      var all = new ArrayList<>(made);
      all.addAll(staged);
      if (begins) {
        all.removeIf(run -> run.inList != (kind == 2 || kind >= 5));
      }
      var target =
          all.isEmpty()
              ? new Made(table[0], Math.max(1, first - 1), 1, false, null)
              : all.get(random.nextInt(all.size()));
      var actor = table[0] == target.actor ? 0L : 1L;
      var within = random.nextInt(target.length);
      var from = Math.max(1, target.from + (begins ? within : pick(-1, target.length)));
      var stride = fits ? pick(1, 1, 0, 2, -1) : pick(0, 1, 1, 2, -1, 3);
      var other = fits ? stride : pick(0, 1, 2, -1, 3);
      var elements = new Elements(target.actor, from, stride);
      if (target.overwrote != null) {
        var over = target.overwrote;
        var elementStride = fits && stride == 1 ? over.stride : fits ? 0 : pick(0, 1);
        elements =
            new Elements(over.actor, over.from + (from - target.from) * over.stride, elementStride);
      }
      var overwritten = elements;
      var elementActor = table[0] == overwritten.actor ? 0L : 1L;
      var each = kind >= 3 && random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
      var there =
          stride == 0
              ? target.length - within
              : stride > 0 ? (target.length - within - 1) / stride + 1 : within + 1;
      var fit = (int) (fits ? Math.max(1, Math.min(length, there / each)) : length);
      switch (kind) {
        case 0 -> {
          ops.addAll(repeated(length, i -> set("k", List.of())));
          staged.add(new Made(table[0], first, length, false, null));
        }
        case 1 -> {
          var nobody = !fits && random.nextBoolean();
          ops.addAll(
              repeated(
                  length,
                  i ->
                      insert(
                          list,
                          nobody ? new OpId(-1, i) : new OpId(0, i == 0 ? 0 : first + i - 1))));
          staged.add(new Made(table[0], first, length, true, null));
        }
        case 2 -> {
          ops.addAll(repeated(fit, i -> insert(list, new OpId(actor, from + i * stride))));
          staged.add(new Made(table[0], first, fit, true, null));
        }
        case 3 -> {
          var chain = random.nextBoolean();
          ops.addAll(
              repeated(
                  fit,
                  i ->
                      set(
                          "k",
                          chain && i > 0
                              ? List.of(new OpId(0, first + i - 1))
                              : ids(actor, from + (long) i * each * stride, stride, each))));
          staged.add(new Made(table[0], first, fit, false, null));
        }
        case 4 ->
            ops.addAll(
                repeated(
                    fit,
                    i -> delete("k", ids(actor, from + (long) i * each * stride, stride, each))));
        case 5 ->
            ops.addAll(
                repeated(
                    fit,
                    i ->
                        element(
                            list,
                            new OpId(elementActor, overwritten.from + i * overwritten.stride),
                            false,
                            Columns.DELETE,
                            ids(actor, from + (long) i * each * other, other, each))));
        default -> {
          ops.addAll(
              repeated(
                  fit,
                  i ->
                      element(
                          list,
                          new OpId(elementActor, overwritten.from + i * overwritten.stride),
                          false,
                          Columns.SET,
                          ids(actor, from + (long) i * each * other, other, each))));
          staged.add(new Made(table[0], first, fit, true, overwritten));
        }
      }
    }

    /** Sorted and distinct if the stride is above 0. */
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

  private interface Making {
    Op at(int index);
  }

  private static List<Op> repeated(int count, Making making) {
    var ops = new ArrayList<Op>(count);
    for (var i = 0; i < count; i++) {
      ops.add(making.at(i));
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
