package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The generation state in a document at one moment, not validated.
 *
 * @param locks every concurrent value of the lock that names a usable request id, the winner first
 * @param lockValues number of all values of the lock, usable or not
 * @param stops every concurrent value of the stop
 * @param intact whether the maps {@code generation} and {@code results} exist
 * @param epoch the value in the document, null without one
 * @param grant the value in the document, null without one
 * @param results the values in the document
 * @param room the whole room at the same moment
 */
record GenerationSnapshot(
    List<Lock> locks,
    int lockValues,
    List<Stop> stops,
    boolean intact,
    @Nullable Value epoch,
    @Nullable Value grant,
    SortedMap<String, Value> results,
    RoomView room) {

  GenerationSnapshot {
    locks = List.copyOf(locks);
    stops = List.copyOf(stops);
  }
}
