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

/** A document as the relay keeps it, with the operations that a crafted change can refer to. */
final class FuzzedDocument {

  /** An admitted operation that other operations can refer to. */
  record KnownOperation(Operation.Id id, Operation operation) {}

  final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
  final List<ChangeChunk> changes = new ArrayList<>();
  final List<KnownOperation> knownOperations = new ArrayList<>();
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
          knownOperations.add(
              new KnownOperation(new Operation.Id(change.actor(), counter), operation));
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

  /** A random known operation, a newer one more often; null without known operations. */
  @Nullable KnownOperation randomOperation(Random random) {
    if (knownOperations.isEmpty()) {
      return null;
    }
    var size = knownOperations.size();
    return knownOperations.get(
        random.nextInt(3) == 0
            ? random.nextInt(size)
            : size - 1 - random.nextInt(Math.min(40, size)));
  }

  /** A random known operation that meets the condition; null if 30 attempts find none. */
  @Nullable KnownOperation randomOperation(
      Random random, java.util.function.Predicate<Operation> condition) {
    for (var attempt = 0; attempt < 30; attempt++) {
      var operation = randomOperation(random);
      if (operation != null && condition.test(operation.operation())) {
        return operation;
      }
    }
    return null;
  }
}
