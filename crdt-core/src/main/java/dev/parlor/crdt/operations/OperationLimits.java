package dev.parlor.crdt.operations;

/**
 * How much one change may do; beyond any of these it is Malformed under AD3.
 *
 * @param operationsMax operations of one change together with their predecessors. Run lengths make
 *     a million of them fit into a hundred bytes; so half is allowed to every change (a long text
 *     deleted at once, which counts twice) and two more for each byte (a long text pasted). Of
 *     these a sixteenth and two for each byte may be other than repetitions of the one before
 * @param predecessorsMax predecessors of one operation: values that it overwrites at once
 * @param keyBytesMax UTF-8 bytes of a map key or of a mark's name
 * @param textBytesMax UTF-8 bytes of one scalar string
 * @param depthMax levels of objects in objects, the root being none: reading deeper ones would use
 *     up the stack of whoever reads
 * @param gapMax how far the first operation's counter may lie beyond the document's highest:
 *     without this one change could use the counters up for everybody
 */
public record OperationLimits(
    int operationsMax,
    int predecessorsMax,
    int keyBytesMax,
    int textBytesMax,
    int depthMax,
    int gapMax) {

  public static final OperationLimits DEFAULT =
      new OperationLimits(1 << 20, 4_096, 4_096, 1 << 20, 60, 1 << 20);

  public OperationLimits {
    if (operationsMax < 1
        || predecessorsMax < 1
        || keyBytesMax < 1
        || textBytesMax < 1
        || depthMax < 1
        || gapMax < 0) {
      throw new IllegalArgumentException("an operation limit is too small for any change");
    }
  }

  /**
   * How many operations and predecessors a change of this length may have that are no repetitions
   * ({@link OperationReader#repeats}), since only those take time.
   */
  long stepsMax(int bytes) {
    return Math.min(operationsMax, operationsMax / 16 + 2L * bytes);
  }

  /** How many operations and predecessors a change of this length may have. */
  long operationsMax(int bytes) {
    return Math.min(operationsMax, operationsMax / 2 + 2L * bytes);
  }
}
