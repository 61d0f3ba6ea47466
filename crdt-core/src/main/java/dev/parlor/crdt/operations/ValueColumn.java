package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;

/** The two columns of values: type and length of each, and the bytes of all. */
final class ValueColumn {

  private final NumberColumn metadata;
  private final ColumnBytes raw;
  private final Fault fault;
  private final int textBytesMax;
  private int type;
  private Bytes value = Bytes.EMPTY;

  ValueColumn(NumberColumn metadata, ColumnBytes raw, Fault fault, int textBytesMax) {
    this.metadata = metadata;
    this.raw = raw;
    this.fault = fault;
    this.textBytesMax = textBytesMax;
  }

  int type() {
    return type;
  }

  Bytes raw() {
    return value;
  }

  void next() {
    var next = metadata.next();
    value = Bytes.EMPTY;
    type = (int) (next & 15);
    var length = next >>> 4;
    if (next == NumberColumn.NULL) {
      fault.structure("the type of a value is missing");
      type = OperationReader.NULL;
      return;
    }
    if (length > raw.remaining()) {
      fault.structure("a value is cut off");
      return;
    }
    switch (type) {
      case OperationReader.NULL, OperationReader.FALSE, OperationReader.TRUE ->
          require(length == 0);
      case OperationReader.UINT -> number(length, false);
      case OperationReader.INT, OperationReader.COUNTER, OperationReader.TIMESTAMP ->
          number(length, true);
      case OperationReader.FLOAT -> {
        require(length == 8);
        take((int) length);
      }
      case OperationReader.STRING -> {
        if (length > textBytesMax) {
          fault.set("AD3", "a string has at most " + textBytesMax + " bytes");
          return;
        }
        take((int) length);
        if (!Utf8.isWellFormed(value)) {
          fault.structure("a string is not UTF-8");
        }
      }
      case OperationReader.BYTES -> take((int) length);
      default -> fault.structure("the type of a value is unknown");
    }
  }

  /** The number of further items equal to the last one; 0 for values with bytes. */
  long repeats() {
    return value.isEmpty() ? metadata.repeats() : 0;
  }

  /** Skips this many of {@link #repeats} at once. */
  void skip(long count) {
    metadata.skip(count);
  }

  /** Checks that all bytes belonged to values. */
  void finish() {
    metadata.finish();
    if (!raw.atEnd()) {
      fault.structure("bytes follow the values");
    }
  }

  private void number(long length, boolean signed) {
    var from = raw.position();
    if (signed) {
      raw.sleb();
    } else {
      raw.uleb();
    }
    require(raw.position() - from == length);
    if (!fault.present()) {
      value = raw.slice(from, (int) length);
    }
  }

  private void take(int length) {
    value = raw.slice(raw.position(), length);
    raw.skip(length);
  }

  private void require(boolean holds) {
    if (!holds) {
      fault.structure("a value's length does not fit its type");
    }
  }
}
