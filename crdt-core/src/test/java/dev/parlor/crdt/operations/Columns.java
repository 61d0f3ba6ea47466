package dev.parlor.crdt.operations;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Encodes operations as the columns of a change, in Automerge's canonical form. */
final class Columns {

  /**
   * An operation's id, with the actor as an index into the change's table; -1 for an invalid actor.
   */
  record OpId(long actor, long counter) {}

  /**
   * One operation.
   *
   * @param object null for the root
   * @param key the key in a map, or null for an element
   * @param element the element, null if there is a key; counter 0 means the head
   * @param meta the value's metadata: its type and length
   * @param value the value's bytes
   */
  record Op(
      @Nullable OpId object,
      @Nullable String key,
      @Nullable OpId element,
      boolean insert,
      long action,
      long meta,
      Bytes value,
      List<OpId> predecessors) {}

  private static final long MAKE_LIST = 2;

  static final long SET = 1;
  static final long DELETE = 3;

  private Columns() {}

  /** The operation that makes a list under a key of the root. */
  static Op list(String key) {
    return new Op(null, key, null, false, MAKE_LIST, 0, Bytes.EMPTY, List.of());
  }

  static Bytes of(List<Op> operations) {
    var columns = new TreeMap<Integer, Bytes>();
    put(columns, 0x01, numbers(operations, op -> actor(op.object)));
    put(columns, 0x02, numbers(operations, op -> counter(op.object)));
    put(columns, 0x11, numbers(operations, op -> isHead(op.element) ? null : actor(op.element)));
    put(columns, 0x13, differences(operations.stream().map(op -> counter(op.element)).toList()));
    put(
        columns,
        0x15,
        runs(
            operations.stream().map(op -> op.key).toList(),
            key -> new ByteWriter(8).prefixed(Bytes.utf8(key)).toBytes()));
    put(columns, 0x34, flags(operations));
    put(columns, 0x42, numbers(operations, op -> op.action));
    put(columns, 0x56, numbers(operations, op -> op.meta));
    put(columns, 0x57, Bytes.concat(operations.stream().map(op -> op.value).toList()));
    put(columns, 0x70, numbers(operations, op -> (long) op.predecessors.size()));
    var predecessors = operations.stream().flatMap(op -> op.predecessors.stream()).toList();
    put(columns, 0x71, runs(predecessors.stream().map(OpId::actor).toList(), Columns::uleb));
    put(columns, 0x73, differences(predecessors.stream().map(OpId::counter).toList()));
    var table = new ByteWriter(64).uleb(columns.size());
    columns.forEach((specification, data) -> table.uleb(specification).uleb(data.length()));
    columns.values().forEach(table::bytes);
    return table.toBytes();
  }

  private static void put(Map<Integer, Bytes> columns, int specification, Bytes data) {
    if (!data.isEmpty()) {
      columns.put(specification, data);
    }
  }

  private static @Nullable Long actor(@Nullable OpId id) {
    return id == null || id.actor < 0 ? null : id.actor;
  }

  private static @Nullable Long counter(@Nullable OpId id) {
    return id == null ? null : id.counter;
  }

  private static boolean isHead(@Nullable OpId id) {
    return id != null && id.counter == 0;
  }

  private static Bytes numbers(List<Op> operations, Function<Op, @Nullable Long> field) {
    var values = new ArrayList<@Nullable Long>();
    operations.forEach(op -> values.add(field.apply(op)));
    return runs(values, Columns::uleb);
  }

  private static Bytes differences(List<@Nullable Long> counters) {
    var differences = new ArrayList<@Nullable Long>();
    var previous = 0L;
    for (var counter : counters) {
      differences.add(counter == null ? null : (Long) (counter - previous));
      previous = counter == null ? previous : counter;
    }
    return runs(differences, Columns::sleb);
  }

  private static Bytes flags(List<Op> operations) {
    var out = new ByteWriter(16);
    var value = false;
    var length = 0;
    for (var op : operations) {
      if (op.insert != value) {
        out.uleb(length);
        value = op.insert;
        length = 0;
      }
      length++;
    }
    return out.uleb(length).toBytes();
  }

  private static <T> Bytes runs(List<@Nullable T> values, Function<T, Bytes> encode) {
    if (values.stream().allMatch(value -> value == null)) {
      return Bytes.EMPTY;
    }
    var out = new ByteWriter(64);
    var literal = new ArrayList<Bytes>();
    for (var start = 0; start < values.size(); ) {
      var value = values.get(start);
      var end = start + 1;
      while (end < values.size() && java.util.Objects.equals(values.get(end), value)) {
        end++;
      }
      if (value != null && end - start == 1) {
        literal.add(encode.apply(value));
      } else {
        flush(out, literal);
        if (value == null) {
          out.u8(0).uleb(end - start);
        } else {
          out.bytes(sleb(end - start)).bytes(encode.apply(value));
        }
      }
      start = end;
    }
    flush(out, literal);
    return out.toBytes();
  }

  private static void flush(ByteWriter out, List<Bytes> literal) {
    if (!literal.isEmpty()) {
      out.bytes(sleb(-literal.size()));
      literal.forEach(out::bytes);
      literal.clear();
    }
  }

  private static Bytes uleb(long value) {
    return new ByteWriter(10).uleb(value).toBytes();
  }

  private static Bytes sleb(long value) {
    var out = new ByteWriter(10);
    var remaining = value;
    while (remaining > 0x3f || remaining < -0x40) {
      out.u8((int) (remaining & 0x7f) | 0x80);
      remaining >>= 7;
    }
    return out.u8((int) (remaining & 0x7f)).toBytes();
  }
}
