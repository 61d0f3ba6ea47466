package dev.parlor.crdt.document;

import dev.parlor.crdt.format.FormatLimits;

/**
 * The limits of one document chunk. A chunk above any of them is Malformed under AD3.
 *
 * @param changesMax changes of one document
 * @param operationsMax operations of one document, with their successors and the deletions. Run
 *     lengths let a million operations fit into a hundred bytes, so a short chunk has a lower
 *     limit: {@code operationsFloor + operationsPerByteMax * n} for a chunk of {@code n} bytes
 * @param operationsFloor the part of that lower limit that does not depend on the length
 * @param operationsPerByteMax the operations for each byte of the chunk
 * @param inflatedBytesMax bytes of all columns after they are inflated
 * @param change the limits of each change
 */
public record DocumentLimits(
    int changesMax,
    int operationsMax,
    int operationsFloor,
    int operationsPerByteMax,
    int inflatedBytesMax,
    FormatLimits change) {

  public static final DocumentLimits DEFAULT =
      new DocumentLimits(1_000_000, 10_000_000, 100_000, 500, 512 << 20, FormatLimits.DEFAULT);

  public DocumentLimits {
    if (changesMax < 1
        || operationsMax < 1
        || operationsFloor < 1
        || operationsPerByteMax < 0
        || inflatedBytesMax < 1) {
      throw new IllegalArgumentException("a document limit is too small for any document");
    }
  }

  /** The maximum number of operations, successors and deletions of a chunk of this length. */
  int operationsMaxOf(int chunkBytes) {
    return (int)
        Math.min(operationsMax, operationsFloor + (long) operationsPerByteMax * chunkBytes);
  }
}
