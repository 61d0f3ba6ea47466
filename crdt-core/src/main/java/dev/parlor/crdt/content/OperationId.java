package dev.parlor.crdt.content;

import dev.parlor.crdt.identity.ActorId;

/**
 * The id of an operation. An object or an element of a list has the id of the operation that made
 * it. The order is Automerge's: by counter, then by actor.
 */
public record OperationId(long counter, ActorId actor) implements Comparable<OperationId> {

  @Override
  public int compareTo(OperationId other) {
    var order = Long.compare(counter, other.counter);
    return order == 0 ? actor.compareTo(other.actor) : order;
  }

  @Override
  public String toString() {
    return counter + "@" + actor;
  }
}
