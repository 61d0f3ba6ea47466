package dev.parlor.crdt.operations;

/**
 * The limits of one change. A change above any of them is refused under AD3.
 *
 * @param operationsMax operations of one change plus their predecessors. Run lengths let a million
 *     fit into a hundred bytes, so a change may have at most half of this plus two for each byte:
 *     the half for a long text that is deleted at once, the bytes for a long pasted text. All but a
 *     sixteenth plus two for each byte must be repetitions of the previous operation
 * @param predecessorsMax predecessors of one operation: values that it overwrites at once
 * @param keyBytesMax UTF-8 bytes of a map key or of a mark's name
 * @param textBytesMax UTF-8 bytes of one scalar string
 * @param depthMax levels of nested objects, the root being level 0; reading deeper objects could
 *     overflow the stack of a replica
 * @param gapMax the maximum by which the first operation's counter may exceed the document's
 *     highest counter; without this limit one change could use up the counters of all actors
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
   * The maximum number of operations and predecessors of a change of this length, without
   * repetitions ({@link OperationReader#repeats}): repetitions take almost no time.
   */
  long nonRepeatsMax(int changeBytes) {
    return Math.min(operationsMax, operationsMax / 16 + 2L * changeBytes);
  }

  /** The maximum number of operations and predecessors of a change of this length. */
  long operationsMax(int changeBytes) {
    return Math.min(operationsMax, operationsMax / 2 + 2L * changeBytes);
  }
}
