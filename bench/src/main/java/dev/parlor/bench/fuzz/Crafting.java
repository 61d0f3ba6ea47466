package dev.parlor.bench.fuzz;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes that no editor would make. It mutates, splices and invents operations, puts them
 * under other headers, and flips some bytes of columns; all checksums are correct. Many changes are
 * well formed and refer to existing operations, so that admission accepts them.
 */
final class Crafting {

  private static final List<String> KEYS =
      List.of("a", "b", "c", "title", "text", "cards", "list", "key", "role", "by", "ключ", "🔑");

  private final Random random;
  private final CraftedWorld world;
  private final List<ChangeChunk> source;

  Crafting(Random random, CraftedWorld world, List<ChangeChunk> source) {
    this.random = random;
    this.world = world;
    this.source = source;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  Bytes next() {
    if (oneIn(30)) {
      return deflated(pick(source).plain());
    }
    var author = author();
    var seq = world.checked.graph().lastSeq(author) + (oneIn(40) ? random.nextInt(3) : 1);
    var startOp = startOp();
    var operations = operations(author, startOp);
    for (var bends = oneIn(2) ? 1 + random.nextInt(2) : 0;
        bends > 0 && !operations.isEmpty();
        bends--) {
      bend(operations);
    }
    List<ActorId> others = new ArrayList<>(Forge.others(author, operations));
    if (oneIn(40)) {
      bendActors(others, author);
    }
    var header =
        new Forge.Header(deps(), author, seq, startOp, time(), oneIn(8) ? "message" : "", others);
    var columns = Forge.columns(header, operations);
    if (oneIn(3)) {
      columns = flip(columns, 1 + random.nextInt(3));
    }
    var chunk = Forge.change(header, columns);
    if (oneIn(25)) {
      chunk = resealed(chunk);
    }
    return oneIn(10) ? deflated(chunk) : chunk;
  }

  // Headers.

  private ActorId author() {
    return world.actors.isEmpty() || oneIn(3)
        ? Histories.actor(1_000 + random.nextInt(60_000))
        : pick(world.actors);
  }

  private long startOp() {
    return switch (random.nextInt(20)) {
      case 0 -> world.maxOperation + 1 + random.nextInt(1 << 16);
      case 1 -> 1 + random.nextInt((int) Math.min(world.maxOperation + 1, 1 << 20));
      case 2 -> oneIn(4) ? Integer.MAX_VALUE - random.nextInt(3) : world.maxOperation + 2;
      default -> world.maxOperation + 1;
    };
  }

  private long time() {
    return oneIn(20) ? random.nextLong() >> random.nextInt(40) : 1_700_000_000L;
  }

  private List<ChangeHash> deps() {
    var heads = world.checked.graph().heads();
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> world.changes.isEmpty() ? heads : List.of(pick(world.changes).hash());
      case 3 -> heads.isEmpty() ? heads : heads.subList(0, random.nextInt(heads.size()) + 1);
      case 4 ->
          world.changes.isEmpty()
              ? heads
              : Forge.joined(heads, List.of(pick(world.changes).hash())).stream()
                  .distinct()
                  .sorted()
                  .toList();
      default -> heads;
    };
  }

  private void bendActors(List<ActorId> others, ActorId author) {
    switch (random.nextInt(4)) {
      case 0 -> others.add(author);
      case 1 -> others.add(Histories.actor(random.nextInt(1 << 16)));
      case 2 -> java.util.Collections.reverse(others);
      default -> {
        if (!others.isEmpty()) {
          others.removeLast();
        }
      }
    }
  }

  // Operations.

  private List<Operation> operations(ActorId author, long startOp) {
    var operations = new ArrayList<Operation>();
    if (oneIn(4)) {
      var change = pick(source);
      var shift = startOp - change.startOp();
      for (var operation : Operation.of(change)) {
        operations.add(moved(operation, change.actor(), change.startOp(), author, shift));
      }
      if (operations.size() > 60) {
        operations.subList(60, operations.size()).clear();
      }
    }
    for (var count = random.nextInt(5); count >= 0; count--) {
      invent(operations, author, startOp);
      if (oneIn(6)) {
        repeat(operations);
      }
    }
    return operations;
  }

