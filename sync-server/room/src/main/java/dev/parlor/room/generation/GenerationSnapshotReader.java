package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the generation state from an open room. */
final class GenerationSnapshotReader {
  /** A request id becomes the key of its result, so it must not need escaping anywhere. */
  private static final Pattern USABLE_REQUEST = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  private GenerationSnapshotReader() {}

  /** Whether the document has the fields of a room; a new document has none. */
  static boolean isRoom(RoomReading reading) {
    return map(reading.root()).filter(root -> root.containsKey(RoomFields.SCHEMA)).isPresent();
  }

  /** Every concurrent value of the lock with a usable request id, the winner first. */
  static List<Lock> locks(RoomScope scope) {
    return usable(scope.conflicts(ServerFields.LOCK));
  }

  private static List<Lock> usable(List<Value> lockValues) {
    return RoomView.readLocks(lockValues).stream()
        .filter(lock -> USABLE_REQUEST.matcher(lock.request()).matches())
        .toList();
  }

  /**
   * Reads the state.
   *
   * @param recentRequests requests that were in the lock since the last reading. They are added to
   *     the locks, since a later write may have replaced them in the document
   */
  static GenerationSnapshot read(RoomScope scope, Collection<Lock> recentRequests) {
    RoomReading reading = scope.reading();
    SortedMap<String, Value> root = map(reading.root()).orElseGet(TreeMap::new);
    Optional<SortedMap<String, Value>> generation = map(root.get(RoomFields.GENERATION));
    Optional<SortedMap<String, Value>> results = map(root.get(RoomFields.RESULTS));
    boolean hasContainers = generation.isPresent() && results.isPresent();
    SortedMap<String, Value> fields = ServerFields.normalized(generation.orElseGet(TreeMap::new));
    List<Value> lockValues =
        generation.isPresent() ? withoutNulls(scope.conflicts(ServerFields.LOCK)) : List.of();
    List<Value> stopValues =
        generation.isPresent() ? withoutNulls(scope.conflicts(ServerFields.STOP)) : List.of();
    List<Lock> locks = new ArrayList<>(usable(lockValues));
    recentRequests.stream()
        .filter(recent -> locks.stream().noneMatch(lock -> lock.request().equals(recent.request())))
        .forEach(locks::add);
    return new GenerationSnapshot(
        locks,
        lockValues.size(),
        stops(stopValues),
        hasContainers,
        fields.get(RoomFields.EPOCH),
        fields.get(RoomFields.GRANT),
        ServerFields.normalized(results.orElseGet(TreeMap::new)),
        reading.view());
  }

  private static List<Stop> stops(List<Value> values) {
    return values.stream()
        .map(value -> map(value).orElseGet(TreeMap::new))
        .map(map -> new Stop(text(map.get(RoomFields.REQUEST)), text(map.get(RoomFields.BY)), 0))
        .toList();
  }

  private static List<Value> withoutNulls(List<Value> values) {
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
