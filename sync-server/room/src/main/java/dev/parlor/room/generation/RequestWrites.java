package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Stop;
import dev.parlor.room.worker.RoomScope;
import dev.parlor.room.worker.RoomWatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The requests, stops and commands in the admitted changes of one room, in the order of admission
 * [GE1]. They are read from the changes, because a later change may have replaced a value in the
 * document before the server reads the document. Used on the room's thread.
 */
final class RequestWrites {
  private static final WrittenMaps.Keys KEYS =
      WrittenMaps.Keys.of(RoomFields.LOCK, RoomFields.STOP, RoomFields.COMMAND);

  private final Map<String, ReceivedLock> locks = new LinkedHashMap<>();
  private final List<Stop> stops = new ArrayList<>();
  private final Map<String, QueueCommand> commands = new LinkedHashMap<>();

  /** Adds the writes of an applied change. */
  void add(RoomScope scope, Bytes change, RoomWatcher.Arrival arrival) {
    for (WrittenMaps.WrittenMap written : WrittenMaps.in(change, KEYS)) {
      // Other maps of the room may have the same keys.
      if (scope.objectAt(ServerFields.GENERATION).filter(written.object()::equals).isPresent()) {
        add(written.key(), written.value(), arrival);
      }
    }
  }

  private void add(String key, Value value, RoomWatcher.Arrival arrival) {
    switch (key) {
      case RoomFields.LOCK -> {
        for (Lock lock : GenerationSnapshotReader.usable(List.of(value))) {
          locks.putIfAbsent(lock.request(), new ReceivedLock(lock, arrival));
        }
      }
      case RoomFields.STOP -> stops.addAll(RoomView.readStops(List.of(value)));
      default -> {
        for (QueueCommand command : RoomView.readCommands(List.of(value))) {
          commands.putIfAbsent(command.id(), command);
        }
      }
    }
  }

  /**
   * Adds a request that this node wrote into the document for a caller. If the node that decides is
   * gone, this node may decide the request itself, after a later one has replaced it there.
   */
  void addOwn(Lock lock) {
    locks.putIfAbsent(lock.request(), new ReceivedLock(lock, RoomWatcher.Arrival.UNKNOWN));
  }

  /** Adds a stop that this node wrote into the document for a caller. */
  void addOwn(Stop stop) {
    stops.add(stop);
  }

  /** Adds a command that this node wrote into the document for a caller. */
  void addOwn(QueueCommand command) {
    commands.putIfAbsent(command.id(), command);
  }

  List<ReceivedLock> locks() {
    return List.copyOf(locks.values());
  }

  List<Stop> stops() {
    return List.copyOf(stops);
  }

  List<QueueCommand> commands() {
    return List.copyOf(commands.values());
  }

  /**
   * Forgets stops and commands, which were carried out, and the requests whose decision is on disk.
   *
   * @param isStored whether the decision about a request is on disk
   */
  void decided(Predicate<String> isStored) {
    locks.keySet().removeIf(isStored);
    stops.clear();
    commands.clear();
  }

  /**
   * Forgets what another node has carried out or decided.
   *
   * @param isDecided whether the document shows what was decided of a request
   * @param hasNoStop whether the document has no stop, because the deciding node removes them
   * @param hasNoCommand the same of commands
   */
  void decidedByOther(Predicate<String> isDecided, boolean hasNoStop, boolean hasNoCommand) {
    locks.keySet().removeIf(isDecided);
    if (hasNoStop) {
      stops.clear();
    }
    if (hasNoCommand) {
      commands.clear();
    }
  }

  /** Forgets the oldest writes above a limit, on a node that does not decide. */
  void truncate() {
    removeOldest(locks);
    removeOldest(commands);
    while (stops.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      stops.removeFirst();
    }
  }

  private static void removeOldest(Map<String, ?> entries) {
    while (entries.size() > FixedServiceLimits.FOLLOWER_REQUESTS_MAX) {
      entries.remove(entries.keySet().iterator().next());
    }
  }
}
