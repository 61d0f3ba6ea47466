package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.identity.Bytes;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A table of columns: the bytes of each column by its specification, inflated. The specification is
 * the number of the column and its type; one bit of it says that the bytes are deflated.
 */
final class DocumentColumns {

  private static final int DEFLATED_BIT = 8;
  private static final int COLUMNS_MAX = 256;
  private static final int START_BYTES = 1_024;

  private final int[] specifications;
  private final int[] lengths;
  private final Bytes[] columns;

  private DocumentColumns(int[] specifications, int[] lengths) {
    this.specifications = specifications;
    this.lengths = lengths;
    this.columns = new Bytes[specifications.length];
    Arrays.fill(columns, Bytes.EMPTY);
  }

  /** Reads the specifications and lengths. {@link #readBytes} reads the columns themselves. */
  static DocumentColumns readTable(ByteReader reader) throws MalformedDocumentException {
    var count = reader.count("the number of columns", COLUMNS_MAX);
    var table = new DocumentColumns(new int[count], new int[count]);
    for (var i = 0; i < count && !reader.failed(); i++) {
      table.specifications[i] = reader.count("a column's specification", Integer.MAX_VALUE);
      table.lengths[i] = reader.count("a column's length", Integer.MAX_VALUE);
      if (i > 0
          && (table.specifications[i] & ~DEFLATED_BIT)
              <= (table.specifications[i - 1] & ~DEFLATED_BIT)) {
        throw MalformedDocumentException.structure("the columns are not in ascending order");
      }
    }
    return table;
  }

  /**
   * Reads and inflates the columns.
   *
   * @param bytesMax the bytes that all columns may have together after they are inflated
   * @return the bytes that are left of {@code bytesMax}
   */
  int readBytes(ByteReader reader, int bytesMax) throws MalformedDocumentException {
    var remaining = bytesMax;
    for (var i = 0; i < columns.length; i++) {
      var bytes = reader.bytes("the columns", lengths[i]);
      columns[i] = (specifications[i] & DEFLATED_BIT) == 0 ? bytes : inflate(bytes, remaining);
      specifications[i] &= ~DEFLATED_BIT;
      remaining -= columns[i].length();
      if (remaining < 0) {
        throw tooMuch();
      }
    }
    return remaining;
  }

  /** The bytes of a column; empty if the column is absent. */
  Bytes column(int specification) {
    for (var i = 0; i < columns.length; i++) {
      if (specifications[i] == specification) {
        return columns[i];
      }
    }
    return Bytes.EMPTY;
  }

  /** Whether the table has another column than these. */
  boolean hasOtherThan(int[] known) {
    for (var specification : specifications) {
      if (Arrays.stream(known).noneMatch(other -> other == specification)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the other table has the same columns with the same bytes. */
  boolean hasSameColumns(DocumentColumns other) {
    return Arrays.equals(specifications, other.specifications)
        && Arrays.equals(columns, other.columns);
  }

  /** The number of inflated bytes of all columns. */
  long bytes() {
    var bytes = 0L;
    for (var column : columns) {
      bytes += column.length();
    }
    return bytes;
  }

  private static Bytes inflate(Bytes deflated, int bytesMax) throws MalformedDocumentException {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(deflated.buffer());
      var out = new byte[Math.min(bytesMax + 1, Math.max(START_BYTES, deflated.length() * 2))];
      var size = 0;
      while (true) {
        size += inflater.inflate(out, size, out.length - size);
        if (inflater.finished()) {
          return Bytes.wrap(out, 0, size);
        }
        if (size < out.length) {
          throw MalformedDocumentException.structure("a deflated column ends too early");
        }
        if (out.length > bytesMax) {
          throw tooMuch();
        }
        out = Arrays.copyOf(out, (int) Math.min(bytesMax + 1L, out.length * 2L));
      }
    } catch (DataFormatException _) {
      throw MalformedDocumentException.structure("a deflated column is not a DEFLATE stream");
    } finally {
      inflater.end();
    }
  }

  private static MalformedDocumentException tooMuch() {
    return MalformedDocumentException.limit("the columns of the document inflate to too much");
  }
}