  /**
   * Repeats the last operation; its references stay the same or advance with it. Admission judges
   * such runs at once.
   */
  private void repeat(List<Operation> operations) {
    if (operations.isEmpty()) {
      return;
    }
    var operation = oneIn(8) ? operations.getLast() : bare(operations.getLast());
    operations.set(operations.size() - 1, operation);
    var elementStride = oneIn(3) ? 0 : 1;
    var stride = oneIn(6) ? random.nextInt(3) : elementStride;
    for (var i = 1 + random.nextInt(20); i > 0; i--) {
      var before = operations.getLast();
      operations.add(
          before
              .at(
                  before.key(),
                  before.element() == null ? null : further(before.element(), elementStride),
                  before.insert())
              .over(before.predecessors().stream().map(id -> further(id, stride)).toList()));
    }
  }

  /** The operation without the fields that differ within a run. */
  private static Operation bare(Operation operation) {
    var action = operation.action() == Operation.DELETE ? Operation.DELETE : Operation.SET;
    return operation.doing(action).saying(0, Bytes.EMPTY).marked(false, null);
  }

  private static Operation.Id further(Operation.Id id, int stride) {
    return new Operation.Id(id.actor(), id.counter() + stride);
  }

  /** The operation under another author; references within its change are adjusted. */
  private static Operation moved(
      Operation operation, ActorId from, long since, ActorId to, long shift) {
    java.util.function.UnaryOperator<Operation.@Nullable Id> move =
        id ->
            id != null && id.actor().equals(from) && id.counter() >= since
                ? new Operation.Id(to, id.counter() + shift)
                : id;
    var before = new ArrayList<Operation.Id>();
    for (var id : operation.predecessors()) {
      before.add(java.util.Objects.requireNonNull(move.apply(id)));
    }
    return operation
        .in(move.apply(operation.object()))
        .at(operation.key(), move.apply(operation.element()), operation.insert())
        .over(before);
  }

  private void invent(List<Operation> operations, ActorId author, long startOp) {
    var own = new Operation.Id(author, startOp + operations.size());
    var last = operations.isEmpty() ? null : operations.getLast();
    var plain =
        new Operation(
            null,
            Bytes.utf8(pick(KEYS)),
            null,
            false,
            Operation.SET,
            0,
            Bytes.EMPTY,
            List.of(),
            false,
            null);
    switch (random.nextInt(7)) {
      case 0 -> operations.add(valued(plain)); // at the root, without a predecessor
      case 1 -> { // into a map
        var map = world.any(random, o -> o.action() == 0);
        operations.add(valued(map == null ? plain : plain.in(map.id())));
      }
      case 2, 3 -> { // into a sequence, at its head or after an element
        var after = world.any(random, Operation::insert);
        var sequence = world.any(random, o -> o.action() == 2 || o.action() == 4);
        if (last != null && last.insert() && oneIn(2)) {
          operations.add(
              valued(
                  plain
                      .in(last.object())
                      .at(null, new Operation.Id(author, own.counter() - 1), true)));
        } else if (after != null && oneIn(4) && after.operation().object() != null) {
          mark(operations, plain.in(after.operation().object()).at(null, after.id(), true));
        } else if (after != null && !oneIn(4)) {
          operations.add(valued(plain.in(after.operation().object()).at(null, after.id(), true)));
        } else if (sequence != null) {
          operations.add(valued(plain.in(sequence.id()).at(null, null, true)));
        }
      }
      default -> { // over an existing operation
        var over = world.any(random);
        if (over != null) {
          var there = over.operation();
          var element = there.insert() ? over.id() : there.element();
          var operation =
              plain
                  .in(there.object())
                  .at(there.key(), there.key() == null ? element : null, false)
                  .over(oneIn(12) ? List.of() : List.of(over.id()));
          operations.add(
              switch (random.nextInt(4)) {
                case 0 -> operation.doing(Operation.DELETE);
                case 1 ->
                    operation
                        .doing(Operation.INCREMENT)
                        .saying(4, Forge.sleb(random.nextLong() >> random.nextInt(64)));
                default -> valued(operation);
              });
        }
      }
    }
  }

  private void mark(List<Operation> operations, Operation at) {
    var name = Bytes.utf8(pick(List.of("bold", "link", "x")));
    operations.add(valued(at).doing(Operation.MARK).marked(oneIn(2), name));
    var end =
        world.any(random, o -> o.insert() && java.util.Objects.equals(o.object(), at.object()));
    operations.add(
        at.at(null, end == null || oneIn(3) ? at.element() : end.id(), true)
            .doing(Operation.MARK)
            .saying(0, Bytes.EMPTY)
            .marked(oneIn(2), null));
  }

