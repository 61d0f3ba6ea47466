package dev.parlor.bench.fuzz;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Encodes changes with a correct checksum and arbitrary contents: operations in Automerge's
 * encoding, or given columns. It shares no encoder with the relay, which could hide a common error.
 */
final class ChangeForge {

  private static final int TYPE_OFFSET = 8;

  /** The index of an actor that is not in the header's table. */
  private static final int UNKNOWN_ACTOR_INDEX = 77;

  private ChangeForge() {}

  /** The fields of a change before its columns. */
  record Header(
      List<ChangeHash> deps,
      ActorId actor,
      long seq,
      long startOp,
      long time,
      String message,
      List<ActorId> otherActors) {}

  /** The actors that the operations refer to, without the author, in order. */
  static List<ActorId> others(ActorId author, List<Operation> operations) {
    var others = new TreeSet<ActorId>();
    for (var operation : operations) {
      var element = operation.element();
      var object = operation.object();
      if (object != null) {
        others.add(object.actor());
      }
      if (element != null) {
        others.add(element.actor());
      }
      operation.predecessors().forEach(id -> others.add(id.actor()));
    }
    others.remove(author);
    return List.copyOf(others);
  }

  static Bytes change(Header header, List<Operation> operations) {
    return change(header, columns(header, operations));
  }

  static Bytes change(Header header, Bytes columns) {
    var writer =
        new ByteWriter(256)
            .hashes(header.deps())
            .prefixed(header.actor().bytes())
            .uleb(header.seq())
            .uleb(header.startOp())
            .bytes(sleb(header.time()))
            .prefixed(Bytes.utf8(header.message()))
            .uleb(header.otherActors().size());
    header.otherActors().forEach(actor -> writer.prefixed(actor.bytes()));
    return chunk(writer.bytes(columns).toBytes());
  }

