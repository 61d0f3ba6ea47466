package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomReading;
import dev.parlor.room.worker.RoomScope;
import dev.parlor.room.worker.RoomWatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the generation state from an open room. */
final class GenerationSnapshotReader {
  private GenerationSnapshotReader() {}

  /** Whether the document has the fields of a room; a new document has none. */
  static boolean isRoom(RoomReading reading) {
    return map(reading.root()).filter(root -> root.containsKey(RoomFields.SCHEMA)).isPresent();
  }

  /** The requests with a usable id in values of the lock. */
  static List<Lock> usable(List<Value> lockValues) {
    return RoomView.readLocks(lockValues).stream()
        .filter(lock -> LockRules.isUsableId(lock.request()))
        .toList();
  }

  /**
   * Reads the state.
   *
   * @param writes the requests of the changes since the last reading. A request that is only in the
   *     document was there when the room was opened, or this server wrote it
   */
  static GenerationSnapshot read(RoomScope scope, RequestWrites writes) {
    RoomReading reading = scope.reading();
    SortedMap<String, Value> root = map(reading.root()).orElseGet(TreeMap::new);
    Optional<SortedMap<String, Value>> generation = map(root.get(RoomFields.GENERATION));
    Optional<SortedMap<String, Value>> results = map(root.get(RoomFields.RESULTS));
    boolean hasContainers = generation.isPresent() && results.isPresent();
    List<Value> lockValues = values(scope, generation.isPresent(), ServerFields.LOCK);
    List<Value> stopValues = values(scope, generation.isPresent(), ServerFields.STOP);
    List<Value> commandValues = values(scope, generation.isPresent(), ServerFields.COMMAND);
    List<ReceivedLock> locks = new ArrayList<>(writes.locks());
    for (Lock lock : usable(lockValues)) {
      if (locks.stream().noneMatch(each -> each.request().equals(lock.request()))) {
        locks.add(new ReceivedLock(lock, RoomWatcher.Arrival.UNKNOWN));
      }
    }
    List<Stop> stops = new ArrayList<>(writes.stops());
    stops.addAll(RoomView.readStops(stopValues));
    List<QueueCommand> commands = new ArrayList<>(writes.commands());
    commands.addAll(RoomView.readCommands(commandValues));
    return new GenerationSnapshot(
        locks,
        lockValues.size(),
        stops,
        stopValues.size(),
        commands,
        commandValues.size(),
        hasContainers,
        ServerFields.serverFields(generation.orElseGet(TreeMap::new)),
        ServerFields.normalized(results.orElseGet(TreeMap::new)),
        reading.view());
  }

  private static List<Value> values(RoomScope scope, boolean exists, Path path) {
    return exists
        ? scope.conflicts(path).stream().filter(value -> !(value instanceof Value.Null)).toList()
        : List.of();
  }

  private static Optional<SortedMap<String, Value>> map(@Nullable Value value) {
    return value instanceof Value.MapOf(SortedMap<String, Value> entries)
        ? Optional.of(entries)
        : Optional.empty();
  }
}
