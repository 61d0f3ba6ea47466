package dev.parlor.server.contexts;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.RelayCore;
import dev.parlor.relay.RelayStorage;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomAuthorizer.Decision;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomMemberships;
import dev.parlor.room.access.RoomRules;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.worker.EditPlan;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Rooms with their members in a data directory, as the server wires them, without a port. */
final class RoomsOnDisk implements AutoCloseable {
  private final InstantSource clock = InstantSource.system();
  private final SecureRandom random = new SecureRandom();
  private final IdSource ids = Uuid7.source(clock, random);
  private final AtomicLong nanos = new AtomicLong();
  private final RoomTimer timer = RoomTimer.onThread("test-rooms");
  private final RelayStorage storage;
  private final RelayCore core;
  private final RoomWorkers workers;
  final AccessServices access;
  final RoomContextChat chat;

  RoomsOnDisk(Path folder) throws Exception {
    var config =
        ServerConfig.read(List.of("--data", folder.resolve("data").toString()), Map.of(), folder);
    storage = RelayStorage.open(config.relay(), clock);
    core =
        new RelayCore(config.relay(), storage, storage.store(), (_, index) -> new RoomRules(index));
    access =
        AccessServices.open(
            storage.store()::table,
            Optional.empty(),
            config.limits().access(),
            new RandomIds(random),
            Optional.empty(),
            new Origins("127.0.0.1", Optional.empty(), List.of()),
            clock,
            System::nanoTime);
    var memberships = new RoomMemberships(access.registry(), access.owners(), access.members());
    workers =
        new RoomWorkers(
            core.documents(),
            storage.quarantine(),
            storage.store().table(RoomWorkers.ACTOR_TABLE),
            memberships,
            config.limits(),
            new RoomMetrics(core.metrics()),
            timer,
            random);
    chat = new RoomContextChat(access.registry(), memberships, workers, ids, clock, nanos::get);
  }

  RecordStore records() {
    return storage.store().recordStore();
  }

  /** Moves the clock of the rate limit. */
  void advanceSeconds(int seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  /** A new room with this number of seats. */
  RoomInfo room(int seats) throws Exception {
    var room =
        new RoomInfo(
            access.ids().slug(), access.ids().documentId(), Optional.empty(), clock.millis());
    get(access.registry().reserve(room));
    var genesis = RoomSchema.genesis(GenesisOptions.standard("A room"), ids, clock.millis());
    edit(room, genesis);
    edit(
        room,
        List.of(
            new Edit.Put(
                dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"), Value.of(seats))));
    get(access.registry().publish(room));
    return room;
  }

  /** Joins by the link of a role, as the HTTP interface does. */
  void join(RoomInfo room, String identity, String name, Role role) throws Exception {
    var key = access.links().key(room.slug(), role);
    assertInstanceOf(Decision.Allowed.class, access.authorizer().join(room, key, identity));
    var documentRole = Participant.Role.valueOf(role.name());
    var person = new Participant(identity, name, null, null, documentRole, clock.millis());
    get(
        workers
            .of(room.documentId())
            .edit(view -> new EditPlan<>(RoomEdits.join(view, person), true)));
  }

  private void edit(RoomInfo room, List<Edit> edits) throws Exception {
    get(workers.of(room.documentId()).edit(_ -> new EditPlan<>(edits, true)));
  }

  /** The room's chat. Every entry that was added before this call is in it. */
  List<ChatEntry> chatOf(RoomInfo room) throws Exception {
    return get(workers.of(room.documentId()).view()).chat();
  }

  /** The number of open rooms. */
  int openRooms() {
    return workers.size();
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    workers.close();
    core.close();
    timer.close();
  }
}
