package dev.parlor.crdt.operations;

/**
 * The limits of one change. A change above any of them is refused under the rule AD3.
 *
 * @param operationsMax operations of one change plus their predecessors. Run lengths let a million
 *     of them fit into a hundred bytes, so a short change has a lower limit. For a change of {@code
 *     n} bytes the limit is {@code 524,288 + 2 * n}, but never above {@code operationsMax}. The
 *     constant part is enough to delete a long text at once, and the part for the bytes is enough
 *     to paste a long text. Of these operations and predecessors, at most {@code 65,536 + 2 * n}
 *     may differ from the previous operation
 * @param predecessorsMax predecessors of one operation: values that it overwrites at once
 * @param keyBytesMax UTF-8 bytes of a map key or of a mark's name
 * @param textBytesMax UTF-8 bytes of one scalar string
 * @param depthMax levels of nested objects, the root being level 0; reading deeper objects could
 *     overflow the stack of a replica
 * @param counterGapMax the maximum by which the first operation's counter may exceed the document's
 *     highest counter; without this limit one change could use up the counters of all actors
 */
public record OperationLimits(
    int operationsMax,
    int predecessorsMax,
    int keyBytesMax,
    int textBytesMax,
    int depthMax,
    int counterGapMax) {

  /** Operations that a change of any length may have; more if {@code operationsMax} is wide. */
  private static final int OPERATIONS_FLOOR = 1 << 19;

  /** The part of them that may be other than repetitions. */
  private static final int NON_REPEATS_FLOOR = 1 << 16;

  public static final OperationLimits DEFAULT =
      new OperationLimits(4 << 20, 4_096, 4_096, 4 << 20, 60, 1 << 20);

  public OperationLimits {
    if (operationsMax < 1
        || predecessorsMax < 1
        || keyBytesMax < 1
        || textBytesMax < 1
        || depthMax < 1
        || counterGapMax < 0) {
      throw new IllegalArgumentException("an operation limit is too small for any change");
    }
  }

  /**
   * The maximum number of operations and predecessors of a change of this length that are not
   * repetitions ({@link OperationReader#repeats}). Repetitions take almost no time, so their limit
   * is higher.
   */
  long nonRepeatsMaxOf(int changeBytes) {
    return Math.min(
        operationsMax, Math.max(NON_REPEATS_FLOOR, operationsMax / 64) + 2L * changeBytes);
  }

  /** The maximum number of operations and predecessors of a change of this length. */
  long operationsMaxOf(int changeBytes) {
    return Math.min(
        operationsMax, Math.max(OPERATIONS_FLOOR, operationsMax / 8) + 2L * changeBytes);
  }
}
