package dev.parlor.room.worker;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Services and settings shared by all room workers of a server.
 *
 * @param random secure outside of tests; safe from any thread
 * @param graceMillis time from an identity's last disconnect until it counts as gone
 * @param settleMillis least time between two readings of a room that changes continually
 * @param tasksMax tasks that wait in one room's mailbox; above: a request is refused as {@code
 *     BUSY}
 * @param onRefusal called after a room closed because the relay refused an edit; opens it again
 * @param attendance begins to tell other nodes who is connected to a room
 * @param onClosed called in the room's mailbox, with the defect if one closed the room
 */
record RoomServices(
    Executor pool,
    RoomTimer timer,
    RandomGenerator random,
    NativeCallGuard guard,
    RecordTable actorTable,
    Memberships memberships,
    RoomMetrics metrics,
    ServiceLimits.Events eventLimits,
    long graceMillis,
    long settleMillis,
    int tasksMax,
    Function<RoomWorker, RoomWatcher> watchers,
    BiConsumer<RoomWorker, @Nullable Throwable> onClosed,
    Consumer<DocumentId> onRefusal,
    Function<RoomWorker, RoomAttendance> attendance) {

  ActorId newActorId() {
    return new ActorId(Bytes.wrap(bytes(16)));
  }

  RoomEvents newEvents() {
    return new RoomEvents(
        HexFormat.of().formatHex(bytes(6)),
        eventLimits.ringMax(),
        eventLimits.subscriberQueueMax(),
        eventLimits.subscribersPerRoomMax());
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