  /** A change chunk with these contents and their checksum. */
  static Bytes chunk(Bytes contents) {
    var chunk =
        new ByteWriter(contents.length() + 16)
            .bytes(Bytes.ofHex("856f4a8300000000"))
            .u8(1)
            .prefixed(contents)
            .toBytes()
            .toArray();
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(chunk, TYPE_OFFSET, chunk.length - TYPE_OFFSET);
      System.arraycopy(sha256.digest(), 0, chunk, 4, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    return Bytes.wrap(chunk);
  }

  static Bytes columns(Header header, List<Operation> operations) {
    var actors = new HashMap<ActorId, Integer>();
    actors.put(header.actor(), 0);
    for (var other : header.otherActors()) {
      actors.putIfAbsent(other, actors.size());
    }
    ToIntFunction<Operation.Id> actorOf =
        id -> actors.getOrDefault(id.actor(), UNKNOWN_ACTOR_INDEX);
    var columns = new TreeMap<Integer, Bytes>();
    Consumer<Column> keep = column -> column.into(columns);
    keep.accept(new Column(0x01, false, each(operations, o -> number(o.object(), actorOf))));
    keep.accept(new Column(0x02, false, each(operations, o -> counter(o.object()))));
    keep.accept(new Column(0x11, false, each(operations, o -> number(o.element(), actorOf))));
    keep.accept(
        new Column(
            0x13,
            true,
            each(
                operations,
                o ->
                    o.key() != null
                        ? null
                        : o.element() == null ? Long.valueOf(0) : counter(o.element()))));
    keep.accept(new Column(0x15, false, each(operations, Operation::key)));
    columns.put(0x34, flags(operations.stream().map(Operation::insert).toList()));
    keep.accept(new Column(0x42, false, each(operations, o -> (long) o.action())));
    keep.accept(
        new Column(
            0x56, false, each(operations, o -> (long) o.value().length() << 4 | o.valueType())));
    columns.put(0x57, Bytes.concat(operations.stream().map(Operation::value).toList()));
    keep.accept(new Column(0x70, false, each(operations, o -> (long) o.predecessors().size())));
    var predecessors = operations.stream().flatMap(o -> o.predecessors().stream()).toList();
    keep.accept(new Column(0x71, false, each(predecessors, id -> (long) actorOf.applyAsInt(id))));
    keep.accept(new Column(0x73, true, each(predecessors, Operation.Id::counter)));
    if (operations.stream().anyMatch(Operation::expand)) {
      columns.put(0x94, flags(operations.stream().map(Operation::expand).toList()));
    }
    keep.accept(new Column(0xa5, false, each(operations, Operation::mark)));
    return table(columns);
  }

  /** The column table and the columns, without empty columns. */
  static Bytes table(Map<Integer, Bytes> columns) {
    var present = new TreeMap<>(columns);
    present.values().removeIf(Bytes::isEmpty);
    var table = new ByteWriter(64).uleb(present.size());
    present.forEach((specification, data) -> table.uleb(specification).uleb(data.length()));
    present.values().forEach(table::bytes);
    return table.toBytes();
  }

  private static @Nullable Object number(
      Operation.@Nullable Id id, ToIntFunction<Operation.Id> actors) {
    return id == null ? null : (Object) (long) actors.applyAsInt(id);
  }

  private static @Nullable Object counter(Operation.@Nullable Id id) {
    return id == null ? null : (Object) id.counter();
  }

  private interface Pick<T> {
    @Nullable Object of(T item);
  }

  private static <T> @Nullable Object[] each(List<T> items, Pick<T> pick) {
    var values = new @Nullable Object[items.size()];
    for (var i = 0; i < values.length; i++) {
      values[i] = pick.of(items.get(i));
    }
    return values;
  }

  private static Bytes flags(List<Boolean> flags) {
    var writer = new ByteWriter(16);
    var last = false;
    var count = 0;
    for (var flag : flags) {
      if (flag != last) {
        writer.uleb(count);
        last = flag;
        count = 0;
      }
      count++;
    }
    return flags.isEmpty() ? Bytes.EMPTY : writer.uleb(count).toBytes();
  }

  static Bytes sleb(long value) {
    var out = new byte[10];
    var size = 0;
    var remaining = value;
    while (true) {
      var octet = (int) (remaining & 0x7f);
      remaining >>= 7;
      var done =
          (remaining == 0 && (octet & 0x40) == 0) || (remaining == -1 && (octet & 0x40) != 0);
      out[size++] = (byte) (done ? octet : octet | 0x80);
      if (done) {
        return Bytes.wrap(Arrays.copyOf(out, size));
      }
    }
  }

  static Bytes uleb(long value) {
    return new ByteWriter(10).uleb(value).toBytes();
  }

  /** Run-length encodes numbers (Long) or strings (Bytes). Null stands for a missing value. */
  private static final class Column {
    private final int specification;
    private final boolean delta;
    private final @Nullable Object[] values;

    Column(int specification, boolean delta, @Nullable Object[] values) {
      this.specification = specification;
      this.delta = delta;
      this.values = values;
    }

    void into(Map<Integer, Bytes> columns) {
      columns.put(specification, encode());
    }

    private Bytes encode() {
      if (Arrays.stream(values).allMatch(value -> value == null)) {
        return Bytes.EMPTY;
      }
      var items = values.clone();
      if (delta) {
        var absolute = 0L;
        for (var i = 0; i < items.length; i++) {
          if (items[i] instanceof Long number) {
            items[i] = number - absolute;
            absolute = number;
          }
        }
      }
      var writer = new ByteWriter(64);
      for (var at = 0; at < items.length; ) {
        var end = run(items, at);
        if (items[at] == null) {
          writer.u8(0).uleb(end - at);
        } else if (end - at > 1) {
          writer.bytes(sleb(end - at));
          value(writer, items[at]);
        } else {
          while (end < items.length && items[end] != null && run(items, end) == end + 1) {
            end++;
          }
          writer.bytes(sleb(at - end));
          for (var i = at; i < end; i++) {
            value(writer, items[i]);
          }
        }
        at = end;
      }
      return writer.toBytes();
    }

    private static int run(@Nullable Object[] items, int from) {
      var end = from + 1;
      while (end < items.length && java.util.Objects.equals(items[end], items[from])) {
        end++;
      }
      return end;
    }

    private void value(ByteWriter writer, @Nullable Object value) {
      switch (value) {
        case Long number when delta -> writer.bytes(sleb(number));
        case Long number -> writer.uleb(number);
        case Bytes string -> writer.prefixed(string);
        case null, default -> throw new IllegalStateException("neither number nor string");
      }
    }
  }

  /** All items of several lists. */
  static <T> List<T> joined(List<T> first, List<T> second) {
    var all = new ArrayList<T>(first);
    all.addAll(second);
    return all;
  }
}
