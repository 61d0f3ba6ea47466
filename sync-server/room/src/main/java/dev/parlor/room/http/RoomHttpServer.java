package dev.parlor.room.http;

import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.ConnectionClose;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.LinkExpiry;
import dev.parlor.room.access.LiveConnections;
import dev.parlor.room.access.Recovery;
import dev.parlor.room.access.RoomSecretVerifier;
import dev.parlor.room.access.TokenVerifier;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.IdSource;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.template.RoomFiles;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomWorkers;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The HTTP server: all endpoints, the page, and the upgrade of sockets on one port. It starts once
 * and stops once.
 */
public final class RoomHttpServer {

  /**
   * The services that the endpoints use.
   *
   * @param basePath the path below which a proxy serves the server
   * @param clients determines the client address of a request
   * @param sockets the open sockets
   * @param storageIsAway whether nothing can be saved, because the cluster does not answer
   * @param nanoTime a monotonic clock for rate limits
   * @param random a secure random source, for ids and order keys
   * @param page the class loader that has the built page under {@code web/}
   * @param roomFiles the files from which people make rooms
   * @param extensions the routes and filters of other modules
   */
  public record Parts(
      About about,
      ServiceLimits limits,
      AccessServices access,
      Links links,
      BasePath basePath,
      ClientAddresses clients,
      LiveConnections sockets,
      RoomWorkers rooms,
      Generations generations,
      RoomImages images,
      Administration administration,
      Health health,
      BooleanSupplier storageIsAway,
      RoomMetrics metrics,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random,
      ClassLoader page,
      RoomFiles roomFiles,
      List<HttpExtension> extensions) {
    public Parts {
      extensions = List.copyOf(extensions);
    }
  }

  private final WebPort web;
  private final RoomCommands commands;
  private final LiveConnections streams;

  /**
   * @param tls certificate and key; empty for plain TCP
   * @param sockets the handlers of WebSocket upgrades, by protocol name
   */
  public RoomHttpServer(
      Parts parts,
      String host,
      int port,
      Optional<ServerCertificate> tls,
      Map<String, Http1Upgrader> sockets) {
    var api = Api.of(parts);
    this.commands = api.commands();
    this.streams = api.events();
    var basePath = new BasePathRouting(parts.basePath());
    this.web =
        new WebPort(
            host,
            port,
            basePath,
            tls,
            sockets,
            builder ->
                builder
                    .enableProxyProtocol(parts.clients().proxyProtocol())
                    .maxPayloadSize(-1)
                    .writeQueueLength(0)
                    .directHandlers(RoomHttpServer.directHandlers())
                    .routing(routing(parts, api, basePath)));
  }

  /** The open event streams of rooms. */
  public LiveConnections streams() {
    return streams;
  }

  /** The commands of rooms, for other transports. */
  public RoomCommands commands() {
    return commands;
  }

