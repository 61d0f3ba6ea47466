package dev.parlor.apps.api;

import dev.parlor.apps.address.AppUrls;
import dev.parlor.apps.api.RequestObserver.AnsweredRequest;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.http.ApiHttp;
import dev.parlor.apps.http.ApiPaths;
import dev.parlor.apps.identity.CallerVerifier;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.StoredApps;
import dev.parlor.apps.settings.UserSettings;
import dev.parlor.apps.socket.ApiSockets;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import dev.parlor.contexts.ContextChat;
import dev.parlor.contexts.StoredContexts;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.socket.OriginCheck;
import dev.parlor.relay.socket.transport.LoopServer;
import dev.parlor.relay.socket.transport.SocketServer;
import dev.parlor.relay.socket.transport.SocketSettings;
import dev.parlor.relay.socket.transport.SocketUpgrade;
import dev.parlor.relay.storage.MemoryRecordStore;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The apps API on a real port with both transports, over a record store in memory. The tokens are
 * {@code good-<name>} and prove {@code jwt:<name>}.
 */
public final class ApiServer implements AutoCloseable {
  public final MemoryRecordStore store = new MemoryRecordStore();

  /** Whether the server takes no more data. */
  final AtomicBoolean memoryIsFull = new AtomicBoolean();

  /** The clock of the rates; a test moves it. */
  final AtomicLong nanoTime = new AtomicLong();

  /** The answered requests, as the server's log and metrics hear of them. */
  final Queue<AnsweredRequest> answered = new ConcurrentLinkedQueue<>();

  private final SocketServer sockets;
  private final WebPort web;

  public ApiServer(RequestRates.Limits rates) throws IOException {
    var log = new RequestLog(RequestLog.Level.ALL);
    var clock = InstantSource.system();
    var transactions = new Transactions(store);
    var ids = new AtomicInteger();
    var transformer = new BrokenOrPlain();
    var apps =
        new StoredApps(
            transactions,
            new StoredAssets(store, transactions, clock),
            transformer,
            transformer,
            Quotas.defaults(),
            () -> "drawn-" + ids.incrementAndGet(),
            clock);
    var contexts =
        new StoredContexts(
            transactions, new NoRooms(), 100, () -> "drawn" + ids.incrementAndGet(), clock);
    var services =
        new AppsApi.Services(
            apps, new LocalUrls(), contexts, new UserSettings(transactions, clock));
    var api =
        new AppsApi(
            services,
            new NamedUsers(),
            new RequestRates(rates, nanoTime::get),
            request -> {
              log.answered(request);
              answered.add(request);
            },
            nanoTime::get);
    OriginCheck origins =
        (origin, _, hasSecret) ->
            origin.isEmpty()
                || origin.get().equals("https://allowed.example")
                || (hasSecret && origin.get().equals("null"));
    sockets =
        LoopServer.start(
                new SocketSettings(
                    Limits.defaults().outbox(),
                    Limits.defaults().liveness(),
                    new Metrics(),
                    System::nanoTime))
            .orElseThrow();
    Http1Upgrader upgrade =
        new SocketUpgrade(
            List.of(new ApiSockets(api, ApiPaths.ALL, origins, () -> false)),
            sockets,
            ClientAddresses.ofSockets());
    web =
        new WebPort(
            "127.0.0.1",
            0,
            new BasePathRouting(BasePath.ROOT),
            Optional.empty(),
            Map.of("websocket", upgrade),
            builder -> {
              var routing = HttpRouting.builder();
              new ApiHttp(api, origins, ClientAddresses.ofSockets(), memoryIsFull::get)
                  .addTo(routing);
              builder.maxPayloadSize(-1).routing(routing);
            });
    web.start();
  }

  public int port() {
    return web.port();
  }

  @Override
  public void close() {
    web.stop();
    sockets.close();
  }

  private static final class NamedUsers implements CallerVerifier {
    private static final String GOOD = "good-";

    @Override
    public String verify(String type, String token) {
      if (!Set.of("clerk", "device-id", "parlor").contains(type)) {
        throw AppsException.of(
                ErrorCode.INVALID_AUTH_TYPE, "auth.type must be clerk, device-id or parlor")
            .at("auth.type");
      }
      if (!token.startsWith(GOOD)) {
        throw AppsException.of(ErrorCode.BAD_TOKEN, "the token has expired").at("auth.token");
      }
      return "jwt:" + token.substring(GOOD.length());
    }
  }

  private static final class LocalUrls implements AppUrls {
    @Override
    public URI app(String userSlug, String appSlug, Optional<ContentId> fsId) {
      return URI.create("http://" + appSlug + "--" + userSlug + ".localhost/");
    }

    @Override
    public URI page(String userSlug, String appSlug) {
      return URI.create("http://localhost/vibe/" + userSlug + "/" + appSlug);
    }
  }

  private static final class NoRooms implements ContextChat {
    @Override
    public CompletableFuture<Void> requirePlayer(String room, String userId) {
      return CompletableFuture.failedFuture(
          AppsException.of(ErrorCode.NOT_FOUND, "there is no such room").at("room"));
    }

    @Override
    public void show(
        String room,
        String userId,
        String origin,
        List<com.fasterxml.jackson.databind.JsonNode> blocks) {}
  }

  /** A source with the word BROKEN does not compile; the word DEFECT is a defect of the server. */
  private static final class BrokenOrPlain implements SourceTransformer, ImportMaps {
    @Override
    public CompletableFuture<Module> toJavaScript(String fileName, Bytes source) {
      var text = source.toUtf8();
      if (text.contains("DEFECT")) {
        throw new IllegalStateException("a defect with a secret");
      }
      return text.contains("BROKEN")
          ? CompletableFuture.failedFuture(
              AppsException.of(ErrorCode.TRANSFORM_FAILED, fileName + ":12:5: unexpected")
                  .with("file", fileName)
                  .with("line", 12)
                  .with("column", 5))
          : CompletableFuture.completedFuture(new Module(source, Map.of()));
    }

    @Override
    public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
      return CompletableFuture.completedFuture(
          new ImportMap(Bytes.utf8("{\"imports\":{}}"), List.of(), List.of()));
    }
  }
}
