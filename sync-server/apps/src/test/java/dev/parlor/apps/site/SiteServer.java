package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.DeployRequest;
import dev.parlor.apps.release.Mode;
import dev.parlor.apps.release.Release;
import dev.parlor.apps.release.SourceFile;
import dev.parlor.apps.release.StoredApps;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.SourceTransformer;
import dev.parlor.apps.transform.VendoredFiles;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.storage.MemoryRecordStore;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Apps on a real port over a record store in memory. After the routing by host comes a filter with
 * the rules and headers of the server's own pages, as in the process.
 */
final class SiteServer implements AutoCloseable {
  static final String ADA = "jwt:ada";
  static final String BOB = "jwt:bob";
  static final ContentId SET = ContentId.of(Bytes.utf8("the set"));
  static final String REACT = "export const version = '19'";
  static final String RUN = "console.log('run')";

  final MemoryRecordStore store = new MemoryRecordStore();
  final StoredApps apps;

  /** The origin of packages that browsers load from elsewhere. */
  volatile Optional<String> outsideOrigin = Optional.empty();

  /** Additions to the cache that wait for the test. */
  final Queue<Runnable> fills = new ConcurrentLinkedQueue<>();

  final ContentCache cache = new ContentCache(AppLimits.CACHED_BYTES_MAX, fills::add);
  final AppAddresses addresses;
  private final WebPort web;

  /**
   * @param base the host of apps; empty for apps by path only
   */
  SiteServer(Optional<String> base) throws IOException {
    var millis = new AtomicLong(1_796_000_000_000L);
    InstantSource clock = () -> Instant.ofEpochMilli(millis.incrementAndGet());
    var transactions = new Transactions(store);
    var assets = new StoredAssets(store, transactions, clock);
    var transformer = new ImportingTransformer();
    var slugs = new ArrayDeque<>(List.of("drawn-one", "drawn-two", "drawn-three"));
    apps =
        new StoredApps(
            transactions,
            assets,
            transformer,
            transformer,
            Quotas.defaults(),
            slugs::removeFirst,
            clock);
    addresses = new AppAddresses(() -> URI.create("http://localhost:" + port()), base);
    var site = new AppSite(apps.reader(), assets, new OnePackage(), cache, addresses::basePath);
    var previews = new PreviewFrames(addresses, site, new OneScript());
    var hosts = new HostRouting(addresses, site, previews);
    var origins = new Origins("127.0.0.1", Optional.empty(), List.of());
    web =
        new WebPort(
            "127.0.0.1",
            0,
            new BasePathRouting(BasePath.ROOT),
            Optional.empty(),
            Map.of("websocket", hosts.guard(new NoUpgrade())),
            builder -> {
              var routing = HttpRouting.builder();
              routing.addFilter(hosts);
              routing.addFilter(
                  (chain, request, response) -> {
                    response.header("X-Frame-Options", "DENY");
                    response.header("Cross-Origin-Opener-Policy", "same-origin");
                    response.header("Content-Security-Policy", "frame-ancestors 'none'");
                    response.header("Cross-Origin-Resource-Policy", "same-origin");
                    if (origins.isOurHost(request.headers().first(HeaderNames.HOST).orElse(""))) {
                      chain.proceed();
                    } else {
                      response.status(421).send();
                    }
                  });
              routing.get("/", (_, response) -> response.send("room page"));
              routing.any("/api/*", (_, response) -> response.send("the api"));
              routing.any("/sync", (_, response) -> response.send("the sync path"));
              site.addTo(routing);
              previews.addTo(routing);
              new AppPage(addresses, site).addTo(routing);
              builder.routing(routing);
            });
    web.start();
  }

  int port() {
    return web.port();
  }

  /** Requests by a raw socket, which can send any Host header. */
  RawHttp http() {
    return new RawHttp(port());
  }

  Release deploy(String user, String app, Mode mode, SourceFile... files) throws Exception {
    return deploy(user, app, mode, Map.of(), files);
  }

