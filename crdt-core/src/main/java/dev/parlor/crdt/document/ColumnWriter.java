package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one run-length encoded column in the form that Automerge writes: runs of two or more equal
 * items, literals without equal neighbors, nulls. A column of nulls only has no bytes. The writer
 * can be used again after {@link #clear}.
 */
public final class ColumnWriter {

  private final boolean isDelta;
  private final ByteWriter out = new ByteWriter(16);

  /** Nulls that are not written yet. */
  private long nulls;

  /** Items of one literal that are not written yet. The last may become the first of a run. */
  private long[] literal = new long[8];

  private @Nullable Bytes[] literalTexts = new Bytes[0];
  private int literalSize;

  /** The number of equal items of the current run; below 2 if there is none. */
  private long run;

  private boolean hasValues;
  private long absolute;

  private ColumnWriter(boolean isDelta, boolean isText) {
    this.isDelta = isDelta;
    if (isText) {
      literalTexts = new Bytes[8];
    }
  }

  public static ColumnWriter ofNumbers() {
    return new ColumnWriter(false, false);
  }

  public static ColumnWriter ofDifferences() {
    return new ColumnWriter(true, false);
  }

  public static ColumnWriter ofTexts() {
    return new ColumnWriter(false, true);
  }

  public void appendNull() {
    flushValues();
    nulls++;
  }

  /** Appends a number, or null if it is negative. */
  public void appendOrNull(int number) {
    if (number < 0) {
      appendNull();
    } else {
      append(number);
    }
  }

  public void append(long number) {
    var item = number;
    if (isDelta) {
      item -= absolute;
      absolute = number;
    }
    append(item, null);
  }

  public void append(@Nullable Bytes text) {
    if (text == null) {
      appendNull();
    } else {
      append(0, text);
    }
  }

  private void append(long item, @Nullable Bytes text) {
    flushNulls();
    hasValues = true;
    var equalsLast = literalSize > 0 && isEqual(literalSize - 1, item, text);
    if (run > 1) {
      if (equalsLast) {
        run++;
        return;
      }
      flushValues();
    } else if (equalsLast) {
      writeLiteral(literalSize - 1);
      literal[0] = literal[literalSize - 1];
      if (text != null) {
        literalTexts[0] = literalTexts[literalSize - 1];
      }
      literalSize = 1;
      run = 2;
      return;
    }
    if (literalSize == literal.length) {
      literal = Arrays.copyOf(literal, literalSize * 2);
      if (text != null) {
        literalTexts = Arrays.copyOf(literalTexts, literalSize * 2);
      }
    }
    literal[literalSize] = item;
    if (text != null) {
      literalTexts[literalSize] = text;
    }
    literalSize++;
  }

  private boolean isEqual(int index, long item, @Nullable Bytes text) {
    return text == null ? literal[index] == item : text.equals(literalTexts[index]);
  }

  private void flushNulls() {
    if (nulls > 0) {
      writeSigned(0);
      out.uleb(nulls);
      nulls = 0;
    }
  }

  private void flushValues() {
    if (run > 1) {
      writeSigned(run);
      writeItem(0);
    } else {
      writeLiteral(literalSize);
    }
    literalSize = 0;
    run = 0;
  }

  private void writeLiteral(int count) {
    if (count > 0) {
      writeSigned(-count);
      for (var i = 0; i < count; i++) {
        writeItem(i);
      }
    }
  }

  private void writeItem(int index) {
    if (literalTexts.length > 0) {
      var text = literalTexts[index];
      out.prefixed(text == null ? Bytes.EMPTY : text);
    } else if (isDelta) {
      writeSigned(literal[index]);
    } else {
      out.uleb(literal[index]);
    }
  }

  private void writeSigned(long number) {
    out.sleb(number);
  }

  /** The bytes of the column. Nothing may be appended until {@link #clear}. */
  public ByteWriter finish() {
    flushValues();
    if (hasValues) {
      flushNulls();
    }
    return out;
  }

  /** Makes the writer empty. */
  public void clear() {
    out.clear();
    nulls = 0;
    hasValues = false;
    absolute = 0;
  }
}
