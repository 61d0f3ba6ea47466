package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import java.util.List;
import java.util.SortedMap;

/**
 * The generation state in a document at one moment, with the requests that reached the server since
 * the last reading. Its values are not validated.
 *
 * @param locks the requests with a usable id, in the order of their admission
 * @param lockValues number of concurrent values in the lock, usable or not
 * @param stops the stops since the last reading, and every concurrent value of the stop
 * @param stopValues number of concurrent values of the stop
 * @param commands the commands since the last reading, and every concurrent value of the command
 * @param commandValues number of concurrent values of the command
 * @param hasContainers whether the maps {@code generation} and {@code results} exist
 * @param serverFields the values of {@link ServerFields#NAMES} in the document
 * @param results the values in the document, by request
 * @param room the typed view of the same state
 */
record GenerationSnapshot(
    List<ReceivedLock> locks,
    int lockValues,
    List<Stop> stops,
    int stopValues,
    List<QueueCommand> commands,
    int commandValues,
    boolean hasContainers,
    SortedMap<String, Value> serverFields,
    SortedMap<String, Value> results,
    RoomView room) {

  GenerationSnapshot {
    locks = List.copyOf(locks);
    stops = List.copyOf(stops);
    commands = List.copyOf(commands);
  }
}
