package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteWriter;

/** Writes a column of booleans: a count of false, a count of true, and so on in turn. */
public final class FlagWriter {

  private final ByteWriter out = new ByteWriter(8);
  private boolean last;
  private boolean hasTrue;
  private long count;

  public void append(boolean flag) {
    if (flag != last) {
      out.uleb(count);
      count = 0;
      last = flag;
    }
    hasTrue |= flag;
    count++;
  }

  /**
   * The bytes of the column. Nothing may be appended until {@link #clear}.
   *
   * @param isOptional whether a column of false only has no bytes
   */
  public ByteWriter finish(boolean isOptional) {
    if (isOptional && !hasTrue) {
      out.clear();
    } else if (count > 0) {
      out.uleb(count);
    }
    return out;
  }

  /** Makes the writer empty. */
  public void clear() {
    out.clear();
    last = false;
    hasTrue = false;
    count = 0;
  }
}
