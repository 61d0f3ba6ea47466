package dev.parlor.crdt.document;

import dev.parlor.crdt.format.FormatLimits;

/**
 * The limits of one document chunk. A chunk above any of them is Malformed under AD3. A few bytes
 * can stand for very many operations or bytes, so some limits depend on the length {@code n} of the
 * chunk in bytes.
 *
 * @param changesMax changes of one document
 * @param operationsMax operations of one document, with their successors and the deletions; for a
 *     short chunk at most {@code operationsFloor + operationsPerByteMax * n}
 * @param operationsFloor the part of that lower limit that does not depend on the length
 * @param operationsPerByteMax the operations for each byte of the chunk; 0 if no limit depends on
 *     the length
 * @param inflatedBytesMax bytes of all columns after they are inflated; for a short chunk at most
 *     16 MiB and 64 bytes for each byte
 * @param changeBytesMax bytes of all changes in plain form
 * @param heapBytesMax heap that reading may take, see {@link UnreadDocument#heapBytes}
 * @param change the limits of each change
 */
public record DocumentLimits(
    int changesMax,
    int operationsMax,
    int operationsFloor,
    int operationsPerByteMax,
    int inflatedBytesMax,
    long changeBytesMax,
    long heapBytesMax,
    FormatLimits change) {

  private static final int INFLATED_FLOOR = 16 << 20;
  private static final int INFLATED_PER_BYTE_MAX = 64;

  public static final DocumentLimits DEFAULT =
      new DocumentLimits(
          1_000_000,
          10_000_000,
          1_000_000,
          500,
          256 << 20,
          512L << 20,
          Long.MAX_VALUE,
          FormatLimits.DEFAULT);

  /** For chunks that this server stored: they may be older than a limit. */
  public static final DocumentLimits STORED =
      new DocumentLimits(
          1 << 30,
          1 << 30,
          1 << 30,
          0,
          Integer.MAX_VALUE - 8,
          Long.MAX_VALUE,
          Long.MAX_VALUE,
          new FormatLimits(1 << 30, 1 << 20, 1 << 20, 1 << 10, 1 << 20));

  public DocumentLimits {
    if (changesMax < 1
        || operationsMax < 1
        || operationsFloor < 1
        || operationsPerByteMax < 0
        || inflatedBytesMax < 1
        || changeBytesMax < 1
        || heapBytesMax < 1) {
      throw new IllegalArgumentException("a document limit is too small for any document");
    }
  }

  /** The maximum number of operations, successors and deletions of a chunk of this length. */
  int operationsMaxOf(int chunkBytes) {
    return (int)
        Math.min(operationsMax, operationsFloor + (long) operationsPerByteMax * chunkBytes);
  }

  /** The maximum number of inflated bytes of a chunk of this length. */
  int inflatedBytesMaxOf(int chunkBytes) {
    return operationsPerByteMax == 0
        ? inflatedBytesMax
        : (int)
            Math.min(inflatedBytesMax, INFLATED_FLOOR + (long) INFLATED_PER_BYTE_MAX * chunkBytes);
  }
}
