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
   * The deepest level that is read; deeper values are shown as null. A client may nest a million
   * maps, and no stack is that deep.
   */
  static final int DEPTH_MAX = 64;

  /**
   * The bindings' class of conflicting values and its field are not public, so they are read by
   * reflection.
   */
  private static final Field CONFLICTS = conflictsField();

  private final Read document;

  Reader(Read document) {
    this.document = document;
  }

  /** The value at the path, without its contents; empty if there is none. */
  Optional<AmValue> find(Path path) {
    var here = Optional.<AmValue>empty();
    var object = ObjectId.ROOT;
    for (var step : path.steps()) {
      if (here.isPresent()) {
        switch (here.get()) {
          case AmValue.Map map -> object = map.getId();
          case AmValue.List list -> object = list.getId();
          default -> {
            return Optional.empty();
          }
        }
      }
      var inMap = here.isEmpty() || here.get() instanceof AmValue.Map;
      var next =
          switch (step) {
            case String key when inMap -> entry(object, key);
            case Integer index when !inMap -> document.get(object, index);
            default -> Optional.<AmValue>empty();
          };
      if (next.isEmpty()) {
        return next;
      }
      here = next;
    }
    return here;
  }

  /** Searches all entries for a key that the bindings cannot look up. */
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
   * All values at one map key or list position, the winner first, then the others, newest first.
   * Only the winner, if the bindings cannot look up the key.
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
        throw new IllegalStateException("the bindings keep conflicts in another way");
      }
      return byOperation.entrySet().stream()
          .sorted(
              Comparator.comparing((Map.Entry<?, ?> entry) -> operation(entry.getKey())).reversed())
          .map(entry -> Map.entry(entry.getKey().toString(), (AmValue) entry.getValue()))
          .toList();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the bindings' conflicts are not readable", e);
    }
  }

  /** An operation's Lamport order: its counter, then its actor. */
  private record Operation(long counter, String actor) implements Comparable<Operation> {
    @Override
    public int compareTo(Operation other) {
      return Comparator.comparingLong(Operation::counter)
          .thenComparing(Operation::actor)
          .compare(this, other);
    }
  }

  private static Operation operation(Object id) {
    var text = id.toString();
    var at = text.indexOf('@');
    return new Operation(Long.parseLong(text.substring(0, at)), text.substring(at + 1));
  }

  private static Field conflictsField() {
    try {
      var field = Class.forName("org.automerge.Conflicts").getDeclaredField("values");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the bindings keep conflicts in another way", e);
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
      default -> throw new IllegalStateException("the bindings show a kind of value unknown here");
    };
  }

  @SuppressWarnings("JavaUtilDate") // the bindings' type
  private static Value timestamp(AmValue.Timestamp time) {
    return new Value.Timestamp(time.getValue().getTime());
  }

  /** Above 2^63 the value is approximate; Parlor never writes such numbers. */
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
