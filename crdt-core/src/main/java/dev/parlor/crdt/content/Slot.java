package dev.parlor.crdt.content;

import java.util.List;

/**
 * The values at one map key or in one element of a list: the winner, then the other values of
 * concurrent writers in descending order of their operations. Never empty.
 */
public record Slot(List<Held> values) {

  /**
   * One of the values.
   *
   * @param id the operation that wrote the value
   */
  public record Held(OperationId id, ContentValue value) {}

  public Slot {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a slot has a value");
    }
  }

  /** The winner, which every replica shows. */
  public Held winner() {
    return values.getFirst();
  }

  /** The operations that a new value overwrites, ascending. */
  public List<OperationId> predecessors() {
    return values.stream().map(Held::id).sorted().toList();
  }
}
