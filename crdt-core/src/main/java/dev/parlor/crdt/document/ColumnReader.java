package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the items of one run-length encoded column in order: numbers, differences of numbers, or
 * strings. In a column without bytes all items are null.
 */
final class ColumnReader {

  /** The result of {@link #number} for a null. */
  static final long NULL = Long.MIN_VALUE;

  private static final int NULLS = 0;
  private static final int REPEAT = 1;
  private static final int LITERAL = 2;

  private final Bytes source;
  private final String name;
  private final boolean isDelta;
  private int at;
  private int runKind = NULLS;
  private long remainingInRun;
  private long value;
  private long absolute;
  private Bytes text = Bytes.EMPTY;

  private ColumnReader(Bytes source, String name, boolean isDelta) {
    this.source = source;
    this.name = name;
    this.isDelta = isDelta;
  }

  static ColumnReader of(Bytes source, String name) {
    return new ColumnReader(source, name, false);
  }

  /** A column that stores the differences between consecutive numbers. */
  static ColumnReader ofDifferences(Bytes source, String name) {
    return new ColumnReader(source, name, true);
  }

  boolean atEnd() {
    return remainingInRun == 0 && at == source.length();
  }

  /** The next item of a column of numbers; {@link #NULL} for a null. */
  long number() throws MalformedDocumentException {
    if (!step(false)) {
      return NULL;
    }
    if (!isDelta) {
      return value;
    }
    absolute += value;
    return absolute;
  }

  /** The next item of a column of numbers from 0 to {@code max}; -1 for a null. */
  int index(long max) throws MalformedDocumentException {
    var number = number();
    if (number == NULL) {
      return -1;
    }
    if (number < 0 || number > max) {
      throw malformed("holds a number that is negative or too large");
    }
    return (int) number;
  }

  /** The next item of a column of numbers from 0 to {@code max}; a null is refused. */
  int required(long max) throws MalformedDocumentException {
    var index = index(max);
    if (index < 0) {
      throw malformed("lacks an item");
    }
    return index;
  }

  /**
   * The next item of a column of strings; null for a null. Equal items of one run are identical.
   */
  @Nullable Bytes text() throws MalformedDocumentException {
    return step(true) ? text : null;
  }

  private boolean step(boolean isText) throws MalformedDocumentException {
    if (source.isEmpty()) {
      return false;
    }
    var isFirst = remainingInRun == 0;
    if (isFirst) {
      openRun();
    }
    remainingInRun--;
    if (runKind == NULLS) {
      return false;
    }
    if (isFirst || runKind == LITERAL) {
      if (isText) {
        text = slice(uleb());
      } else {
        value = isDelta ? sleb() : uleb();
      }
    }
    return true;
  }

  private void openRun() throws MalformedDocumentException {
    var count = sleb();
    if (count > 0) {
      runKind = REPEAT;
      remainingInRun = count;
    } else if (count < 0 && count != Long.MIN_VALUE) {
      runKind = LITERAL;
      remainingInRun = -count;
    } else {
      runKind = NULLS;
      remainingInRun = uleb();
    }
    if (remainingInRun <= 0) {
      throw malformed("has an empty run");
    }
  }

  private Bytes slice(long length) throws MalformedDocumentException {
    if (length > source.length() - at) {
      throw malformed("is cut off");
    }
    var slice = source.slice(at, (int) length);
    at += (int) length;
    return slice;
  }

  private long uleb() throws MalformedDocumentException {
    var number = 0L;
    for (var shift = 0; shift < 63 && at < source.length(); shift += 7) {
      var octet = source.at(at++);
      number |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return number;
      }
    }
    throw malformed("holds a number that is cut off or too large");
  }

  private long sleb() throws MalformedDocumentException {
    var number = 0L;
    for (var shift = 0; shift < 70 && at < source.length(); shift += 7) {
      var octet = source.at(at++);
      number |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return (octet & 0x40) != 0 && shift + 7 < 64 ? number | (-1L << (shift + 7)) : number;
      }
    }
    throw malformed("holds a number that is cut off or too large");
  }

  private MalformedDocumentException malformed(String fault) {
    return MalformedDocumentException.structure("the column " + name + " " + fault);
  }
}
