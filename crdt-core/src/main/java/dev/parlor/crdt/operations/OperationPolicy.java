package dev.parlor.crdt.operations;

import org.jspecify.annotations.Nullable;

/**
 * Judges the operations of one change as they are read. If it forbids an operation, the whole
 * change is refused [AD6]. The index already contains the earlier operations of the change.
 */
public interface OperationPolicy {

  /**
   * Judges one operation.
   *
   * @param object the number of the written object
   * @param key the number of the map key, or {@link OperationIndex#NO_KEY} within a sequence
   * @param made the number of the object that the operation makes, or -1
   * @return the reason of a refusal as a sentence; null if the operation is allowed
   */
  @Nullable String operation(OperationReader operation, int object, int key, int made);

  /**
   * Whether the repetitions of the last operation ({@link OperationReader#repeats}) get the same
   * answer and need not be judged.
   */
  boolean coversRepeats();

  /**
   * Judges the change as a whole after its last operation; the result is as for {@link #operation}.
   */
  @Nullable String end();
}
