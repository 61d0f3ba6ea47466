package dev.parlor.bench.fuzz;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A document as the relay keeps it, and the operations that an attacker who receives it knows. */
final class CraftedWorld {

  /** An operation that other operations can refer to. */
  record Known(Operation.Id id, Operation operation) {}

  final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
  final List<ChangeChunk> changes = new ArrayList<>();
  final List<Known> known = new ArrayList<>();
  final List<ActorId> actors = new ArrayList<>();
  long maxOperation;

  Offer offer(ChangeChunk change) {
    var offer = checked.offer(change, null);
    if (offer instanceof Offer.Added) {
      changes.add(change);
      if (change.seq() == 1) {
        actors.add(change.actor());
      }
      var counter = change.startOp();
      for (var operation : Operation.of(change)) {
        if (operation.action() != Operation.DELETE && operation.action() != Operation.INCREMENT) {
          known.add(new Known(new Operation.Id(change.actor(), counter), operation));
        }
        counter++;
      }
      maxOperation = Math.max(maxOperation, counter - 1);
    }
    return offer;
  }

  List<Bytes> chunks() {
    return changes.stream().map(ChangeChunk::plain).toList();
  }

  /** A random known operation, newer ones more often; null if there is none. */
  @Nullable Known any(Random random) {
    if (known.isEmpty()) {
      return null;
    }
    var size = known.size();
    return known.get(
        random.nextInt(3) == 0
            ? random.nextInt(size)
            : size - 1 - random.nextInt(Math.min(40, size)));
  }

  /** A random known operation that matches; null if none is found within a few tries. */
  @Nullable Known any(Random random, java.util.function.Predicate<Operation> that) {
    for (var tries = 0; tries < 30; tries++) {
      var one = any(random);
      if (one != null && that.test(one.operation())) {
        return one;
      }
    }
    return null;
  }
}
