package dev.parlor.crdt.operations;

/**
 * The limits of one change; above any of them it is Malformed under AD3.
 *
 * @param operationsMax operations of one change plus their predecessors. Run lengths let a million
 *     fit into a hundred bytes. So every change may have half of this (a long text deleted at once,
 *     which counts twice) plus two for each byte (a long pasted text). At most a sixteenth plus two
 *     for each byte may be other than repetitions of the previous operation
 * @param predecessorsMax predecessors of one operation: values that it overwrites at once
 * @param keyBytesMax UTF-8 bytes of a map key or of a mark's name
 * @param textBytesMax UTF-8 bytes of one scalar string
 * @param depthMax levels of nested objects, the root being level 0: reading deeper ones could
 *     exhaust the reader's stack
 * @param gapMax the most by which the first operation's counter may exceed the document's highest
 *     counter; without this limit one change could use up the counters of all actors
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
   * The most operations and predecessors of a change of this length that are not repetitions
   * ({@link OperationReader#repeats}), since only those take time.
   */
  long stepsMax(int bytes) {
    return Math.min(operationsMax, operationsMax / 16 + 2L * bytes);
  }

  /** The most operations and predecessors of a change of this length. */
  long operationsMax(int bytes) {
    return Math.min(operationsMax, operationsMax / 2 + 2L * bytes);
  }
}
