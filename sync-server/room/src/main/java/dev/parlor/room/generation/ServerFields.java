package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values and edits of the fields that only the server writes: {@code generation/epoch}, {@code
 * generation/grant} and {@code results}. Pure.
 */
final class ServerFields {
  static final Path GENERATION = Path.of(RoomFields.GENERATION);
  static final Path RESULTS = Path.of(RoomFields.RESULTS);
  static final Path LOCK = GENERATION.child(RoomFields.LOCK);
  static final Path STOP = GENERATION.child(RoomFields.STOP);
  static final Path GRANT = GENERATION.child(RoomFields.GRANT);

  private ServerFields() {}

  /** The value of a run's grant in the document. */
  static Value grant(RunRecord run) {
    return valueOf(RoomEdits.grant(run.grant()).getLast());
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
    if (before == null) {
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
