package dev.parlor.bench.fuzz;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes that no editor would make. It mutates, splices and invents operations, combines
 * them with other headers, and flips some bytes of columns. All checksums are correct. Many changes
 * are well formed and refer to existing operations, so that admission accepts them.
 */
final class ChangeCrafter {

  private static final List<String> KEYS =
      List.of("a", "b", "c", "title", "text", "cards", "list", "key", "role", "by", "ключ", "🔑");

  private final Random random;
  private final ChunkDamage damage;
  private final FuzzedDocument document;
  private final List<ChangeChunk> history;

  ChangeCrafter(Random random, FuzzedDocument document, List<ChangeChunk> history) {
    this.random = random;
    this.damage = new ChunkDamage(random);
    this.document = document;
    this.history = history;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  Bytes next() {
    if (oneIn(30)) {
      return ChunkDamage.deflated(pick(history).plain());
    }
    var author = author();
    var seq = document.checked.graph().lastSeq(author) + (oneIn(40) ? random.nextInt(3) : 1);
    var startOp = startOp();
    var operations = operations(author, startOp);
    for (var mutations = oneIn(2) ? 1 + random.nextInt(2) : 0;
        mutations > 0 && !operations.isEmpty();
        mutations--) {
      mutate(operations);
    }
    List<ActorId> others = new ArrayList<>(ChangeForge.others(author, operations));
    if (oneIn(40)) {
      mutateActors(others, author);
    }
    var header =
        new ChangeForge.Header(
            deps(), author, seq, startOp, time(), oneIn(8) ? "message" : "", others);
    var columns = ChangeForge.columns(header, operations);
    if (oneIn(3)) {
      columns = damage.flip(columns, 1 + random.nextInt(3));
    }
    var chunk = ChangeForge.change(header, columns);
    if (oneIn(25)) {
      chunk = damage.withChangedByte(chunk);
    }
    return oneIn(10) ? ChunkDamage.deflated(chunk) : chunk;
  }

  // Headers.

  private ActorId author() {
    return document.actors.isEmpty() || oneIn(3)
        ? Histories.actor(1_000 + random.nextInt(60_000))
        : pick(document.actors);
  }

  private long startOp() {
    return switch (random.nextInt(20)) {
      case 0 -> document.maxOperation + 1 + random.nextInt(1 << 16);
      case 1 -> 1 + random.nextInt((int) Math.min(document.maxOperation + 1, 1 << 20));
      case 2 -> oneIn(4) ? Integer.MAX_VALUE - random.nextInt(3) : document.maxOperation + 2;
      default -> document.maxOperation + 1;
    };
  }

  private long time() {
    return oneIn(20) ? random.nextLong() >> random.nextInt(40) : 1_700_000_000L;
  }

  private List<ChangeHash> deps() {
    var heads = document.checked.graph().heads();
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> document.changes.isEmpty() ? heads : List.of(pick(document.changes).hash());
      case 3 -> heads.isEmpty() ? heads : heads.subList(0, random.nextInt(heads.size()) + 1);
      case 4 ->
          document.changes.isEmpty()
              ? heads
              : ChangeForge.joined(heads, List.of(pick(document.changes).hash())).stream()
                  .distinct()
                  .sorted()
                  .toList();
      default -> heads;
    };
  }

