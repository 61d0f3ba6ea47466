package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.identity.Bytes;
import java.util.Arrays;

/**
 * The column table of a change: the bytes of each column. It accepts only Automerge's fourteen
 * columns, ascending, none empty, with no bytes after them. An Automerge document does not store
 * other bytes: a change with such bytes would have a different hash after a snapshot.
 */
final class ChangeColumns {

  static final int OBJECT_ACTOR = 0;
  static final int OBJECT_COUNTER = 1;
  static final int KEY_ACTOR = 2;
  static final int KEY_COUNTER = 3;
  static final int KEY_STRING = 4;
  static final int INSERT = 5;
  static final int ACTION = 6;
  static final int VALUE_META = 7;
  static final int VALUE_RAW = 8;
  static final int PREDECESSOR_GROUP = 9;
  static final int PREDECESSOR_ACTOR = 10;
  static final int PREDECESSOR_COUNTER = 11;
  static final int EXPAND = 12;
  static final int MARK_NAME = 13;

  /** The specification of each column, by the constants above. */
  private static final int[] SPECIFICATIONS = {
    0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73, 0x94, 0xa5
  };

  private final Bytes[] columns = new Bytes[SPECIFICATIONS.length];

  private ChangeColumns() {
    Arrays.fill(columns, Bytes.EMPTY);
  }

  /** The bytes of a column, by one of the constants; empty if the column is absent. */
  Bytes column(int index) {
    return columns[index];
  }

  static ChangeColumns read(Bytes source, Fault fault) {
    var table = new ChangeColumns();
    var reader = new ByteReader(source);
    var count = reader.count("the number of columns", SPECIFICATIONS.length);
    var indexes = new int[count];
    var lengths = new int[count];
    var next = 0;
    for (var i = 0; i < count && !reader.failed(); i++) {
      var specification = reader.uleb("a column's specification");
      while (next < SPECIFICATIONS.length && SPECIFICATIONS[next] != specification) {
        next++;
      }
      if (next == SPECIFICATIONS.length) {
        fault.recordMalformed("column " + specification + " is unknown or out of order");
        return table;
      }
      indexes[i] = next++;
      lengths[i] = reader.count("a column's length", source.length());
      if (lengths[i] == 0) {
        reader.fail("a column without bytes is not listed");
      }
    }
    for (var i = 0; i < count && !reader.failed(); i++) {
      table.columns[indexes[i]] = reader.bytes("the columns", lengths[i]);
    }
    if (reader.failed()) {
      fault.recordMalformed(reader.failure());
    } else if (reader.remaining() > 0) {
      fault.recordMalformed("bytes follow the columns");
    }
    return table;
  }
}
