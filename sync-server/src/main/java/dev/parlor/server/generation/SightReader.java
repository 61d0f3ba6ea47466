package dev.parlor.server.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.crdt.room.Stop;
import dev.parlor.server.rooms.RoomReading;
import dev.parlor.server.rooms.RoomTurn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads from an open room what it says of generation. */
final class SightReader {
  /** What may be the key of a result: UUIDs, and what else needs no escaping anywhere. */
  private static final Pattern USABLE_REQUEST = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  /** Floats below this hold every whole number exactly. */
  private static final double WHOLE_MAX = 0x1p53;

  private SightReader() {}

  static Sight read(RoomTurn turn) {
    RoomReading reading = turn.reading();
    SortedMap<String, Value> root = map(reading.root()).orElseGet(TreeMap::new);
    Optional<SortedMap<String, Value>> generation = map(root.get("generation"));
    Optional<SortedMap<String, Value>> results = map(root.get("results"));
    boolean intact = generation.isPresent() && results.isPresent();
    SortedMap<String, Value> part = generation.orElseGet(TreeMap::new);
    List<Value> lockValues =
        generation.isPresent() ? present(turn.conflicts(OwnPart.LOCK)) : List.of();
    List<Value> stopValues =
        generation.isPresent() ? present(turn.conflicts(OwnPart.STOP)) : List.of();
    List<Lock> locks =
        RoomView.readLocks(lockValues).stream()
            .filter(lock -> USABLE_REQUEST.matcher(lock.request()).matches())
            .toList();
    return new Sight(
        locks,
        lockValues.size(),
        stops(stopValues),
        intact,
        asMeant(part.get("epoch")),
        asMeant(part.get("grant")),
        asMeant(results.orElseGet(TreeMap::new)),
        reading.view());
  }

  /**
   * Whole numbers as integers, however they are stored: a time does not fit the bindings' integers
   * and comes back as the float that it was written as.
   */
  private static @Nullable Value asMeant(@Nullable Value value) {
    return switch (value) {
      case Value.Float(double number)
          when Math.rint(number) == number && Math.abs(number) < WHOLE_MAX ->
          new Value.Int((long) number);
      case Value.MapOf(SortedMap<String, Value> entries) -> new Value.MapOf(asMeant(entries));
      case Value.ListOf(List<Value> items) ->
          new Value.ListOf(
              items.stream().map(item -> Objects.requireNonNull(asMeant(item))).toList());
      case null, default -> value;
    };
  }

  private static SortedMap<String, Value> asMeant(SortedMap<String, Value> entries) {
    SortedMap<String, Value> meant = new TreeMap<>();
    entries.forEach((key, value) -> meant.put(key, Objects.requireNonNull(asMeant(value))));
    return meant;
  }

  private static List<Stop> stops(List<Value> values) {
    return values.stream()
        .map(value -> map(value).orElseGet(TreeMap::new))
        .map(map -> new Stop(text(map.get("request")), text(map.get("by")), 0))
        .toList();
  }

  private static List<Value> present(List<Value> values) {
    return values.stream().filter(value -> !(value instanceof Value.Null)).toList();
  }

  private static Optional<SortedMap<String, Value>> map(@Nullable Value value) {
    return value instanceof Value.MapOf(SortedMap<String, Value> entries)
        ? Optional.of(entries)
        : Optional.empty();
  }

  private static String text(@Nullable Value value) {
    return switch (value) {
      case Value.Str(String text) -> text;
      case Value.Text(String text) -> text;
      case null, default -> "";
    };
  }
}
