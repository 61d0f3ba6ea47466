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
 * The fields of the document that only the server writes ({@code generation/epoch}, {@code
 * generation/grant}, {@code results}): their values, and the edits from one state to the next,
 * which do not write unchanged values again. Pure.
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
    return put(RoomEdits.grant(run.grant()).getLast());
  }

  /** The value of a result in the document. */
  static Value result(RunRecord record) {
    return put(RoomEdits.result(record.toResult()).getLast());
  }

  /**
   * Returns the value with every whole number as {@link Value.Int}. Larger numbers are written as
   * floats, so that JavaScript reads them as numbers.
   */
  static Value plain(Value value) {
    return switch (value) {
      case Value.Float(double number)
          when number == Math.rint(number) && Math.abs(number) < 1L << 53 ->
          Value.of((long) number);
      case Value.Uint(long number) -> Value.of(number);
      case Value.ListOf(List<Value> items) ->
          Value.list(items.stream().map(ServerFields::plain).toList());
      case Value.MapOf(SortedMap<String, Value> entries) -> new Value.MapOf(plain(entries));
      default -> value;
    };
  }

  static SortedMap<String, Value> plain(SortedMap<String, Value> entries) {
    SortedMap<String, Value> plain = new TreeMap<>();
    entries.forEach((key, value) -> plain.put(key, plain(value)));
    return plain;
  }

  private static Value put(Edit edit) {
    return switch (edit) {
      case Edit.Put put -> plain(put.value());
      default -> throw new IllegalStateException("not a put: " + edit);
    };
  }

  /**
   * The edits that bring a result to a later state.
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
