package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.release.ReleaseReader;
import dev.parlor.apps.transform.VendoredFiles;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import java.util.HashMap;
import java.util.Map;

/** All parts of a server that show apps: their files, their pages and the frames of previews. */
public final class AppSites {
  private final AppSite site;
  private final PreviewFrames previews;
  private final AppPage page;
  private final HostRouting hosts;

  /**
   * @param resources the class loader that has the built page under {@code web/}
   */
  public AppSites(
      ReleaseReader releases,
      AssetStore assets,
      VendoredFiles vendored,
      AppAddresses addresses,
      ContentCache cache,
      ClassLoader resources) {
    this.site = new AppSite(releases, assets, vendored, cache, addresses::basePath);
    this.previews = new PreviewFrames(addresses, site, resources);
    this.page = new AppPage(addresses, site);
    this.hosts = new HostRouting(addresses, site, previews);
  }

  /** Adds the filter for the hosts of apps; it must be the first filter. */
  public void addFilters(HttpRouting.Builder routing) {
    routing.addFilter(hosts);
  }

  /** Adds the routes on the server's own host. */
  public void addRoutes(HttpRouting.Builder routing) {
    site.addTo(routing);
    previews.addTo(routing);
    page.addTo(routing);
  }

  /** The same upgrades, but none on the hosts of apps. */
  public Map<String, Http1Upgrader> guard(Map<String, Http1Upgrader> upgraders) {
    var guarded = new HashMap<String, Http1Upgrader>();
    upgraders.forEach((protocol, upgrader) -> guarded.put(protocol, hosts.guard(upgrader)));
    return guarded;
  }
}
