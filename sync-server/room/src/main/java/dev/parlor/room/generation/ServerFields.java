package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values and edits of the fields that only the server writes: in {@code generation} the fields
 * {@link #NAMES}, and {@code results}. Pure.
 */
final class ServerFields {
  static final Path GENERATION = Path.of(RoomFields.GENERATION);
  static final Path RESULTS = Path.of(RoomFields.RESULTS);
  static final Path LOCK = GENERATION.child(RoomFields.LOCK);
  static final Path STOP = GENERATION.child(RoomFields.STOP);
  static final Path COMMAND = GENERATION.child(RoomFields.COMMAND);

  /** The fields of {@code generation} that only the server writes. */
  static final List<String> NAMES =
      List.of(
          RoomFields.EPOCH,
          RoomFields.GRANT,
          RoomFields.GRANTS,
          RoomFields.QUEUE,
          RoomFields.PAUSED);

  private ServerFields() {}

  /**
   * The values of {@link #NAMES} for a state. A field without content is missing.
   *
   * @param runs the runs that the document shows, oldest first
   * @param queue the values of the waiting requests that the document shows, in order
   */
  static SortedMap<String, Value> values(
      long epoch, List<RunRecord> runs, Collection<Value> queue, @Nullable Paused paused) {
    SortedMap<String, Value> values = new TreeMap<>();
    values.put(RoomFields.EPOCH, Value.of(epoch));
    if (!runs.isEmpty()) {
      SortedMap<String, Value> grants = new TreeMap<>();
      runs.forEach(run -> grants.put(run.request(), grant(run)));
      values.put(RoomFields.GRANT, grant(runs.getFirst()));
      values.put(RoomFields.GRANTS, new Value.MapOf(grants));
    }
    if (!queue.isEmpty()) {
      values.put(RoomFields.QUEUE, Value.list(List.copyOf(queue)));
    }
    if (paused != null) {
      values.put(RoomFields.PAUSED, normalized(RoomSchema.paused(paused)));
    }
    return values;
  }

  private static Value grant(RunRecord run) {
    return normalized(RoomSchema.grant(run.grant()));
  }

  /** The values of {@link #NAMES} in the map {@code generation} of a document. */
  static SortedMap<String, Value> serverFields(SortedMap<String, Value> generation) {
    SortedMap<String, Value> values = new TreeMap<>();
    for (String name : NAMES) {
      Value value = generation.get(name);
      if (value != null && !isEmpty(value)) {
        values.put(name, normalized(value));
      }
    }
    return values;
  }

  private static boolean isEmpty(Value value) {
    return switch (value) {
      case Value.Null _ -> true;
      case Value.MapOf(SortedMap<String, Value> entries) -> entries.isEmpty();
      case Value.ListOf(List<Value> items) -> items.isEmpty();
      default -> false;
    };
  }

  /** The edit that gives a field of {@link #NAMES} a value; null removes the field. */
  static Edit put(String name, @Nullable Value value) {
    Path path = GENERATION.child(name);
    return value == null ? new Edit.Delete(path) : new Edit.Put(path, value);
  }

  /** The edits from one state of {@link #NAMES} to another. They change little of a long queue. */
  static List<Edit> transition(SortedMap<String, Value> before, SortedMap<String, Value> after) {
    List<Edit> edits = new ArrayList<>();
    for (String name : NAMES) {
      Value from = before.get(name);
      Value to = after.get(name);
      if (Objects.equals(from, to)) {
        continue;
      }
      if (from instanceof Value.ListOf(List<Value> old)
          && to instanceof Value.ListOf(List<Value> items)) {
        edits.addAll(listTransition(GENERATION.child(name), old, items));
      } else if (name.equals(RoomFields.GRANTS)
          && from instanceof Value.MapOf(SortedMap<String, Value> old)
          && to instanceof Value.MapOf(SortedMap<String, Value> entries)) {
        edits.addAll(mapTransition(GENERATION.child(name), old, entries));
      } else {
        edits.add(put(name, to));
      }
    }
    return edits;
  }

  private static List<Edit> mapTransition(
      Path path, SortedMap<String, Value> before, SortedMap<String, Value> after) {
    List<Edit> edits = new ArrayList<>();
    before.keySet().stream()
        .filter(key -> !after.containsKey(key))
        .forEach(key -> edits.add(new Edit.Delete(path.child(key))));
    after.forEach(
        (key, value) -> {
          if (!value.equals(before.get(key))) {
            edits.add(new Edit.Put(path.child(key), value));
          }
        });
    return edits;
  }

  /** Replaces the items between the common beginning and the common end of both lists. */
  private static List<Edit> listTransition(Path path, List<Value> before, List<Value> after) {
    int shorter = Math.min(before.size(), after.size());
    int start = 0;
    while (start < shorter && before.get(start).equals(after.get(start))) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
      end++;
    }
    List<Edit> edits = new ArrayList<>();
    for (int i = start; i < before.size() - end; i++) {
      edits.add(new Edit.Delete(path.child(start)));
    }
    for (int i = start; i < after.size() - end; i++) {
      edits.add(new Edit.Insert(path, i, after.get(i)));
    }
    return edits;
  }

  /** The value of a result in the document. */
  static Value result(RunRecord record) {
    return valueOf(RoomEdits.result(record.toResult()).getLast());
  }

  /**
   * Returns the value with every whole number as {@link Value.Int}. The server writes a number
   * beyond 32 bits as a float, which therefore must compare equal to the integer.
   */
  static Value normalized(Value value) {
    return switch (value) {
      case Value.Float(double number)
          when number == Math.rint(number) && Math.abs(number) < 1L << 53 ->
          Value.of((long) number);
      case Value.Uint(long number) -> Value.of(number);
      case Value.ListOf(List<Value> items) ->
          Value.list(items.stream().map(ServerFields::normalized).toList());
      case Value.MapOf(SortedMap<String, Value> entries) -> new Value.MapOf(normalized(entries));
      default -> value;
    };
  }

  static SortedMap<String, Value> normalized(SortedMap<String, Value> entries) {
    SortedMap<String, Value> normalized = new TreeMap<>();
    entries.forEach((key, value) -> normalized.put(key, normalized(value)));
    return normalized;
  }

  private static Value valueOf(Edit edit) {
    return switch (edit) {
      case Edit.Put put -> normalized(put.value());
      default -> throw new IllegalStateException("not a put: " + edit);
    };
  }

  /**
   * The edits from one state of a result to a later state. Unchanged values are not written again.
   *
   * @param before the state in the document, null without one
   */
  static List<Edit> transition(@Nullable RunRecord before, RunRecord after) {
    boolean isTakenBack = before != null && before.chunks().size() > after.chunks().size();
    if (before == null || isTakenBack) {
      return RoomEdits.result(after.toResult());
    }
    List<Edit> edits = new ArrayList<>();
    for (String chunk : after.chunks().subList(before.chunks().size(), after.chunks().size())) {
      edits.addAll(RoomEdits.chunk(after.request(), chunk));
    }
    if (after.isFinal()) {
      Result result = after.toResult();
      edits.addAll(
          RoomEdits.finish(
              result.request(),
              result.status(),
              result.ending(),
              result.reason(),
              result.usage(),
              Objects.requireNonNull(result.endedAt()),
              result.ttftMs(),
              Objects.requireNonNull(result.totalMs())));
    }
    return edits;
  }
}
