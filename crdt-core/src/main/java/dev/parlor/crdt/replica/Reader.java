package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.Bytes;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.automerge.AmValue;
import org.automerge.MapEntry;
import org.automerge.ObjectId;
import org.automerge.Read;

/** Converts the bindings' view of a document or open transaction into values. */
final class Reader {

  /**
   * The deepest level that is read; deeper values are read as null. A client may nest a million
   * maps, which would overflow the stack.
   */
  static final int DEPTH_MAX = 64;

  /**
   * The field with conflicting values in a class of the bindings. Neither is public, so the field
   * is read by reflection.
   */
  private static final Field CONFLICTS = conflictsField();

  private final Read document;

  Reader(Read document) {
    this.document = document;
  }

  /** The value at the path, without the contents of a map, list or text; empty if there is none. */
  Optional<AmValue> find(Path path) {
    var current = Optional.<AmValue>empty();
    var object = ObjectId.ROOT;
    for (var step : path.steps()) {
      if (current.isPresent()) {
        switch (current.get()) {
          case AmValue.Map map -> object = map.getId();
          case AmValue.List list -> object = list.getId();
          default -> {
            return Optional.empty();
          }
        }
      }
      var inMap = current.isEmpty() || current.get() instanceof AmValue.Map;
      var next =
          switch (step) {
            case String key when inMap -> entry(object, key);
            case Integer index when !inMap -> document.get(object, index);
            default -> Optional.<AmValue>empty();
          };
      if (next.isEmpty()) {
        return next;
      }
      current = next;
    }
    return current;
  }

  /** The value of a key. If the bindings cannot look up the key, all entries are searched. */
  private Optional<AmValue> entry(ObjectId map, String key) {
    if (Keys.transferable(key)) {
      return document.get(map, key);
    }
    return document.mapEntries(map).stream()
        .flatMap(Arrays::stream)
        .filter(entry -> entry.getKey().equals(key))
        .map(MapEntry::getValue)
        .findFirst();
  }

  Optional<Value> read(Path path) {
    return path.isRoot()
        ? Optional.of(map(ObjectId.ROOT, 0))
        : find(path).map(found -> value(found, 0));
  }

  /**
   * All conflicting values at one map key or list position: the winner, then the others, newest
   * first. If the bindings cannot look up the key, the list has only the winner.
   */
  List<Value> conflicts(Path path) {
    if (path.isRoot()) {
      throw new ReplicaException("the root has no conflicts");
    }
    var parent = new Path(path.steps().subList(0, path.steps().size() - 1));
    var object = ObjectId.ROOT;
    if (!parent.isRoot()) {
      switch (find(parent).orElse(null)) {
        case AmValue.Map map -> object = map.getId();
        case AmValue.List list -> object = list.getId();
        case null, default -> {
          return List.of();
        }
      }
    }
    var last = path.steps().getLast();
    if (last instanceof String key && !Keys.transferable(key)) {
      return read(path).stream().toList();
    }
    var all =
        switch (last) {
          case String key -> document.getAll(object, key);
          case Integer index -> document.getAll(object, index);
          default -> throw new IllegalStateException("a path has only keys and positions");
        };
    return all.isEmpty() ? List.of() : ordered(all.get());
  }

  private List<Value> ordered(Object conflicts) {
    return entries(conflicts).stream().map(entry -> value(entry.getValue(), 0)).toList();
  }

  /** The conflicting values with the operations that wrote them, the winner first. */
  static List<Map.Entry<String, AmValue>> entries(Object conflicts) {
    try {
      if (!(CONFLICTS.get(conflicts) instanceof Map<?, ?> byOperation)) {
        throw new IllegalStateException("the bindings store conflicts in an unexpected way");
      }
      return byOperation.entrySet().stream()
          .sorted(
              Comparator.comparing((Map.Entry<?, ?> entry) -> operationId(entry.getKey()))
                  .reversed())
          .map(entry -> Map.entry(entry.getKey().toString(), (AmValue) entry.getValue()))
          .toList();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the bindings' conflicts are not readable", e);
    }
  }

  /** An operation id. The order is Lamport's: by counter, then by actor. */
  private record OperationId(long counter, String actor) implements Comparable<OperationId> {
    @Override
    public int compareTo(OperationId other) {
      return Comparator.comparingLong(OperationId::counter)
          .thenComparing(OperationId::actor)
          .compare(this, other);
    }
  }

  private static OperationId operationId(Object id) {
    var text = id.toString();
    var separator = text.indexOf('@');
    return new OperationId(
        Long.parseLong(text.substring(0, separator)), text.substring(separator + 1));
  }

  private static Field conflictsField() {
    try {
      var field = Class.forName("org.automerge.Conflicts").getDeclaredField("values");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the bindings store conflicts in an unexpected way", e);
    }
  }

  private Value value(AmValue value, int depth) {
    return switch (value) {
      case AmValue.Map map -> depth >= DEPTH_MAX ? Value.NULL : map(map.getId(), depth);
      case AmValue.List list -> depth >= DEPTH_MAX ? Value.NULL : list(list.getId(), depth);
      case AmValue.Text text -> new Value.Text(document.text(text.getId()).orElse(""));
      case AmValue.Str string -> new Value.Str(string.getValue());
      case AmValue.Int number -> new Value.Int(number.getValue());
      case AmValue.UInt number -> unsigned(number.getValue());
      case AmValue.F64 number -> new Value.Float(number.getValue());
      case AmValue.Bool flag -> new Value.Bool(flag.getValue());
      case AmValue.Counter counter -> new Value.Counter(counter.getValue());
      case AmValue.Timestamp time -> timestamp(time);
      case AmValue.Bytes bytes -> new Value.Blob(Bytes.copyOf(bytes.getValue()));
      case AmValue.Unknown unknown -> new Value.Blob(Bytes.copyOf(unknown.getValue()));
      case AmValue.Null _ -> Value.NULL;
      default -> throw new IllegalStateException("the bindings returned an unknown kind of value");
    };
  }

  @SuppressWarnings("JavaUtilDate") // the bindings' type
  private static Value timestamp(AmValue.Timestamp time) {
    return new Value.Timestamp(time.getValue().getTime());
  }

  /** From 2^63 on the value becomes an approximate double; Parlor never writes such numbers. */
  private static Value unsigned(long number) {
    return number >= 0
        ? new Value.Uint(number)
        : new Value.Float(2.0 * (number >>> 1) + (number & 1));
  }

  private Value map(ObjectId id, int depth) {
    var entries = new TreeMap<String, Value>();
    document
        .mapEntries(id)
        .ifPresent(
            found -> {
              for (var entry : found) {
                entries.put(entry.getKey(), value(entry.getValue(), depth + 1));
              }
            });
    return new Value.MapOf(entries);
  }

  private Value list(ObjectId id, int depth) {
    var items = new ArrayList<Value>();
    document
        .listItems(id)
        .ifPresent(
            found -> {
              for (var item : found) {
                items.add(value(item, depth + 1));
              }
            });
    return new Value.ListOf(items);
  }
}