  /** The parts that several groups of endpoints use. */
  private record Api(
      RequestLimits limits,
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      IdSource ids,
      ImagesApi images,
      GenerationApi generation,
      QueueApi queue,
      EventsApi events,
      RoomCommands commands) {

    static Api of(Parts parts) {
      var limits = new RequestLimits(parts.limits(), parts.nanoTime());
      var tokenVerifier =
          new TokenVerifier(
              parts.access().identities(),
              parts.access().sessions(),
              parts.access().jwtIdentities());
      var authorizer =
          new RequestAuthorizer(
              tokenVerifier, parts.access().registry(), parts.access().authorizer());
      var gateway = new RoomGateway(parts.rooms());
      var ids = Uuid7.source(parts.clock(), parts.random());
      var generations = parts.generations();
      var generation = new GenerationApi(authorizer, gateway, generations, limits, parts.limits());
      var images =
          new ImagesApi(authorizer, gateway, parts.images(), limits, parts.limits().images());
      var play =
          new PlayApi(gateway, images, ids, parts.clock(), parts.random(), generations, generation);
      var queue = new QueueApi(authorizer, gateway, generations);
      var commands = new RoomCommands(authorizer, limits);
      commands.add(play.commands());
      commands.add(generation.commands());
      commands.add(queue.commands());
      commands.add(new WindowCommands(gateway, ids, parts.clock(), parts.random()).commands());
      commands.add(new TextCommands(gateway, parts.random()).commands());
      commands.add(new DiscussionCommands(gateway, ids, parts.clock()).commands());
      var events =
          new EventsApi(
              authorizer,
              gateway,
              parts.access().tickets(),
              parts.access().authorizer(),
              parts.limits().events(),
              parts.metrics(),
              parts.clock(),
              parts.access().brief());
      return new Api(limits, authorizer, gateway, ids, images, generation, queue, events, commands);
    }
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port is in use or the address does not belong to this machine
   */
  public void start() throws IOException {
    web.start();
  }

  /** The port that the server listens on. */
  public int port() {
    return web.port();
  }

  /** Stops accepting connections, waits briefly for running requests, then closes. */
  public void stop() {
    web.stop();
  }

  private static HttpRouting.Builder routing(Parts parts, Api api, BasePathRouting basePath) {
    var limits = api.limits();
    var authorizer = api.authorizer();
    var idempotency = idempotency(parts);
    var endpoints =
        new Endpoints(
            authorizer,
            idempotency,
            limits,
            parts.metrics(),
            parts.clients(),
            parts.storageIsAway(),
            parts.limits().http().bodyBytesMax());
    var routing = HttpRouting.builder().addFilter(new ConnectionClose());
    // The filters of extensions come first: the hosts of apps have no base path.
    HttpExtension.addFilters(parts.extensions(), routing);
    routing.addFilter(basePath);
    routing.addFilter(
        new SecurityHeaders(
            parts.access().origins(), () -> HttpExtension.frameSources(parts.extensions())));

    var status =
        new StatusApi(
            parts.about(), parts.limits(), parts.health(), parts.metrics().relayMetrics());
    endpoints.getUnlimited("/health/live", status::live);
    endpoints.getUnlimited("/health/ready", status::ready);
    endpoints.getUnlimited("/metrics", status::metrics);
    endpoints.get("/api/health", status::health);
    endpoints.get("/api/config", status::config);

    var identities =
        new IdentityApi(
            authorizer,
            parts.access().identities(),
            parts.access().sessions(),
            parts.access().origins(),
            limits);
    endpoints.post("/api/identities", identities::create);
    endpoints.post("/api/identities/{identity}/key", identities::attachKey);
    endpoints.postWithoutReplay("/api/identities/{identity}/nonce", identities::issueNonce);
    endpoints.postWithoutReplay("/api/identities/{identity}/sessions", identities::openSession);

    var admin =
        new AdminApi(parts.administration(), parts.access().registry(), limits, parts.roomFiles());
    var backups =
        new BackupApi(
            admin::authorizeWithToken, parts.administration().backups(), System::nanoTime);
    routing.post(BackupApi.PATH, endpoints.stream(backups::open));
    routing.any(AdminApi.PATH + "*", endpoints.unlimited("/api/admin", admin::handle));

    addRoomEndpoints(parts, api, endpoints);
    endpoints.addTo(routing);
    HttpExtension.addRoutes(parts.extensions(), routing);
    addPage(parts, endpoints, routing);
    return routing;
  }

  private static Idempotency idempotency(Parts parts) {
    var limits = parts.limits().http();
    var shared =
        parts
            .access()
            .brief()
            .map(
                brief ->
                    new SharedReplies(
                        brief, parts.access().ids(), limits.idempotencySeconds(), Thread::sleep));
    return new Idempotency(limits, parts.clock(), shared);
  }

  private static void addRoomEndpoints(Parts parts, Api api, Endpoints endpoints) {
    var limits = api.limits();
    var authorizer = api.authorizer();
    var gateway = api.gateway();
    var ids = api.ids();
    var rooms =
        new RoomsApi(
            authorizer,
            gateway,
            parts.access().registry(),
            parts.access().authorizer(),
            parts.access().owners(),
            parts.access().members(),
            parts.access().ids(),
            ids,
            parts.links(),
            parts.access().tickets(),
            limits,
            parts.clock(),
            parts.about().storageId(),
            parts.roomFiles(),
            parts.access().sharedRooms());
    var roomFiles = new RoomFilesApi(authorizer, rooms, limits, parts.roomFiles());
    endpoints.get("/api/room-files", roomFiles::list);
    endpoints.post(
        "/api/rooms",
        call -> call.hasType(RoomFilesApi.MARKDOWN) ? roomFiles.create(call) : rooms.create(call));
    var forks =
        new ForkApi(
            authorizer,
            gateway,
            parts.access().registry(),
            parts.generations(),
            parts.images(),
            parts.access().ids(),
            parts.links(),
            limits,
            parts.clock());
    endpoints.post("/api/rooms/{slug}/fork", forks::fork);
    endpoints.get("/api/rooms/{slug}/history", new HistoryApi(authorizer, gateway)::show);
    addRooms(parts, api, rooms, endpoints);
    addCommands(api, endpoints);
    addStreams(parts, api, endpoints);
  }

  /** Imports, reading, joining and the secret of a room. */
  private static void addRooms(Parts parts, Api api, RoomsApi rooms, Endpoints endpoints) {
    var imports =
        new ImportApi(
            api.authorizer(),
            api.gateway(),
            parts.access().registry(),
            parts.generations(),
            parts.images(),
            parts.access().ids(),
            parts.links(),
            api.limits(),
            parts.clock(),
            parts.limits().imports(),
            parts.limits().images());
    endpoints.post(
        "/api/rooms/import", FixedServiceLimits.FILE_BYTES_MAX, imports::admit, imports::create);
    endpoints.get("/api/rooms/{slug}", rooms::show);
    var health = new RoomHealthApi(api.authorizer(), parts.rooms());
    endpoints.get("/api/rooms/{slug}/state", rooms::show);
    endpoints.get("/rooms/{slug}/state", rooms::show);
    endpoints.get("/api/rooms/{slug}/health", health::show);
    endpoints.get("/rooms/{slug}/health", health::show);
    endpoints.get("/api/rooms/{slug}/links", rooms::links);
    endpoints.post("/api/rooms/{slug}/join", rooms::join);
    endpoints.postWithoutReplay("/api/rooms/{slug}/tickets", rooms::issueTicket);

    var secrets =
        new SecretApi(
            api.authorizer(),
            new RoomSecretVerifier(parts.access().nonces(), parts.access().members()),
            api.limits());
    endpoints.postWithoutReplay("/api/rooms/{slug}/secret/nonce", secrets::issueNonce);
    endpoints.postWithoutReplay("/api/rooms/{slug}/secret", secrets::prove);
  }

  /** Events, exports, and what hosts decide, which also closes streams. */
  private static void addStreams(Parts parts, Api api, Endpoints endpoints) {
    var authorizer = api.authorizer();
    var gateway = api.gateway();
    var events = api.events();
    endpoints.stream("/api/rooms/{slug}/events", events::open, events::head);
    var exports = new ExportApi(authorizer, gateway, parts.images());
    endpoints.download("/api/rooms/{slug}/export", exports::export);
    addHostEndpoints(parts, authorizer, gateway, events, api.limits(), endpoints);
  }

  private static void addCommands(Api api, Endpoints endpoints) {
    var commands = api.commands();
    var generation = api.generation();
    var queue = api.queue();
    endpoints.post(ImagesApi.PATH, ImagesApi.bodyBytesMax(), api.images()::upload);
    endpoints.get(ImagesApi.PATH + "/{image}", api.images()::show);
    var room = "/api/rooms/{slug}/";
    endpoints.post(room + "play", commands.endpoint("play"));
    endpoints.post(room + "chat", commands.endpoint("chat"));
    endpoints.post(room + "generate", GenerationApi.endpoint(commands));
    endpoints.post(room + "stop", commands.endpoint("stop"));
    endpoints.get(room + "results/{request}", generation::result);
    endpoints.get("/api/rooms/{slug}/queue", queue::show);
    endpoints.post(room + "queue/resume", commands.endpoint("queue_resume"));
    endpoints.delete(room + "queue/{request}", commands.endpoint("queue_cancel", "request"));
    endpoints.post(room + "queue/{request}/move", commands.endpoint("queue_move", "request"));
    endpoints.post(room + "queue/{request}/confirm", commands.endpoint("queue_confirm", "request"));
    for (var command : commands.all()) {
      endpoints.post(room + "commands/" + command.name(), commands.endpoint(command.name()));
    }
    endpoints.get("/api/commands", _ -> Reply.json(200, commands.schema()));
    endpoints.get("/api/events", _ -> Reply.json(200, EventSchema.json()));
    endpoints.post(room + "delta", commands.endpoint("state_delta"));
    endpoints.post(room + "comments", commands.endpoint("comment"));
    endpoints.post(room + "comments/resolve", commands.endpoint("comment_resolve"));
    endpoints.post(room + "reactions", commands.endpoint("react"));
    endpoints.post(room + "chat/edit", commands.endpoint("chat_edit"));
  }

  private static void addHostEndpoints(
      Parts parts,
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      LiveConnections streams,
      RequestLimits limits,
      Endpoints endpoints) {
    var connections = parts.sockets().and(streams);
    var expiry =
        new LinkExpiry(
                parts.access().invitations(),
                parts.access().registry(),
                connections,
                parts.clock(),
                CloseCodes.NOT_ALLOWED)
            .start();
    var hosts =
        new HostDecisions(
            new HostDecisions.Parts(
                authorizer,
                gateway,
                parts.access().links(),
                parts.links(),
                parts.access().invitations(),
                expiry,
                parts.access().members(),
                parts.access().authorizer(),
                parts.access().owners(),
                new Recovery(parts.access().owners(), parts.access().members()),
                limits,
                connections,
                parts.limits().access().invitations(),
                parts.clock()),
            parts.access().brief());
    var links = new LinksApi(hosts);
    endpoints.post("/api/rooms/{slug}/invitations", links::invite);
    endpoints.get("/api/rooms/{slug}/invitations", links::list);
    endpoints.delete("/api/rooms/{slug}/invitations/{invitation}", links::revoke);
    endpoints.delete("/api/rooms/{slug}/links/{role}", links::replaceLink);
    endpoints.post(
        "/api/rooms/{slug}/lock", new LockApi(hosts, parts.access().registry())::setLock);
    var participants = new ParticipantsApi(hosts);
    endpoints.post("/api/rooms/{slug}/participants/{identity}/role", participants::changeRole);
    endpoints.post("/api/rooms/{slug}/participants/{identity}/kick", participants::kick);
    endpoints.delete("/api/rooms/{slug}/participants/{identity}/kick", participants::undoKick);
    var owner = new OwnerApi(hosts);
    endpoints.get("/api/rooms/{slug}/recovery-key", owner::recoveryKey);
    endpoints.postWithoutReplay("/api/rooms/{slug}/recovery-key", owner::newRecoveryKey);
    endpoints.postWithoutReplay("/api/rooms/{slug}/recover", owner::recover);
  }

  /** Adds the page, and a 404 problem for all other paths. */
  private static void addPage(Parts parts, Endpoints endpoints, HttpRouting.Builder routing) {
    var site = new StaticSite(parts.page(), "web", parts.basePath());
    var built = site.isBuilt();
    parts
        .health()
        .register("page", () -> built ? Condition.ok("built") : Condition.failing("not built"));
    var index = endpoints.unlimited("/", site::index);
    routing.any("/", index).any("/r/*", index);
    routing.any("/*", endpoints.unlimited("/{file}", site::file));
    routing.any(
        endpoints.unlimited(
            "other",
            _ -> {
              throw ProblemDetail.notFound("there is nothing at this URL").thrown();
            }));
  }

  /**
   * The handlers that reply to requests that Helidon refuses before routing, for example because a
   * header is malformed.
   */
  private static DirectHandlers directHandlers() {
    var handlers = DirectHandlers.builder();
    for (var event : io.helidon.http.DirectHandler.EventType.values()) {
      handlers.addHandler(event, DirectReplies::reply);
    }
    return handlers.build();
  }
}
