package dev.parlor.server;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.ClientMoves;
import dev.parlor.relay.RelayCore;
import dev.parlor.relay.RelayStorage;
import dev.parlor.relay.access.SyncAccess;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.documents.http.AccessOrders;
import dev.parlor.relay.documents.http.DocumentsHttp;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.http.HttpRoutes;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.ClosingOrder;
import dev.parlor.room.access.LiveConnections;
import dev.parlor.room.access.SharedAccess;
import dev.parlor.room.access.SocketAccess;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.archive.Archivist;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.http.About;
import dev.parlor.room.http.AdminRequests;
import dev.parlor.room.http.Administration;
import dev.parlor.room.http.Administration.OldToken;
import dev.parlor.room.http.HttpExtension;
import dev.parlor.room.http.Links;
import dev.parlor.room.http.RoomHttpServer;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.program.ProgramSockets;
import dev.parlor.room.template.RoomFiles;
import dev.parlor.room.template.RoomFolder;
import dev.parlor.room.template.RoomFolderWatch;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.room.worker.SharedAttendance;
import dev.parlor.server.backup.LiveBackups;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that the rest of the server needs: settings, storage, archive, relay and access
 * control. Its methods construct the parts that combine these. {@link Parlor} calls them once each
 * at start.
 */
record ServerParts(
    ServerConfig config,
    RelayStorage storage,
    Archive archive,
    RelayCore core,
    AccessServices access,
    InstantSource clock,
    SecureRandom random) {

  private static final Logger LOG = LoggerFactory.getLogger(ServerParts.class);

  /**
   * Access to the documents that are not rooms.
   *
   * @throws IOException with one sentence for the operator; the core is closed
   */
  SyncAccess documents() throws IOException {
    try {
      return SyncAccess.of(config.relay().sync(), access.origins(), archive, clock);
    } catch (IOException | RuntimeException e) {
      core.close();
      throw e;
    }
  }

  /** The documents that are not rooms, for the HTTP API. */
  Documents documentsForHttp() {
    return new Documents(
        new Documents.Environment(
            archive,
            document -> !storage.store().isUnavailable(document),
            core.documents(),
            access.registry()::isRoom,
            core::memoryIsFull,
            core::isAway,
            clock,
            random),
        DocumentApiLimits.defaults());
  }

  private HttpRoutes documentsHttp(
      Documents documents, SyncAccess documentAccess, SyncSockets sockets) {
    documentAccess.setStreams(core.streams()::decideAgain);
    core.cluster().ifPresent(cluster -> documentAccess.share(cluster.messages(), sockets));
    return new DocumentsHttp(
            documents,
            core.deletions(),
            core.streams(),
            documentAccess::authenticate,
            new AdminRequests(
                config.adminToken(),
                config.oldAdminToken().map(old -> new OldToken(old.value(), old.until())),
                config.relay().publicUrl(),
                clock),
            access.origins(),
            config.relay().clients(),
            DocumentApiLimits.defaults())
        .and(
            AccessOrders.of(
                config.relay().sync().backendToken(),
                documentAccess,
                sockets,
                config.relay().clients(),
                System::nanoTime));
  }

  /** The sync sockets. A socket of a room opens the room's worker before it is accepted. */
  SyncSockets sockets(RoomWorkers rooms, SyncAccess documents) {
    return core.sockets(
        new SocketAccess(
            documents,
            access.origins(),
            access.registry(),
            access.authorizer(),
            access.tickets(),
            rooms::enter,
            core::isOutOfReach),
        access.registry()::isRoom,
        access.origins()::mayOpenSocket);
  }

  /** The room files, which are followed until the watch is closed. */
  WatchedRoomFiles roomFiles() {
    if (config.roomFiles().isEmpty()) {
      return new WatchedRoomFiles(RoomFiles.NONE, () -> {});
    }
    var folder = new RoomFolder(config.roomFiles().get());
    var watch = new RoomFolderWatch(folder, clock);
    core.health().register("room-files", () -> condition(folder.listing()));
    return new WatchedRoomFiles(folder, watch::close);
  }

  /** Room files, and the end of the watch that follows their folder. */
  record WatchedRoomFiles(RoomFiles files, Runnable stop) implements AutoCloseable {
    @Override
    public void close() {
      stop.run();
    }
  }

  private static Condition condition(RoomFiles.Listing listing) {
    var problems = listing.problems();
    return problems.isEmpty()
        ? Condition.ok(listing.usable().size() + " offered")
        : Condition.failing(
            problems.getFirst()
                + (problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : ""));
  }

  About about(String version, List<About.Model> models, AppServices apps) {
    return new About(
        version,
        storage.store().storageId().value(),
        core.peerId().value(),
        models,
        config.models().isEmpty(),
        apps::addressTemplate,
        config.relay().cluster().map(cluster -> cluster.saved().name().toLowerCase(Locale.ROOT)));
  }

  /** The sockets of this node. */
  LiveConnections connections(SyncSockets sockets, ProgramSockets programs) {
    return new LiveConnections() {
      @Override
      public void close(ClosingOrder order) {
        sockets.closeWhere(
            order.room(),
            caller -> order.concerns(caller, access.authorizer()),
            order.code(),
            order.rule(),
            order.reason());
        programs.close(order);
      }

      @Override
      public void review(Set<DocumentId> rooms) {
        sockets.review(
            rooms,
            caller -> access.authorizer().refusalOfOpen(caller).map(SocketAccess::dismissal));
        programs.review(rooms);
      }
    };
  }

  /** Shares with other nodes who is connected to rooms, until the result is closed. */
  AutoCloseable attendance(RoomWorkers rooms) {
    if (storage.cluster().isEmpty()) {
      return () -> {};
    }
    var cluster = storage.cluster().get();
    var shared =
        new SharedAttendance(cluster.messages(), cluster.nodes(), System::nanoTime).start();
    rooms.attend(shared);
    return shared;
  }

  /**
   * Applies what other nodes decide to the connections of this node, until the result is closed.
   *
   * @param connections the sockets and event streams of this node
   */
  AutoCloseable followOtherNodes(LiveConnections connections) {
    if (storage.cluster().isEmpty()) {
      return () -> {};
    }
    return new SharedAccess(access, connections, clock)
        .start(storage.store()::table, storage.cluster().get().messages());
  }

  /** The JSON sockets of rooms. */
  ProgramSockets programs(RoomWorkers rooms) {
    var programs = new ProgramSockets(access, rooms, core::memoryIsFull, System::nanoTime);
    core.moveWhenAway(() -> programs.moves(ClientMoves.REASON));
    return programs;
  }

  RoomHttpServer.Parts http(
      About about,
      SyncSockets sockets,
      LiveConnections local,
      RoomWorkers rooms,
      Generations generations,
      RoomImages images,
      RoomMetrics metrics,
      ClassLoader page,
      RoomFiles roomFiles,
      AppServices apps,
      SyncAccess documents,
      Documents documentsForHttp) {
    var extensions = new ArrayList<>(apps.extensions());
    extensions.add(
        HttpExtension.ofRoutes(documentsHttp(documentsForHttp, documents, sockets)::addTo));
    return new RoomHttpServer.Parts(
        about,
        config.limits(),
        access,
        new Links(config.relay().publicUrl(), config.relay().basePath(), access.links()),
        config.relay().basePath(),
        config.relay().clients(),
        storage
            .cluster()
            .map(cluster -> SharedAccess.onAllNodes(local, cluster.messages()))
            .orElse(local),
        rooms,
        generations,
        images,
        administration(
            rooms, apps, (subject, document) -> documents.askAgain(subject, document, sockets)),
        core.health(),
        core::isAway,
        metrics,
        clock,
        System::nanoTime,
        random,
        page,
        roomFiles,
        extensions);
  }

  private Administration administration(
      RoomWorkers rooms, AppServices apps, Administration.DocumentAccess documentAccess) {
    var store = storage.store();
    return new Administration(
        core.documents().admin(),
        store::documents,
        this::quarantined,
        store::queuedBytes,
        storage.quarantine()::all,
        document -> release(document, rooms),
        config.adminToken(),
        config.oldAdminToken().map(old -> new OldToken(old.value(), old.until())),
        config.relay().publicUrl(),
        apps::usage,
        documentAccess,
        archive,
        storage
            .disk()
            .<Administration.Backups>map(
                disk -> new LiveBackups(disk, archive, Main.version(), storage.metrics(), clock)),
        clock);
  }

  /** The archivist, which archives idle rooms. The archive notifies it of each loaded document. */
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

  /** Damaged documents, and the rooms of unavailable shards. */
  private Set<DocumentId> quarantined() {
    var quarantined = new HashSet<>(storage.store().quarantined());
    quarantined.addAll(unavailableRooms());
    return quarantined;
  }

  private Set<DocumentId> unavailableRooms() {
    var store = storage.store();
    return store.hasAllShards()
        ? Set.of()
        : access.registry().documents().stream()
            .filter(store::isUnavailable)
            .collect(Collectors.toSet());
  }

  /** Logs the rooms of shards that could not be opened at start. */
  void logUnavailableRooms() {
    var unavailable = unavailableRooms();
    if (!unavailable.isEmpty()) {
      LOG.error(
          "{} rooms are unavailable, because their shards are unavailable: {}{}",
          unavailable.size(),
          unavailable.stream().sorted().limit(FixedLimits.LOGGED_NAMES_MAX).toList(),
          unavailable.size() > FixedLimits.LOGGED_NAMES_MAX ? " and more" : "");
    }
  }

  /**
   * Permits native code for a document again. Then opens its room, since peers may wait for it.
   *
   * @return false if native code was permitted already
   */
  private boolean release(DocumentId document, RoomWorkers rooms) {
    var wasBlocked = storage.quarantine().release(document);
    if (wasBlocked && access.registry().isRoom(document)) {
      rooms.enter(document);
    }
    return wasBlocked;
  }
}
