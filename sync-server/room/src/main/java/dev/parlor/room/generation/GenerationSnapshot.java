package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The generation state in a document at one moment. Its values are not validated.
 *
 * @param locks the requests in the lock that have a usable id, the winner first; also recent
 *     requests that a later write has replaced
 * @param lockValues number of concurrent values in the lock, usable or not
 * @param stops every concurrent value of the stop
 * @param hasContainers whether the maps {@code generation} and {@code results} exist
 * @param epoch the value in the document; null without one
 * @param grant the value in the document; null without one
 * @param results the values in the document, by request
 * @param room the typed view of the same state
 */
record GenerationSnapshot(
    List<Lock> locks,
    int lockValues,
    List<Stop> stops,
    boolean hasContainers,
    @Nullable Value epoch,
    @Nullable Value grant,
    SortedMap<String, Value> results,
    RoomView room) {

  GenerationSnapshot {
    locks = List.copyOf(locks);
    stops = List.copyOf(stops);
  }
}