  /** Deploys under the slug {@code ada} or {@code bob}. */
  Release deploy(String user, String app, Mode mode, Map<String, String> env, SourceFile... files)
      throws Exception {
    var slug = user.substring("jwt:".length());
    get(apps.bindUserSlug(user, Optional.of(slug)));
    var request = new DeployRequest(mode, Optional.of(app), Optional.of(slug), env, List.of(files));
    return get(apps.deploy(user, request)).release();
  }

  static SourceFile file(String name, String text) {
    return new SourceFile(name, false, Optional.empty(), new SourceFile.Content.Code("x", text));
  }

  static SourceFile entry(String name, String text) {
    return new SourceFile(name, true, Optional.empty(), new SourceFile.Content.Code("x", text));
  }

  /** Runs the additions to the cache that wait. */
  void fillCache() {
    for (var fill = fills.poll(); fill != null; fill = fills.poll()) {
      fill.run();
    }
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    web.stop();
  }

  /** Puts a comment before a source, and maps its imports to one package. */
  private static final class ImportingTransformer implements SourceTransformer, ImportMaps {
    private static final Pattern IMPORT = Pattern.compile("from \"([a-z][a-z/-]*)\"");

    @Override
    public CompletableFuture<Module> toJavaScript(String fileName, Bytes source) {
      var text = source.toUtf8();
      var imports = new TreeMap<String, Set<String>>();
      IMPORT.matcher(text).results().forEach(match -> imports.put(match.group(1), Set.of("*")));
      return CompletableFuture.completedFuture(
          new Module(Bytes.utf8("// transformed\n" + text), imports));
    }

    @Override
    public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
      var missing = Bytes.utf8("throw new Error('missing')");
      var urls = new TreeMap<String, String>();
      for (var always : List.of("react", "react-dom/client")) {
        urls.put(always, "/~~vendor~~/" + SET + "/react.js");
      }
      imports
          .keySet()
          .forEach(
              name -> urls.putIfAbsent(name, "/~~calculated~~/" + ContentId.of(missing) + ".js"));
      var entries =
          urls.entrySet().stream()
              .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
              .toList();
      return CompletableFuture.completedFuture(
          new ImportMap(
              Bytes.utf8("{\"imports\":{" + String.join(",", entries) + "}}"),
              List.of(),
              List.of()));
    }
  }

  private final class OnePackage implements VendoredFiles {
    @Override
    public Optional<String> outsideOrigin() {
      return outsideOrigin;
    }

    @Override
    public Optional<File> find(String path) {
      return switch (path) {
        case "index.json" ->
            Optional.of(new File(Bytes.utf8("{}"), "application/json", Optional.empty()));
        default ->
            path.equals(SET + "/react.js")
                ? Optional.of(
                    new File(
                        Bytes.utf8(REACT),
                        "text/javascript; charset=utf-8",
                        Optional.of(Bytes.utf8("compressed"))))
                : Optional.empty();
      };
    }
  }

  private static final class OneScript extends ClassLoader {
    private OneScript() {
      super(null);
    }

    @Override
    public InputStream getResourceAsStream(String name) {
      return name.equals("web/run/run.js")
          ? new ByteArrayInputStream(Bytes.utf8(RUN).toArray())
          : InputStream.nullInputStream();
    }
  }

  /** Answers an upgrade as any other request. */
  private static final class NoUpgrade implements Http1Upgrader {
    @Override
    public String supportedProtocol() {
      return "websocket";
    }

    @Override
    @SuppressWarnings("NullAway") // Helidon's contract: null means no upgrade
    public io.helidon.webserver.spi.ServerConnection upgrade(
        io.helidon.webserver.ConnectionContext context,
        io.helidon.http.HttpPrologue prologue,
        io.helidon.http.WritableHeaders<?> headers) {
      return null;
    }
  }
}
