package dev.parlor.server;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.api.RequestLog;
import dev.parlor.apps.asset.KeptPackages;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.http.ApiHttp;
import dev.parlor.apps.http.ApiPaths;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.StoredAccounts;
import dev.parlor.apps.release.StoredApps;
import dev.parlor.apps.settings.UserSettings;
import dev.parlor.apps.site.AppSites;
import dev.parlor.apps.site.ContentCache;
import dev.parlor.apps.slug.RandomSlugs;
import dev.parlor.apps.socket.ApiSockets;
import dev.parlor.apps.transform.Esbuild;
import dev.parlor.apps.transform.VendoredPackages;
import dev.parlor.contexts.ContextChat;
import dev.parlor.contexts.RandomContextIds;
import dev.parlor.contexts.StoredContexts;
import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.room.access.RoomMemberships;
import dev.parlor.room.http.Administration.Usage;
import dev.parlor.room.http.HttpExtension;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.server.contexts.RoomContextChat;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apps and contexts: their storage and their API over HTTP and WebSocket. The constructor only
 * builds the parts; the web server and the transport run them.
 */
final class AppServices {
  private static final Logger LOG = LoggerFactory.getLogger(AppServices.class);

  private final StoredAssets assets;
  private final StoredAccounts accounts;
  private final ApiHttp http;
  private final ApiSockets sockets;
  private final AppMetrics metrics;
  private final AppAddresses addresses;
  private final AppSites sites;

  /**
   * @param address the server's URL, for the URLs of apps
   * @param rooms the rooms with the chats for attached contexts
   * @param resources the class loader with the built page and the packages for apps
   * @throws IOException with one sentence for the operator, if the file of the device CA is bad
   */
  AppServices(ServerParts parts, PublicAddress address, RoomWorkers rooms, ClassLoader resources)
      throws IOException {
    var config = parts.config().apps();
    var store = parts.storage().store().recordStore();
    var clock = parts.clock();
    var transactions = new Transactions(store);
    var compiler = new Esbuild(config.esbuild().orElseGet(BuiltInEsbuild::path));
    var packages = new VendoredPackages(resources, config.outsidePackages());
    register(parts.core().health(), compiler, packages);
    this.assets = new StoredAssets(store, transactions, clock);
    this.accounts = new StoredAccounts(store);
    var kept = new KeptPackages(packages, store, transactions, assets);
    var apps =
        new StoredApps(
            transactions,
            assets,
            compiler,
            kept,
            config.quotas(),
            new RandomSlugs(parts.random()),
            clock);
    var contexts =
        new StoredContexts(
            transactions,
            chat(parts, rooms),
            config.quotas().contextsMax(),
            new RandomContextIds(parts.random()),
            clock);
    this.addresses = new AppAddresses(address::url, config.host());
    var services =
        new AppsApi.Services(apps, addresses, contexts, new UserSettings(transactions, clock));
    var origins = parts.access().origins();
    this.metrics = new AppMetrics(parts.core().metrics(), this::openSockets);
    var log = new RequestLog(config.requestLog());
    var api =
        new AppsApi(
            services,
            AppCallers.of(config, parts.access(), clock),
            new RequestRates(config.rates(), System::nanoTime),
            request -> {
              metrics.answered(request);
              log.answered(request);
            },
            System::nanoTime);
    this.http =
        new ApiHttp(
            api,
            origins::mayOpenSocket,
            parts.config().relay().clients(),
            parts.core()::memoryIsFull);
    this.sockets =
        new ApiSockets(api, ApiPaths.ALL, origins::mayOpenSocket, parts.core()::memoryIsFull);
    var cache = new ContentCache(AppLimits.CACHED_BYTES_MAX, Thread::startVirtualThread);
    this.sites = new AppSites(apps.reader(), assets, kept, addresses, cache, resources);
  }

  /** The operator sees missing parts; the server works without it. */
  private static void register(Health health, Esbuild compiler, VendoredPackages packages) {
    health.register(
        "apps",
        () ->
            compiler
                .missing()
                .or(packages::missing)
                .map(Condition::failing)
                .orElseGet(() -> Condition.ok("compiler and packages are there")));
  }

  private static ContextChat chat(ServerParts parts, RoomWorkers rooms) {
    var access = parts.access();
    return new RoomContextChat(
        access.registry(),
        new RoomMemberships(access.registry(), access.owners(), access.members()),
        rooms,
        Uuid7.source(parts.clock(), parts.random()),
        parts.clock(),
        System::nanoTime);
  }

  private int openSockets() {
    return sockets.size();
  }

  /** The routes and filters of apps on the server's port. */
  List<HttpExtension> extensions() {
    return List.of(
        HttpExtension.ofRoutes(http::addTo),
        new HttpExtension(sites::addFilters, sites::addRoutes, addresses::frameSources));
  }

  /** The pages of apps on the server's port. */
  AppSites sites() {
    return sites;
  }

  /** The address of published apps; see {@link AppAddresses#template}. */
  String addressTemplate() {
    return addresses.template();
  }

  ApiSockets sockets() {
    return sockets;
  }

  /** The apps of some users, for the operator. */
  List<Usage> usage(String after, int limit) {
    return accounts.page(after, limit).stream()
        .map(
            user ->
                new Usage(
                    user.userId(), user.userSlugs(), user.apps(), user.releases(), user.bytes()))
        .toList();
  }

  /** Removes assets without owner and counts the bytes of apps; waits for the store. */
  void sweep() {
    var removed = assets.sweep();
    if (removed > 0) {
      LOG.info("removed {} assets that no release uses", removed);
    }
    metrics.count(accounts);
  }

  /** Counts the bytes of apps; waits for the store. */
  void count() {
    metrics.count(accounts);
  }
}
