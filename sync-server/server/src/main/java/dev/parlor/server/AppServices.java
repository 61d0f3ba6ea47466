package dev.parlor.server;

import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.http.ApiHttp;
import dev.parlor.apps.http.ApiPaths;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.release.StoredAccounts;
import dev.parlor.apps.release.StoredApps;
import dev.parlor.apps.settings.UserSettings;
import dev.parlor.apps.slug.RandomSlugs;
import dev.parlor.apps.socket.ApiSockets;
import dev.parlor.contexts.RandomContextIds;
import dev.parlor.contexts.StoredContexts;
import dev.parlor.room.http.Administration.Usage;
import dev.parlor.room.http.HttpExtension;
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

  /**
   * @param address the server's URL, for the URLs of apps
   * @throws IOException with one sentence for the operator, if the file of the device CA is bad
   */
  AppServices(ServerParts parts, PublicAddress address) throws IOException {
    var config = parts.config().apps();
    var store = parts.storage().store().recordStore();
    var clock = parts.clock();
    var transactions = new Transactions(store);
    var missing = new MissingAppParts();
    this.assets = new StoredAssets(store, transactions, clock);
    this.accounts = new StoredAccounts(store);
    var apps =
        new StoredApps(
            transactions,
            assets,
            missing,
            missing,
            config.quotas(),
            new RandomSlugs(parts.random()),
            clock);
    var contexts =
        new StoredContexts(
            transactions,
            missing,
            config.quotas().contextsMax(),
            new RandomContextIds(parts.random()),
            clock);
    var services =
        new AppsApi.Services(
            apps, new PathUrls(address::url), contexts, new UserSettings(transactions, clock));
    var origins = parts.access().origins();
    this.metrics = new AppMetrics(parts.core().metrics(), this::openSockets);
    var api =
        new AppsApi(
            services, AppCallers.of(config, parts.access(), clock), metrics, System::nanoTime);
    this.http = new ApiHttp(api, origins::mayOpenSocket);
    this.sockets =
        new ApiSockets(api, ApiPaths.ALL, origins::mayOpenSocket, parts.core()::memoryIsFull);
  }

  private int openSockets() {
    return sockets.size();
  }

  /** The routes and filters of apps on the server's port. */
  List<HttpExtension> extensions() {
    return List.of(HttpExtension.ofRoutes(http::addTo));
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
