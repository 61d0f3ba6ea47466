package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;

/** Distinguishes changes that set fields from changes that only edit texts and lists. */
public final class KeyedOperations {

  private KeyedOperations() {}

  /**
   * Whether a change sets or removes a field of a map. Keystrokes and appended list items do not.
   *
   * @param change a chunk that admission has accepted; for any other chunk the answer is true
   */
  public static boolean anyIn(Bytes change) {
    return !(ChangeCodec.decode(change, FormatLimits.DEFAULT)
            instanceof Decoded<ChangeChunk>(var chunk)
        && OperationReader.open(chunk, OperationLimits.DEFAULT)
            instanceof Decoded<OperationReader>(var operations)
        && noneIn(operations));
  }

  private static boolean noneIn(OperationReader operations) {
    while (operations.next()) {
      if (operations.isKeyed()) {
        return false;
      }
      operations.skip(operations.repeats());
    }
    return !operations.failed();
  }
}
