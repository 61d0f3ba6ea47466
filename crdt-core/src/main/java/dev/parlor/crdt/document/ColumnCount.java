package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.Bytes;

/**
 * Counts the items of a run-length encoded column of numbers without reading each item: the time
 * depends on the bytes of the column, not on its items. Malformed bytes end the count, and reading
 * the column refuses them later.
 */
final class ColumnCount {

  private final Bytes source;
  private int at;
  private boolean isMalformed;
  private long items;
  private long sum;

  private ColumnCount(Bytes source) {
    this.source = source;
    while (at < source.length() && !isMalformed) {
      var count = signed();
      if (count > 0) {
        items = added(items, count);
        sum = added(sum, product(count, unsigned()));
      } else if (count == 0) {
        items = added(items, unsigned());
      } else if (count == Long.MIN_VALUE) {
        isMalformed = true;
      } else {
        literal(-count);
      }
    }
  }

  private void literal(long count) {
    items = added(items, Math.min(count, source.length() - at));
    for (var i = 0L; i < count && !isMalformed; i++) {
      sum = added(sum, unsigned());
    }
  }

  /** The number of items; at least the number of items that can be read. */
  static long items(Bytes column) {
    return new ColumnCount(column).items;
  }

  /** The sum of the items, without nulls. */
  static long sum(Bytes column) {
    return new ColumnCount(column).sum;
  }

  private static long added(long one, long other) {
    var result = one + other;
    return result < 0 ? Long.MAX_VALUE : result;
  }

  private static long product(long one, long other) {
    return other != 0 && one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
  }

  private long unsigned() {
    var number = 0L;
    for (var shift = 0; shift < 63 && at < source.length(); shift += 7) {
      var octet = source.at(at++);
      number |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return number;
      }
    }
    isMalformed = true;
    return 0;
  }

  private long signed() {
    var number = 0L;
    for (var shift = 0; shift < 70 && at < source.length(); shift += 7) {
      var octet = source.at(at++);
      number |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        return (octet & 0x40) != 0 && shift + 7 < 64 ? number | (-1L << (shift + 7)) : number;
      }
    }
    isMalformed = true;
    return 0;
  }
}
