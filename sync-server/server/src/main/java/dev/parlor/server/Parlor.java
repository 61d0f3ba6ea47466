package dev.parlor.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.model.ModelTimer;
import dev.parlor.relay.RelayCore;
import dev.parlor.relay.RelayStorage;
import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.SpreadClosing;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.cluster.Cluster;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.policy.PolicyFile;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.token.JwtKeys;
import dev.parlor.relay.token.JwtVerifier;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.JwtIdentities;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomMemberships;
import dev.parlor.room.access.RoomRules;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.archive.Archivist;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.http.About;
import dev.parlor.room.http.RoomHttpServer;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.program.ProgramSockets;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.config.ServerConfig;
import dev.parlor.server.images.ImageSweep;
import dev.parlor.server.images.StoredRoomImages;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server with rooms. {@link #start} constructs and starts every part; {@link #close}
 * stops them in an order that loses no change.
 */
public final class Parlor implements ServingProcess.Closeable {
  private static final Logger log = LoggerFactory.getLogger(Parlor.class);

  private static final int ASSET_SWEEP_MINUTES = 60;

  private static final Duration RUN_STOP_TIMEOUT =
      Duration.ofMillis(FixedServiceLimits.STOP_RUNS_MILLIS_MAX);
  private static final Duration SOCKET_CLOSE_TIMEOUT =
      Duration.ofMillis(FixedLimits.STOP_SOCKETS_MILLIS_MAX);

  private final RelayCore core;
  private final int drainMillisMax;
  private final ExecutorService sweeps;
  private final List<? extends AutoCloseable> timersAndModel;
  private final RoomWorkers rooms;
  private final Generations generations;
  private final AppServices apps;
  private final SyncSockets sockets;
  private final ProgramSockets programs;
  private final RoomHttpServer http;
  private final PublicAddress address;

  private Parlor(
      RelayCore core,
      int drainMillisMax,
      ExecutorService sweeps,
      List<? extends AutoCloseable> timersAndModel,
      RoomWorkers rooms,
      Generations generations,
      AppServices apps,
      SyncSockets sockets,
      ProgramSockets programs,
      RoomHttpServer http,
      PublicAddress address) {
    this.core = core;
    this.drainMillisMax = drainMillisMax;
    this.sweeps = sweeps;
    this.timersAndModel = List.copyOf(timersAndModel);
    this.rooms = rooms;
    this.generations = generations;
    this.apps = apps;
    this.sockets = sockets;
    this.programs = programs;
    this.http = http;
    this.address = address;
  }

  /**
   * Starts all parts and returns when the port accepts connections.
   *
   * @param page the class loader with the built page under {@code web/}
   * @throws IOException with a message of one sentence for the operator
   */
  public static Parlor start(ServerConfig config, String version, ClassLoader page)
      throws IOException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var limits = config.limits();
    config.notes().forEach(note -> log.warn("{}", note));
    var certificate = RelayCore.certificate(config.relay());
    var modelSetup = ModelChoice.setup(config);

    // The relay, with the archive between its documents and the disk.
    var storage = RelayStorage.open(config.relay(), clock);
    var archive = archive(config, storage);
    var access = access(config, storage, random, clock);
    var core =
        new RelayCore(
            config.relay(),
            storage,
            archive,
            policies(config, access, storage.cluster().isPresent()),
            access.registry()::isRoom,
            clock);
    archive.setInUse(core.documents()::isInMemory);
    var parts = new ServerParts(config, storage, archive, core, access, clock, random);
    var documents = parts.documents();
    var documentsForHttp = parts.documentsForHttp();
    parts.logUnavailableRooms();

    // Rooms.
    var metrics = new RoomMetrics(core.metrics());
    var timer = RoomTimer.onThread("room-timer");
    var rooms = rooms(core, storage, access, limits, metrics, timer, random);
    rooms.refuseOutOfReach(core::isOutOfReach);

    var attendance = parts.attendance(rooms);

    var images = new StoredRoomImages(storage.store().recordStore(), clock);

    // Generation and the model.
    var modelTimer = ModelTimer.onThread("model-timer");
    var model = ModelChoice.of(modelSetup, modelTimer);
    var models = ModelChoice.shown(model);
    var generations =
        new Generations(
            rooms,
            storage.store(),
            model,
            namesOfFurther(models),
            ModelChoice.withContexts(limits, model),
            metrics,
            random,
            storage.cluster().map(Cluster::nodes).orElse(null),
            images);
    core.health().register("model", () -> Condition.ok(model.name()));

    // Apps, sockets and HTTP.
    var address = new PublicAddress(config.relay());
    var apps = apps(parts, address, rooms, page);
    var roomFiles = parts.roomFiles();
    var sockets = parts.sockets(rooms, documents);
    var about = parts.about(version, models, apps);
    var programs = parts.programs(rooms);
    var connections = parts.connections(sockets, programs);
    var httpParts =
        parts.http(
            about,
            sockets,
            connections,
            rooms,
            generations,
            images,
            metrics,
            page,
            roomFiles.files(),
            apps,
            documents,
            documentsForHttp);
    var http = http(httpParts, config, certificate, sockets, apps, programs);
    var parlor =
        new Parlor(
            core,
            limits.relay().shutdown().drainMillisMax(),
            startSweeps(
                parts.archivist(),
                // The archive is a folder of this machine, which the other nodes cannot read.
                limits.archive().idleDays() > 0 && storage.cluster().isEmpty(),
                limits.archive(),
                apps,
                new ImageSweep(images, rooms)),
            List.of(
                timer,
                modelTimer,
                model,
                roomFiles,
                documents,
                documentsForHttp,
                attendance,
                parts.followOtherNodes(connections.and(http.streams()))),
            rooms,
            generations,
            apps,
            sockets,
            programs,
            http,
            address);
    listen(parlor, http, address, generations);
    return parlor;
  }

  /**
   * The policy of each document: a room has the rules of rooms, another document those of the
   * document policy. A room's document is reserved before it is opened for the first time.
   */
  private static ChangePolicy.Factory policies(
      ServerConfig config, AccessServices access, boolean inCluster) throws IOException {
    var others = PolicyFile.policies(config.relay().policy());
    var registry = access.registry();
    Predicate<DocumentId> isRoom = inCluster ? registry::isRoomNow : registry::isRoom;
    return (document, index) ->
        isRoom.test(document) ? new RoomRules(index) : others.of(document, index);
  }

  /** The models that a room may choose instead of the first. */
  private static Set<String> namesOfFurther(List<About.Model> models) {
    return models.stream().skip(1).map(About.Model::name).collect(Collectors.toSet());
  }

  /** The server's page and interfaces over HTTP, with the sockets of all kinds. */
  private static RoomHttpServer http(
      RoomHttpServer.Parts parts,
      ServerConfig config,
      Optional<ServerCertificate> certificate,
      SyncSockets sockets,
      AppServices apps,
      ProgramSockets programs) {
    var relay = config.relay();
    var upgraders =
        apps.sites().guard(sockets.upgraders(relay.clients(), List.of(apps.sockets(), programs)));
    var http = new RoomHttpServer(parts, relay.host(), relay.port(), certificate, upgraders);
    programs.serve(http.commands());
    return http;
  }

  /** Opens the port and takes up interrupted generations. If that fails, closes everything. */
  private static void listen(
      Parlor parlor, RoomHttpServer http, PublicAddress address, Generations generations)
      throws IOException {
    try {
      http.start();
      address.listensOn(http.port());
      generations.recover();
    } catch (IOException | RuntimeException e) {
      parlor.close();
      throw e;
    }
  }

  private static RoomWorkers rooms(
      RelayCore core,
      RelayStorage storage,
      AccessServices access,
      ServiceLimits limits,
      RoomMetrics metrics,
      RoomTimer timer,
      SecureRandom random) {
    return new RoomWorkers(
        core.documents(),
        storage.quarantine(),
        storage.store().table(RoomWorkers.ACTOR_TABLE),
        new RoomMemberships(access.registry(), access.owners(), access.members()),
        limits,
        metrics,
        timer,
        random);
  }

  private static AccessServices access(
      ServerConfig config, RelayStorage storage, SecureRandom random, InstantSource clock)
      throws IOException {
    var relay = config.relay();
    var store = storage.store();
    return AccessServices.open(
        store::table,
        storage.cluster().map(Cluster::brief),
        config.limits().access(),
        new RandomIds(random, document -> !store.isUnavailable(document)),
        config.jwt().isEmpty() ? Optional.empty() : Optional.of(jwtIdentities(config, clock)),
        new Origins(
            relay.host(),
            relay.publicUrl(),
            relay.origins(),
            relay.tls().isPresent(),
            new AppAddresses(new PublicAddress(relay)::url, config.apps().host())::isAppHost),
        clock,
        System::nanoTime);
  }

  private static JwtIdentities jwtIdentities(ServerConfig config, InstantSource clock)
      throws IOException {
    var jwt = config.jwt().orElseThrow();
    var keys =
        switch (jwt.keys()) {
          case ServerConfig.Jwt.Keys.PemFile(var path) -> JwtKeys.ofPem(path);
          case ServerConfig.Jwt.Keys.PemText(var text) ->
              JwtKeys.ofPem(text, "the text of the JWT key");
          case ServerConfig.Jwt.Keys.JwksUrl(var url) -> JwtKeys.ofUrl(url);
        };
    var old = jwt.oldKey();
    var accepted =
        old.isEmpty()
            ? keys
            : keys.withOld(JwtKeys.ofPem(old.get().value()), old.get().until(), clock);
    return new JwtIdentities(new JwtVerifier(accepted, jwt.issuer(), jwt.audience(), clock));
  }

  /**
   * Constructs apps and contexts.
   *
   * @throws IOException with one sentence for the operator; the storage is closed
   */
  private static AppServices apps(
      ServerParts parts, PublicAddress address, RoomWorkers rooms, ClassLoader page)
      throws IOException {
    try {
      return new AppServices(parts, address, rooms, page);
    } catch (IOException | RuntimeException e) {
      parts.core().close();
      throw e;
    }
  }

  /**
   * Starts a thread that sweeps at regular intervals: it archives idle rooms, if archiving is
   * enabled, and removes assets and images that nothing uses.
   *
   * @param archives whether idle rooms move into the archive
   */
  private static ExecutorService startSweeps(
      Archivist archivist,
      boolean archives,
      ServiceLimits.Archive limits,
      AppServices apps,
      ImageSweep images) {
    var thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sweeps").factory());
    if (archives) {
      var _ =
          thread.scheduleWithFixedDelay(
              () -> logFailure("the sweep for idle rooms", archivist::sweep),
              limits.sweepMinutes(),
              limits.sweepMinutes(),
              MINUTES);
    }
    thread.execute(() -> logFailure("counting the bytes of apps", apps::count));
    var _ =
        thread.scheduleWithFixedDelay(
            () -> logFailure("the sweep for unused assets", apps::sweep),
            ASSET_SWEEP_MINUTES,
            ASSET_SWEEP_MINUTES,
            MINUTES);
    var _ =
        thread.scheduleWithFixedDelay(
            () -> logFailure("the sweep for images that no room shows", images::run),
            ASSET_SWEEP_MINUTES,
            ASSET_SWEEP_MINUTES,
            MINUTES);
    return thread;
  }

  /** Runs a task of the sweeping thread; after an exception the next run would not happen. */
  private static void logFailure(String name, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!Thread.currentThread().isInterrupted()) {
        log.error("{} failed", name, e);
      }
    }
  }

  private static Archive archive(ServerConfig config, RelayStorage storage) throws IOException {
    try {
      return Archive.open(
          storage.store(), config.relay().data().resolve("archive"), new StoredChunks());
    } catch (IOException | RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  /** The URL to open in a browser. */
  public String url() {
    return address.url().toString();
  }

  /** The port that the server listens on. */
  public int port() {
    return http.port();
  }

  /**
   * Stops the server in order: no new sockets, answers interrupted, every change on disk, then
   * sockets closed with code 1012 [DU6].
   */
  @Override
  public void close() throws IOException {
    sockets.stopAccepting();
    if (core.cluster().isPresent()) {
      drain();
    }
    apps.sockets().shutdown();
    programs.shutdown();
    // An interrupted sweep may leave a room in the archive and in the store; a load merges both.
    sweeps.shutdownNow();
    interruptRuns();
    rooms.close();
    core.flush();
    sockets.shutdown(SOCKET_CLOSE_TIMEOUT);
    core.streams().close();
    http.stop();
    sockets.close();
    core.close();
    for (var part : timersAndModel) {
      try {
        part.close();
      } catch (Exception e) {
        log.warn("a timer or the model client did not close", e);
      }
    }
  }

  /**
   * Leaves a cluster without a disturbance: balancers and clients go to other nodes, running
   * answers end, and the other nodes take over the rooms.
   */
  private void drain() {
    log.info("this node leaves the cluster: running answers may end first");
    core.health().stopping();
    var handedOver = generations.handOver();
    var closings = new ArrayList<>(sockets.moves(SpreadClosing.REASON));
    closings.addAll(programs.moves(SpreadClosing.REASON));
    SpreadClosing.run(closings);
    try {
      handedOver.get(drainMillisMax, MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("some answers did not end in time and are interrupted");
    }
  }

  /** Interrupts running answers while peers are connected, so that they receive the text so far. */
  private void interruptRuns() {
    try {
      generations
          .interruptAll(RUN_STOP_TIMEOUT.toMillis())
          .get(RUN_STOP_TIMEOUT.toMillis(), MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("a running answer did not end in time; the next start marks it as interrupted");
    }
  }
}
