package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;

/** Reads the two columns of values: one with the type and length of each, one with the bytes. */
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
      fault.recordMalformed("the type of a value is missing");
      type = OperationReader.NULL;
      return;
    }
    if (length > raw.remaining()) {
      fault.recordMalformed("a value is cut off");
      return;
    }
    switch (type) {
      case OperationReader.NULL, OperationReader.FALSE, OperationReader.TRUE ->
          checkLength(length == 0);
      case OperationReader.UINT -> readUnsigned(length);
      case OperationReader.INT, OperationReader.COUNTER, OperationReader.TIMESTAMP ->
          readSigned(length);
      case OperationReader.FLOAT -> {
        checkLength(length == 8);
        readBytes((int) length);
      }
      case OperationReader.STRING -> {
        if (length > textBytesMax) {
          fault.record("AD3", "a string has at most " + textBytesMax + " bytes");
          return;
        }
        readBytes((int) length);
        if (!Utf8.isWellFormed(value)) {
          fault.recordMalformed("a string is not UTF-8");
        }
      }
      case OperationReader.BYTES -> readBytes((int) length);
      default -> fault.recordMalformed("the type of a value is unknown");
    }
  }

  /** The number of following items equal to the current one; 0 for values with bytes. */
  long repeats() {
    return value.isEmpty() ? metadata.repeats() : 0;
  }

  /** Skips {@code count} items, at most {@link #repeats}. */
  void skip(long count) {
    metadata.skip(count);
  }

  /** Checks that both columns end here. */
  void finish() {
    metadata.finish();
    if (!raw.atEnd()) {
      fault.recordMalformed("bytes follow the values");
    }
  }

  private void readUnsigned(long length) {
    var from = raw.position();
    raw.skipUnsigned64();
    keepNumber(from, length);
  }

  private void readSigned(long length) {
    var from = raw.position();
    raw.sleb();
    keepNumber(from, length);
  }

  private void keepNumber(int from, long length) {
    checkLength(raw.position() - from == length);
    if (!fault.isPresent()) {
      value = raw.slice(from, (int) length);
    }
  }

  private void readBytes(int length) {
    value = raw.slice(raw.position(), length);
    raw.skip(length);
  }

  private void checkLength(boolean isValid) {
    if (!isValid) {
      fault.recordMalformed("a value's length does not fit its type");
    }
  }
}
