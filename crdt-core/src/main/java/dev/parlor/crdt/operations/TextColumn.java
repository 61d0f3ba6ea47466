package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;

/** A run-length encoded column of short strings: map keys or names of marks. */
final class TextColumn extends RunLengthColumn {

  private final int bytesMax;
  private Bytes value = Bytes.EMPTY;

  TextColumn(ColumnBytes bytes, Fault fault, String name, int bytesMax) {
    super(bytes, fault, name);
    this.bytesMax = bytesMax;
  }

  /** The string of the last {@link #step} that returned true; the same instance within a run. */
  Bytes value() {
    return value;
  }

  @Override
  boolean read(boolean first) {
    var length = bytes.uleb();
    if (fault.isPresent()) {
      return true;
    }
    if (length > bytesMax) {
      fault.record("AD3", "a key or a name has at most " + bytesMax + " bytes");
      return true;
    }
    if (length > bytes.remaining()) {
      fault.recordMalformed("a key is cut off");
      return true;
    }
    var previous = value;
    value = bytes.slice(bytes.position(), (int) length);
    bytes.skip((int) length);
    if (!Utf8.isWellFormed(value)) {
      fault.recordMalformed("a key is not UTF-8");
    }
    return first || !value.equals(previous);
  }
}
