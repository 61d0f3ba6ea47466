package dev.parlor.crdt.replica;

/**
 * One step of a transaction. The parent of the path must exist: creating it implicitly would let
 * two peers create it twice. Text positions count Unicode code points.
 */
public sealed interface Edit {

  /** The written path. */
  Path path();

  /**
   * Sets a map key or replaces a list item. Putting a scalar equal to the only present value
   * changes nothing. Putting a map, list or text always makes a new object.
   */
  record Put(Path path, Value value) implements Edit {}

  /** Removes a map key or a list item; removing an absent key changes nothing. */
  record Delete(Path path) implements Edit {}

  /** Adds to the end of the list at the path. */
  record Append(Path path, Value value) implements Edit {}

  /** Inserts into the list at the path before position {@code index}, 0 to its length. */
  record Insert(Path path, int index, Value value) implements Edit {}

  /** Removes {@code delete} code points of the text at the path from {@code at}, then inserts. */
  record SpliceText(Path path, int at, int delete, String insert) implements Edit {}
}
