package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Bytes;

/** A cursor over one column's bytes. After a fault every read returns zero. */
final class ColumnBytes {

  private final Bytes source;
  private final Fault fault;
  private int at;

  ColumnBytes(Bytes source, Fault fault) {
    this.source = source;
    this.fault = fault;
  }

  boolean atEnd() {
    return at == source.length();
  }

  boolean isEmpty() {
    return source.isEmpty();
  }

  int position() {
    return at;
  }

  int remaining() {
    return source.length() - at;
  }

  int at(int index) {
    return source.at(index);
  }

  Bytes slice(int from, int length) {
    return source.slice(from, length);
  }

  void skip(int length) {
    at += length;
  }

  /** An unsigned number of at most 63 bits in its shortest form. */
  long uleb() {
    var value = 0L;
    for (var shift = 0; shift < 63; shift += 7) {
      if (at == source.length()) {
        break;
      }
      var octet = source.at(at++);
      value |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        if (octet == 0 && shift > 0) {
          break;
        }
        return value;
      }
    }
    fault.recordMalformed(
        "a column holds a number that is cut off, too large or not in shortest form");
    return 0;
  }

  /** Skips an unsigned number of at most 64 bits in its shortest form. */
  void skipUnsigned64() {
    for (var shift = 0; shift < 70; shift += 7) {
      if (at == source.length()) {
        break;
      }
      var octet = source.at(at++);
      if (shift == 63 && octet > 1) {
        break;
      }
      if (octet < 0x80) {
        if (octet == 0 && shift > 0) {
          break;
        }
        return;
      }
    }
    fault.recordMalformed(
        "a column holds a number that is cut off, too large or not in shortest form");
  }

  /** A signed number of at most 64 bits in its shortest form. */
  long sleb() {
    var value = 0L;
    var previous = 0;
    for (var shift = 0; shift < 70; shift += 7) {
      if (at == source.length()) {
        break;
      }
      var octet = source.at(at++);
      if (shift == 63 && octet != 0 && octet != 0x7f) {
        break;
      }
      value |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        var negative = (octet & 0x40) != 0;
        var padding = negative ? 0x7f : 0;
        if (shift > 0 && octet == padding && (previous & 0x40) == (padding & 0x40)) {
          break;
        }
        return negative && shift + 7 < 64 ? value | (-1L << (shift + 7)) : value;
      }
      previous = octet;
    }
    fault.recordMalformed(
        "a column holds a number that is cut off, too large or not in shortest form");
    return 0;
  }
}