  private void mutateActors(List<ActorId> others, ActorId author) {
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
      var change = pick(history);
      var shift = startOp - change.startOp();
      for (var operation : Operation.of(change)) {
        operations.add(rebased(operation, change.actor(), change.startOp(), author, shift));
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
   * Repeats the last operation. Its references stay the same or advance by a constant. Admission
   * checks such a run at once.
   */
  private void repeat(List<Operation> operations) {
    if (operations.isEmpty()) {
      return;
    }
    var operation = oneIn(8) ? operations.getLast() : repeatable(operations.getLast());
    operations.set(operations.size() - 1, operation);
    var elementStride = oneIn(3) ? 0 : 1;
    var stride = oneIn(6) ? random.nextInt(3) : elementStride;
    for (var i = 1 + random.nextInt(20); i > 0; i--) {
      var previous = operations.getLast();
      operations.add(
          previous
              .atPlace(
                  previous.key(),
                  previous.element() == null ? null : advanced(previous.element(), elementStride),
                  previous.insert())
              .overwriting(
                  previous.predecessors().stream().map(id -> advanced(id, stride)).toList()));
    }
  }

  /** The operation as one that a run can repeat: a plain set or delete without value and mark. */
  private static Operation repeatable(Operation operation) {
    var action = operation.action() == Operation.DELETE ? Operation.DELETE : Operation.SET;
    return operation.withAction(action).withValue(0, Bytes.EMPTY).withMark(false, null);
  }

  private static Operation.Id advanced(Operation.Id id, int stride) {
    return new Operation.Id(id.actor(), id.counter() + stride);
  }

  /**
   * The operation under another author and start counter. References within its change are
   * adjusted.
   */
  private static Operation rebased(
      Operation operation, ActorId from, long since, ActorId to, long shift) {
    java.util.function.UnaryOperator<Operation.@Nullable Id> move =
        id ->
            id != null && id.actor().equals(from) && id.counter() >= since
                ? new Operation.Id(to, id.counter() + shift)
                : id;
    var predecessors = new ArrayList<Operation.Id>();
    for (var id : operation.predecessors()) {
      predecessors.add(java.util.Objects.requireNonNull(move.apply(id)));
    }
    return operation
        .inObject(move.apply(operation.object()))
        .atPlace(operation.key(), move.apply(operation.element()), operation.insert())
        .overwriting(predecessors);
  }

  private void invent(List<Operation> operations, ActorId author, long startOp) {
    var nextId = new Operation.Id(author, startOp + operations.size());
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
      case 0 -> operations.add(withRandomValue(plain)); // at the root, without a predecessor
      case 1 -> { // into a map
        var map = document.randomOperation(random, o -> o.action() == 0);
        operations.add(withRandomValue(map == null ? plain : plain.inObject(map.id())));
      }
      case 2, 3 -> { // into a sequence, at its head or after an element
        var after = document.randomOperation(random, Operation::insert);
        var sequence = document.randomOperation(random, o -> o.action() == 2 || o.action() == 4);
        if (last != null && last.insert() && oneIn(2)) {
          operations.add(
              withRandomValue(
                  plain
                      .inObject(last.object())
                      .atPlace(null, new Operation.Id(author, nextId.counter() - 1), true)));
        } else if (after != null && oneIn(4) && after.operation().object() != null) {
          mark(
              operations,
              plain.inObject(after.operation().object()).atPlace(null, after.id(), true));
        } else if (after != null && !oneIn(4)) {
          operations.add(
              withRandomValue(
                  plain.inObject(after.operation().object()).atPlace(null, after.id(), true)));
        } else if (sequence != null) {
          operations.add(withRandomValue(plain.inObject(sequence.id()).atPlace(null, null, true)));
        }
      }
      default -> { // over an existing operation
        var target = document.randomOperation(random);
        if (target != null) {
          var overwritten = target.operation();
          var element = overwritten.insert() ? target.id() : overwritten.element();
          var operation =
              plain
                  .inObject(overwritten.object())
                  .atPlace(overwritten.key(), overwritten.key() == null ? element : null, false)
                  .overwriting(oneIn(12) ? List.of() : List.of(target.id()));
          operations.add(
              switch (random.nextInt(4)) {
                case 0 -> operation.withAction(Operation.DELETE);
                case 1 ->
                    operation
                        .withAction(Operation.INCREMENT)
                        .withValue(4, ChangeForge.sleb(random.nextLong() >> random.nextInt(64)));
                default -> withRandomValue(operation);
              });
        }
      }
    }
  }

  private void mark(List<Operation> operations, Operation at) {
    var name = Bytes.utf8(pick(List.of("bold", "link", "x")));
    operations.add(withRandomValue(at).withAction(Operation.MARK).withMark(oneIn(2), name));
    var end =
        document.randomOperation(
            random, o -> o.insert() && java.util.Objects.equals(o.object(), at.object()));
    operations.add(
        at.atPlace(null, end == null || oneIn(3) ? at.element() : end.id(), true)
            .withAction(Operation.MARK)
            .withValue(0, Bytes.EMPTY)
            .withMark(oneIn(2), null));
  }

  /** The operation with a random value, or as one that makes a random object. */
  private Operation withRandomValue(Operation operation) {
    return switch (random.nextInt(14)) {
      case 0 -> operation.withAction(pick(List.of(0, 2, 4)));
      case 1 -> operation.withValue(1 + random.nextInt(2), Bytes.EMPTY);
      case 2 ->
          operation.withValue(3, ChangeForge.uleb(random.nextLong() >>> (1 + random.nextInt(63))));
      case 3 -> operation.withValue(4, ChangeForge.sleb(random.nextLong() >> random.nextInt(64)));
      case 4 -> operation.withValue(5, bytes(8));
      case 5 -> operation.withValue(7, bytes(random.nextInt(5)));
      case 6, 7 ->
          operation.withValue(8, ChangeForge.sleb(random.nextLong() >> random.nextInt(64)));
      case 8 -> operation.withValue(9, ChangeForge.sleb(random.nextLong() >> random.nextInt(64)));
      case 9 -> operation.withValue(0, Bytes.EMPTY);
      case 10 ->
          operation.withValue(6, Bytes.utf8(pick(List.of("", "long words", "é🌍", "\u0000"))));
      default -> operation.withValue(6, Bytes.utf8(pick(List.of("x", "y", "z"))));
    };
  }

  private Bytes bytes(int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private void mutate(List<Operation> operations) {
    var at = random.nextInt(operations.size());
    var operation = operations.get(at);
    var other = document.randomOperation(random);
    var id = other == null ? new Operation.Id(author(), 1 + random.nextInt(9)) : other.id();
    switch (random.nextInt(14)) {
      case 0 -> operations.set(at, operation.inObject(oneIn(4) ? null : id));
      case 1 ->
          operations.set(at, operation.atPlace(null, oneIn(5) ? null : id, operation.insert()));
      case 2 -> operations.set(at, operation.atPlace(Bytes.utf8(pick(KEYS)), null, oneIn(5)));
      case 3 ->
          operations.set(
              at, operation.atPlace(operation.key(), operation.element(), !operation.insert()));
      case 4 -> operations.set(at, operation.withAction(random.nextInt(9)));
      case 5 -> operations.set(at, operation.withValue(random.nextInt(12), operation.value()));
      case 6 ->
          operations.set(at, operation.withValue(operation.valueType(), bytes(random.nextInt(10))));
      case 7 -> operations.set(at, operation.overwriting(List.of()));
      case 8 ->
          operations.set(
              at,
              operation.overwriting(
                  ChangeForge.joined(operation.predecessors(), List.of(id)).stream()
                      .sorted()
                      .toList()));
      case 9 -> operations.add(operation);
      case 10 -> operations.remove(at);
      case 11 -> operations.set(at, operation.withMark(!operation.expand(), operation.mark()));
      case 12 ->
          operations.set(at, operation.withMark(false, oneIn(2) ? null : Bytes.utf8("bold")));
      default -> java.util.Collections.swap(operations, at, random.nextInt(operations.size()));
    }
  }
}
