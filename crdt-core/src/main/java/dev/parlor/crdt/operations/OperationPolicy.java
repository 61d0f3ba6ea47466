package dev.parlor.crdt.operations;

import org.jspecify.annotations.Nullable;

/**
 * Checks the operations of one change while they are read. If it forbids an operation, the whole
 * change is refused [AD6]. The index already contains the earlier operations of the change.
 */
public interface OperationPolicy {

  /**
   * Checks one operation.
   *
   * @param object the number of the written object
   * @param key the number of the map key, or {@link OperationIndex#NO_KEY} in a text or list
   * @param made the number of the object that the operation makes, or -1
   * @return the reason for a refusal as a sentence; null if the operation is allowed
   */
  @Nullable String checkOperation(OperationReader operation, int object, int key, int made);

  /**
   * Whether the result for an operation also holds for its repetitions ({@link
   * OperationReader#repeats}), so that they need no check.
   */
  boolean coversRepeats();

  /**
   * Checks the whole change after its last operation; the result is as for {@link #checkOperation}.
   */
  @Nullable String checkEnd();
}
