package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;

/** Writes a column of booleans: a count of false, a count of true, and so on in turn. */
final class FlagWriter {

  private ByteWriter out = new ByteWriter(8);
  private boolean last;
  private boolean hasTrue;
  private long count;

  void append(boolean flag) {
    if (flag != last) {
      out.uleb(count);
      count = 0;
      last = flag;
    }
    hasTrue |= flag;
    count++;
  }

  /**
   * The bytes of the column; the writer is then empty.
   *
   * @param isOptional whether a column of false only has no bytes
   */
  Bytes take(boolean isOptional) {
    if (count > 0) {
      out.uleb(count);
    }
    var bytes = isOptional && !hasTrue ? Bytes.EMPTY : out.toBytes();
    out = new ByteWriter(8);
    last = false;
    hasTrue = false;
    count = 0;
    return bytes;
  }
}