  /** The operation with a random value, or as a make of a random object. */
  private Operation valued(Operation operation) {
    return switch (random.nextInt(14)) {
      case 0 -> operation.doing(pick(List.of(0, 2, 4)));
      case 1 -> operation.saying(1 + random.nextInt(2), Bytes.EMPTY);
      case 2 -> operation.saying(3, Forge.uleb(random.nextLong() >>> (1 + random.nextInt(63))));
      case 3 -> operation.saying(4, Forge.sleb(random.nextLong() >> random.nextInt(64)));
      case 4 -> operation.saying(5, bytes(8));
      case 5 -> operation.saying(7, bytes(random.nextInt(5)));
      case 6, 7 -> operation.saying(8, Forge.sleb(random.nextLong() >> random.nextInt(64)));
      case 8 -> operation.saying(9, Forge.sleb(random.nextLong() >> random.nextInt(64)));
      case 9 -> operation.saying(0, Bytes.EMPTY);
      case 10 -> operation.saying(6, Bytes.utf8(pick(List.of("", "long words", "é🌍", "\u0000"))));
      default -> operation.saying(6, Bytes.utf8(pick(List.of("x", "y", "z"))));
    };
  }

  private Bytes bytes(int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private void bend(List<Operation> operations) {
    var at = random.nextInt(operations.size());
    var operation = operations.get(at);
    var some = world.any(random);
    var id = some == null ? new Operation.Id(author(), 1 + random.nextInt(9)) : some.id();
    switch (random.nextInt(14)) {
      case 0 -> operations.set(at, operation.in(oneIn(4) ? null : id));
      case 1 -> operations.set(at, operation.at(null, oneIn(5) ? null : id, operation.insert()));
      case 2 -> operations.set(at, operation.at(Bytes.utf8(pick(KEYS)), null, oneIn(5)));
      case 3 ->
          operations.set(
              at, operation.at(operation.key(), operation.element(), !operation.insert()));
      case 4 -> operations.set(at, operation.doing(random.nextInt(9)));
      case 5 -> operations.set(at, operation.saying(random.nextInt(12), operation.value()));
      case 6 ->
          operations.set(at, operation.saying(operation.valueType(), bytes(random.nextInt(10))));
      case 7 -> operations.set(at, operation.over(List.of()));
      case 8 ->
          operations.set(
              at,
              operation.over(
                  Forge.joined(operation.predecessors(), List.of(id)).stream().sorted().toList()));
      case 9 -> operations.add(operation);
      case 10 -> operations.remove(at);
      case 11 -> operations.set(at, operation.marked(!operation.expand(), operation.mark()));
      case 12 -> operations.set(at, operation.marked(false, oneIn(2) ? null : Bytes.utf8("bold")));
      default -> java.util.Collections.swap(operations, at, random.nextInt(operations.size()));
    }
  }

  // Bytes.

  private Bytes flip(Bytes bytes, int times) {
    var other = bytes.toArray();
    for (var i = 0; i < times && other.length > 0; i++) {
      var at = random.nextInt(other.length);
      switch (random.nextInt(5)) {
        case 0 -> other[at] = (byte) random.nextInt(256);
        case 1 -> other[at]++;
        case 2 -> other[at]--;
        case 3 -> other[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          var from = random.nextInt(other.length);
          other =
              spliced(other, at, Arrays.copyOfRange(other, Math.min(at, from), Math.max(at, from)));
        }
      }
    }
    return Bytes.wrap(other);
  }

  private static byte[] spliced(byte[] bytes, int at, byte[] middle) {
    if (middle.length > 200) {
      return bytes;
    }
    var joined = new byte[bytes.length + middle.length];
    System.arraycopy(bytes, 0, joined, 0, at);
    System.arraycopy(middle, 0, joined, at, middle.length);
    System.arraycopy(bytes, at, joined, at + middle.length, bytes.length - at);
    return joined;
  }

  /** Changes a byte anywhere in the contents, header fields included, and corrects the checksum. */
  private Bytes resealed(Bytes chunk) {
    var at = 9;
    while (chunk.at(at) >= 0x80) {
      at++;
    }
    return Forge.sealed(flip(chunk.slice(at + 1, chunk.length() - at - 1), 1));
  }

  private static Bytes deflated(Bytes chunk) {
    var at = 9;
    while (chunk.at(at) >= 0x80) {
      at++;
    }
    at++;
    var contents = chunk.slice(at, chunk.length() - at).toArray();
    var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setInput(contents);
      deflater.finish();
      var out = new byte[contents.length + 64];
      var length = deflater.deflate(out);
      return deflater.finished()
          ? Bytes.concat(
              List.of(
                  chunk.slice(0, 8),
                  Bytes.wrap(new byte[] {2}),
                  Forge.uleb(length),
                  Bytes.wrap(Arrays.copyOf(out, length))))
          : chunk;
    } finally {
      deflater.end();
    }
  }
}
