package dev.parlor.crdt.operations;

import org.jspecify.annotations.Nullable;

/**
 * Looks at the operations of one change as they are read and may object to any; the change is then
 * refused as a whole [AD6]. The index already knows what earlier operations of the change did.
 */
public interface Oversight {

  /**
   * Looks at one operation.
   *
   * @param object the number of the object that is written into
   * @param key the number of the map key, or {@link OperationIndex#NO_KEY} within a sequence
   * @param made the number of the object that the operation makes, or -1
   * @return why not, in a sentence for a person; null when nothing speaks against it
   */
  @Nullable String operation(OperationReader operation, int object, int key, int made);

  /**
   * Whether operations that repeat the one that was just looked at need no look, because the answer
   * would be the same ({@link OperationReader#repeats}).
   */
  boolean coversRepeats();

  /** After the last operation, as {@link #operation}. */
  @Nullable String end();
}
