package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;

/** Distinguishes changes that set fields from changes that only edit texts and lists. */
public final class KeyedOperations {

  private KeyedOperations() {}

  /**
   * Whether a change sets or removes a field of a map. Typed text and appended list items do not.
   *
   * @param change the chunk of an admitted change; for a malformed chunk the result is true
   */
  public static boolean anyIn(Bytes change) {
    var reader =
        ChangeCodec.decode(change, FormatLimits.DEFAULT)
            .flatMap(chunk -> OperationReader.open(chunk, OperationLimits.DEFAULT));
    return switch (reader) {
      case Decoding.Decoded<OperationReader>(var operations) -> anyIn(operations);
      case Decoding.Malformed<OperationReader> _ -> true;
    };
  }

  private static boolean anyIn(OperationReader operations) {
    while (operations.next()) {
      if (operations.isKeyed()) {
        return true;
      }
      operations.skip(operations.repeats());
    }
    return operations.failed();
  }
}
