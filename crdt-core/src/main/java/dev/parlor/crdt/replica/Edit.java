package dev.parlor.crdt.replica;

/**
 * One step of a transaction. The parent of the path must exist. It is never created implicitly,
 * because two peers would then create it twice. Text positions count Unicode code points.
 */
public sealed interface Edit {

  /** The path that the edit changes. */
  Path path();

  /**
   * Sets a map key or replaces a list item. Putting a scalar that is already the only value there
   * changes nothing. Putting a map, list or text always makes a new object.
   */
  record Put(Path path, Value value) implements Edit {}

  /** Removes a map key or a list item; removing an absent key changes nothing. */
  record Delete(Path path) implements Edit {}

  /** Adds the value to the end of the list at the path. */
  record Append(Path path, Value value) implements Edit {}

  /** Inserts the value into the list at the path before position {@code index}. */
  record Insert(Path path, int index, Value value) implements Edit {}

  /**
   * Removes {@code delete} code points of the text at the path, from position {@code at} on, and
   * inserts a text in their place.
   */
  record SpliceText(Path path, int at, int delete, String insert) implements Edit {}
}
