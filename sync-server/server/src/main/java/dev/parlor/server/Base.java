package dev.parlor.server;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.RelayCore;
import dev.parlor.relay.RelayStorage;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.SocketAccess;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.archive.Archivist;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.http.About;
import dev.parlor.room.http.Administration;
import dev.parlor.room.http.HttpFace;
import dev.parlor.room.http.Links;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.config.ServerConfig;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that all others build on: settings, storage, the relay and access control. It makes the
 * parts that only connect these.
 */
record Base(
    ServerConfig config,
    RelayStorage storage,
    Archive archive,
    RelayCore core,
    AccessServices access,
    InstantSource clock,
    SecureRandom random) {

  private static final Logger LOG = LoggerFactory.getLogger(Base.class);

  /** The sockets; a socket of a room is accepted when the server already watches the room. */
  SyncSockets sockets(RoomWorkers rooms) {
    return core.sockets(
        new SocketAccess(
            config.relay().openSync(),
            access.origins(),
            access.registry(),
            access.authorizer(),
            access.tickets(),
            rooms::enter),
        access.registry()::isRoom,
        access.origins()::mayOpenSocket);
  }

  About about(String version, String model) {
    return new About(
        version,
        storage.store().storageId().value(),
        core.peerId().value(),
        model,
        config.furtherModels(),
        config.modelEndpoint().isEmpty());
  }

  HttpFace.Parts http(
      About about,
      SyncSockets sockets,
      RoomWorkers rooms,
      Generations generations,
      RoomMetrics metrics,
      ClassLoader page) {
    return new HttpFace.Parts(
        about,
        config.limits(),
        access,
        new Links(config.relay().publicUrl(), access.links()),
        config.relay().clients(),
        sockets::closeWhere,
        rooms,
        generations,
        administration(rooms),
        core.health(),
        metrics,
        clock,
        System::nanoTime,
        random,
        page);
  }

  private Administration administration(RoomWorkers rooms) {
    var store = storage.store();
    return new Administration(
        core.documents().admin(),
        store::documents,
        this::quarantined,
        store::queuedBytes,
        storage.quarantine()::all,
        document -> released(document, rooms),
        config.adminToken(),
        config.relay().publicUrl(),
        archive,
        clock);
  }

  /** Moves rooms to the archive; the archive tells it which rooms were opened. */
  Archivist archivist() {
    var store = storage.store();
    var inMemory = core.documents().admin();
    var archivist =
        new Archivist(
            archive,
            new Archivist.Candidates(
                store::documents, inMemory::documents, access.registry()::isRoom),
            store.table(Archivist.LAST_OPEN_TABLE),
            config.limits().archive(),
            clock);
    archive.setLoadListener(archivist::onOpen);
    return archivist;
  }

  /** Damaged documents, and the rooms whose whole shard is unavailable. */
  private Set<DocumentId> quarantined() {
    var all = new HashSet<>(storage.store().quarantined());
    all.addAll(unavailable());
    return all;
  }

  private Set<DocumentId> unavailable() {
    var store = storage.store();
    return store.hasAllShards()
        ? Set.of()
        : access.registry().documents().stream()
            .filter(store::isUnavailable)
            .collect(Collectors.toSet());
  }

  /** Logs the rooms whose shards the server started without. */
  void nameUnavailableRooms() {
    var unavailable = unavailable();
    if (!unavailable.isEmpty()) {
      LOG.error(
          "{} rooms are unavailable with their shards: {}{}",
          unavailable.size(),
          unavailable.stream().sorted().limit(FixedLimits.LOGGED_NAMES_MAX).toList(),
          unavailable.size() > FixedLimits.LOGGED_NAMES_MAX ? " and more" : "");
    }
  }

  /** Opens the room again, since peers may wait for it. */
  private boolean released(DocumentId document, RoomWorkers rooms) {
    var was = storage.quarantine().release(document);
    if (was && access.registry().isRoom(document)) {
      rooms.enter(document);
    }
    return was;
  }
}
