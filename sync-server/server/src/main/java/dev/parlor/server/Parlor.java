package dev.parlor.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelTimer;
import dev.parlor.model.OpenAiClient;
import dev.parlor.model.OpenAiSettings;
import dev.parlor.model.RehearsalClient;
import dev.parlor.relay.RelayCore;
import dev.parlor.relay.RelayStorage;
import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.quarantine.Quarantine;
import dev.parlor.relay.socket.SyncSockets;
import dev.parlor.relay.storage.StoreOnDisk;
import dev.parlor.room.access.Identities;
import dev.parlor.room.access.Invitations;
import dev.parlor.room.access.JwtKeys;
import dev.parlor.room.access.Jwts;
import dev.parlor.room.access.LinkKeys;
import dev.parlor.room.access.Members;
import dev.parlor.room.access.Nonces;
import dev.parlor.room.access.Owners;
import dev.parlor.room.access.RandomIds;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomLinks;
import dev.parlor.room.access.RoomMemberships;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.access.RoomRules;
import dev.parlor.room.access.Sessions;
import dev.parlor.room.access.SocketAccess;
import dev.parlor.room.access.Tickets;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.archive.Archivist;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.http.About;
import dev.parlor.room.http.Administration;
import dev.parlor.room.http.HttpFace;
import dev.parlor.room.http.Links;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server. {@link #start} constructs every part; closing stops them in reverse order. */
public final class Parlor implements ServingProcess.Closeable {
  private static final Logger log = LoggerFactory.getLogger(Parlor.class);

  private static final Duration RUN_PATIENCE =
      Duration.ofMillis(FixedServiceLimits.STOP_RUNS_MILLIS_MAX);
  private static final Duration SOCKET_PATIENCE =
      Duration.ofMillis(FixedLimits.STOP_SOCKETS_MILLIS_MAX);

  private final ServerConfig config;
  private final RelayCore core;
  private final ExecutorService sweeps;
  private final List<? extends AutoCloseable> helpers;
  private final RoomWorkers rooms;
  private final Generations generations;
  private final SyncSockets sockets;
  private final HttpFace http;

  private Parlor(
      ServerConfig config,
      RelayCore core,
      ExecutorService sweeps,
      List<? extends AutoCloseable> helpers,
      RoomWorkers rooms,
      Generations generations,
      SyncSockets sockets,
      HttpFace http) {
    this.config = config;
    this.core = core;
    this.sweeps = sweeps;
    this.helpers = List.copyOf(helpers);
    this.rooms = rooms;
    this.generations = generations;
    this.sockets = sockets;
    this.http = http;
  }

  /**
   * Starts all parts and returns when the port accepts connections.
   *
   * @param page the class loader that holds the built page under {@code web/}
   * @throws IOException with one sentence for the operator
   */
  public static Parlor start(ServerConfig config, String version, ClassLoader page)
      throws IOException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var limits = config.limits();
    config.notes().forEach(note -> log.warn("{}", note));
    var certificate = RelayCore.certificate(config.relay());

    // The relay, with the archive between its documents and the disk.
    var storage = RelayStorage.open(config.relay(), clock);
    var archive = archive(config, storage);
    var core = new RelayCore(config.relay(), storage, archive, RoomRules::new);
    var store = storage.store();
    var documents = core.documents();
    var quarantine = storage.quarantine();
    var metrics = core.metrics();

    // Access.
    var ids = new RandomIds(random, document -> !store.isUnavailable(document));
    var identities = new Identities(store.table("identities"), ids, clock);
    var nonces = new Nonces(limits.access().proofs(), ids, clock);
    var sessions = new Sessions(limits.access().proofs(), nonces, ids, clock);
    var jwts = config.jwt().isEmpty() ? Optional.<Jwts>empty() : Optional.of(jwts(config, clock));
    var registry = new RoomRegistry(store.table("rooms"), store.table("documents"));
    nameRooms(unavailable(store, registry));
    var keys = LinkKeys.open(store.table("secrets"), ids);
    var invitations =
        new Invitations(store.table("invitations"), limits.access().invitations(), ids, clock);
    var roomLinks = new RoomLinks(keys, store.table("links"), invitations, clock);
    var members = new Members(store.table("members"));
    var owners = new Owners(store.table("owners"), ids, clock);
    var gate = new RoomAuthorizer(registry, roomLinks, invitations, members, owners);
    var tickets = new Tickets(limits.access(), ids, clock);
    var origins =
        new Origins(
            config.relay().host(),
            config.relay().publicUrl(),
            config.relay().origins(),
            config.relay().tls().isPresent());

    // The archive.
    archive.inUse(documents::isInMemory);
    var archivist =
        new Archivist(
            archive,
            new Archivist.Stored(store::documents, documents.admin()::documents, registry::isRoom),
            store.table(Archivist.SEEN_TABLE),
            limits.archive(),
            clock);
    archive.onLoad(archivist::opened);

    // Rooms.
    var roomMetrics = new RoomMetrics(metrics);
    var timer = RoomTimer.onThread("room-timer");
    var rooms =
        new RoomWorkers(
            documents,
            quarantine,
            store.table(RoomWorkers.ACTOR_TABLE),
            new RoomMemberships(registry, owners, members),
            limits,
            roomMetrics,
            timer,
            random);

    // Generation and the model.
    var modelTimer = ModelTimer.onThread("model-timer");
    var model = model(config, modelTimer);
    var further = config.modelEndpoint().map(ServerConfig.ModelEndpoint::further).orElse(List.of());
    var generations =
        new Generations(rooms, store, model, Set.copyOf(further), limits, roomMetrics, random);
    core.health().register("model", () -> Condition.ok(model.name()));

    // Sockets.
    var socketAccess =
        new SocketAccess(config.relay().openSync(), origins, registry, gate, tickets, rooms::enter);
    var sockets = core.sockets(socketAccess, registry::isRoom, origins::maySocket);

    // HTTP.
    var about =
        new About(
            version,
            store.storageId().value(),
            core.peerId().value(),
            model.name(),
            further,
            config.modelEndpoint().isEmpty());
    var http =
        new HttpFace(
            new HttpFace.Parts(
                about,
                limits,
                origins,
                new Links(config.relay().publicUrl(), roomLinks),
                ids,
                identities,
                nonces,
                sessions,
                jwts,
                config.relay().clients(),
                registry,
                gate,
                roomLinks,
                invitations,
                members,
                owners,
                sockets::closeWhere,
                tickets,
                rooms,
                generations,
                new Administration(
                    documents.admin(),
                    store::documents,
                    () -> quarantined(store, registry),
                    store::queuedBytes,
                    quarantine::all,
                    document -> released(document, quarantine, registry, rooms),
                    config.adminToken(),
                    config.relay().publicUrl(),
                    archive,
                    clock),
                core.health(),
                roomMetrics,
                clock,
                System::nanoTime,
                random,
                page),
            config.relay().host(),
            config.relay().port(),
            certificate,
            sockets.upgraders(config.relay().clients()));
    var parlor =
        new Parlor(
            config,
            core,
            sweeping(archivist, limits.archive()),
            List.of(timer, modelTimer, model),
            rooms,
            generations,
            sockets,
            http);
    try {
      http.start();
      generations.recover();
    } catch (IOException | RuntimeException e) {
      parlor.close();
      throw e;
    }
    return parlor;
  }

  private static Jwts jwts(ServerConfig config, InstantSource clock) throws IOException {
    var jwt = config.jwt().orElseThrow();
    var keys =
        switch (jwt.keys()) {
          case ServerConfig.Jwt.Keys.PemFile(var path) -> JwtKeys.ofPem(path);
          case ServerConfig.Jwt.Keys.JwksUrl(var url) -> JwtKeys.ofUrl(url);
        };
    return new Jwts(keys, jwt.issuer(), jwt.audience(), clock);
  }

  /** Archives idle rooms at regular intervals, if enabled. */
  private static ExecutorService sweeping(Archivist archivist, ServiceLimits.Archive limits) {
    var thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("archivist").factory());
    if (limits.idleDays() > 0) {
      var _ =
          thread.scheduleWithFixedDelay(
              () -> {
                try {
                  archivist.sweep();
                } catch (RuntimeException e) {
                  log.error("rooms could not be archived", e);
                }
              },
              limits.sweepMinutes(),
              limits.sweepMinutes(),
              MINUTES);
    }
    return thread;
  }

  /** The configured endpoint, or the built-in rehearsal model. */
  private static ModelClient model(ServerConfig config, ModelTimer timer) {
    return config
        .modelEndpoint()
        .<ModelClient>map(
            endpoint ->
                new OpenAiClient(
                    new OpenAiSettings(
                        endpoint.url().toString(),
                        endpoint.key().map(Secret::value).orElse(""),
                        endpoint.model(),
                        timeouts(config.limits().model()),
                        modelLimits(config.limits())),
                    timer))
        .orElseGet(() -> new RehearsalClient(timer, RehearsalClient.READABLE));
  }

  private static OpenAiSettings.Timeouts timeouts(ServiceLimits.Model limits) {
    return new OpenAiSettings.Timeouts(
        Duration.ofMillis(limits.connectMillisMax()),
        Duration.ofMillis(limits.firstTokenMillisMax()),
        Duration.ofMillis(limits.tokenGapMillisMax()),
        Duration.ofMillis(limits.totalMillisMax()));
  }

  private static OpenAiSettings.Limits modelLimits(ServiceLimits limits) {
    var standard = OpenAiSettings.Limits.DEFAULT;
    return new OpenAiSettings.Limits(
        limits.model().attemptsMax(),
        standard.retryDelay(),
        standard.retryAfterMax(),
        limits.model().eventBytesMax(),
        limits.generation().answerBytesMax(),
        standard.errorBytesMax());
  }

  private static Archive archive(ServerConfig config, RelayStorage storage) throws IOException {
    try {
      return Archive.open(
          storage.store(),
          config.relay().data().resolve("archive"),
          new StoredChunks(storage.snapshots()));
    } catch (IOException | RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  /** Damaged documents, and the rooms whose whole shard is unavailable. */
  private static Set<DocumentId> quarantined(StoreOnDisk store, RoomRegistry registry) {
    var all = new HashSet<>(store.quarantined());
    all.addAll(unavailable(store, registry));
    return all;
  }

  private static Set<DocumentId> unavailable(StoreOnDisk store, RoomRegistry registry) {
    return store.isWhole()
        ? Set.of()
        : registry.documents().stream().filter(store::isUnavailable).collect(Collectors.toSet());
  }

  private static void nameRooms(Set<DocumentId> unavailable) {
    if (!unavailable.isEmpty()) {
      log.error(
          "{} rooms are unavailable with their shards: {}{}",
          unavailable.size(),
          unavailable.stream().sorted().limit(FixedLimits.LOGGED_NAMES_MAX).toList(),
          unavailable.size() > FixedLimits.LOGGED_NAMES_MAX ? " and more" : "");
    }
  }

  /** Opens the room again, since peers may wait for it. */
  private static boolean released(
      DocumentId document, Quarantine quarantine, RoomRegistry registry, RoomWorkers rooms) {
    var was = quarantine.release(document);
    if (was && registry.isRoom(document)) {
      rooms.enter(document);
    }
    return was;
  }

  /** The URL to open in a browser. */
  public String url() {
    var scheme = config.relay().tls().isPresent() ? "https://" : "http://";
    var here =
        scheme
            + (config.relay().host().contains(":")
                ? "[" + config.relay().host() + "]"
                : config.relay().host());
    return config.relay().publicUrl().map(Object::toString).orElse(here + ":" + http.port());
  }

  /** The port that the server listens on. */
  public int port() {
    return http.port();
  }

  /** Stops accepting, writes everything to disk, closes sockets with 1012 [DU6]. */
  @Override
  public void close() throws IOException {
    sockets.stopAccepting();
    sweeps.shutdownNow(); // A room that is being archived is then in both places.
    interruptRuns();
    rooms.close();
    core.flush();
    sockets.shutdown(SOCKET_PATIENCE);
    http.stop();
    sockets.close();
    core.close();
    for (var helper : helpers) {
      try {
        helper.close();
      } catch (Exception e) {
        log.warn("a helper did not close", e);
      }
    }
  }

  /** Ends running answers with the text so far, while peers are still connected. */
  private void interruptRuns() {
    try {
      generations.interruptAll(RUN_PATIENCE.toMillis()).get(RUN_PATIENCE.toMillis(), MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("a running answer did not end in time; it will be interrupted at the next start");
    }
  }
}
