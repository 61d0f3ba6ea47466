package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that are found by a key in a room file, in a durable table from key to slug. All files
 * with one key give the same room.
 */
public final class SharedRooms {
  private final RecordTable table;
  private final RoomRegistry registry;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param table the durable table {@code shared-rooms}
   */
  public SharedRooms(RecordTable table, RoomRegistry registry) {
    this.table = table;
    this.registry = registry;
  }

  /**
   * The room of this key. Makes it if there is none; then one caller makes it, and others wait. On
   * several nodes two rooms can be made at once; then all callers get the same one of them.
   */
  public RoomInfo of(String key, Supplier<RoomInfo> make) {
    lock.lock();
    try {
      var made = new AtomicReference<@Nullable RoomInfo>();
      return RecordUpdate.run(
          table,
          key,
          stored -> {
            var present = room(stored);
            if (present.isPresent()) {
              return RecordUpdate.Decision.keep(present.get());
            }
            var room = made.updateAndGet(before -> before == null ? make.get() : before);
            return RecordUpdate.Decision.put(Bytes.utf8(room.slug()), room);
          });
    } finally {
      lock.unlock();
    }
  }

  private Optional<RoomInfo> room(Optional<Bytes> stored) {
    return stored.map(Bytes::toUtf8).flatMap(registry::findBySlug);
  }
}
