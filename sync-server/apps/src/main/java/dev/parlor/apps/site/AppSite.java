package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.address.AppName;
import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.release.Release;
import dev.parlor.apps.release.ReleaseReader;
import dev.parlor.apps.site.Answer.Caching;
import dev.parlor.apps.site.ReleaseContent.Place;
import dev.parlor.apps.slug.Slugs;
import dev.parlor.apps.transform.VendoredFiles;
import dev.parlor.crdt.identity.Bytes;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the files of apps, on their own hosts and below {@code /a/{user}/{app}/}. The root shows
 * the latest production release, and {@code /~{fsId}~/} shows one release in any mode. Safe from
 * any thread.
 */
public final class AppSite {
  private static final Logger LOG = LoggerFactory.getLogger(AppSite.class);
  private static final String VENDORED = "/~~vendor~~/";

  /** The beginning of a path to one release, and the rest of the path. */
  static final Pattern RELEASE = Pattern.compile("/~(z[1-9A-HJ-NP-Za-km-z]{8,})~(/.*)?");

  /** Hosts that a policy can name; it cannot name an IPv6 address. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?");

  private static final Pattern BY_PATH = Pattern.compile("/a/([^/]+)/([^/]+)(/.*)?");

  private final ReleaseReader releases;
  private final VendoredFiles vendored;
  private final ReleaseContent content;
  private final Supplier<String> basePath;

  /**
   * @param basePath the base path of the server on its own host; it may be known only after the
   *     start
   */
  public AppSite(
      ReleaseReader releases,
      AssetStore assets,
      VendoredFiles vendored,
      ContentCache cache,
      Supplier<String> basePath) {
    this.releases = releases;
    this.vendored = vendored;
    this.content = new ReleaseContent(assets, cache);
    this.basePath = basePath;
  }

  /** Adds the routes on the server's own host. */
  public void addTo(HttpRouting.Builder routing) {
    routing.any(AppAddresses.PATH + "*", this::serveByPath);
    routing.any(VENDORED + "*", this::serveVendored);
  }

  /** Answers a request on the app's own host. */
  void serveOwnHost(AppName app, ServerRequest request, ServerResponse response) {
    SitePolicies.ownHost(response.headers(), vendored.outsideOrigin());
    send(
        request,
        response,
        () ->
            path(request)
                .flatMap(path -> vendored(path, request).or(() -> answer(app, path, true, request)))
                .orElseGet(() -> NotFoundPage.answer(isNavigation(request))));
  }

  private void serveByPath(ServerRequest request, ServerResponse response) {
    SitePolicies.byPath(response.headers(), ownAddress(request), vendored.outsideOrigin());
    send(
        request,
        response,
        () ->
            path(request)
                .flatMap(path -> byPath(path, request))
                .orElseGet(() -> NotFoundPage.answer(isNavigation(request))));
  }

  /** The host and the path of an app as a source in a policy; no source for a malformed request. */
  private String ownAddress(ServerRequest request) {
    var host = request.headers().first(HeaderNames.HOST).orElse("");
    var parts = BY_PATH.matcher(path(request).orElse(""));
    return HOST.matcher(host).matches()
            && parts.matches()
            && Slugs.isSlug(parts.group(1))
            && Slugs.isSlug(parts.group(2))
        ? host + basePath.get() + AppAddresses.PATH + parts.group(1) + "/" + parts.group(2) + "/"
        : "'none'";
  }

  /** Answers a request for a file of a package on the server's own host, or in a preview. */
  void serveVendored(ServerRequest request, ServerResponse response) {
    SitePolicies.sharedFile(response.headers());
    send(
        request,
        response,
        () ->
            path(request)
                .flatMap(path -> vendored(path, request))
                .orElseGet(() -> NotFoundPage.answer(false)));
  }

  private Optional<Answer> byPath(String path, ServerRequest request) {
    var parts = BY_PATH.matcher(path);
    // A service worker below the path would see requests of other apps on this host.
    if (!parts.matches()
        || request.headers().contains(HeaderNames.create("Service-Worker"))
        || !Slugs.isSlug(parts.group(1))
        || !Slugs.isSlug(parts.group(2))) {
      return Optional.empty();
    }
    return parts.group(3) == null
        ? Optional.of(withSlash(request))
        : answer(new AppName(parts.group(1), parts.group(2)), parts.group(3), false, request);
  }

  /**
   * The answer for a path below the root of an app.
   *
   * @param onOwnHost whether the request came to the app's own host
   */
  private Optional<Answer> answer(
      AppName app, String path, boolean onOwnHost, ServerRequest request) {
    var byRelease = RELEASE.matcher(path);
    var base = onOwnHost ? "" : basePath.get();
    if (!byRelease.matches()) {
      return find(app, Optional.empty())
          .flatMap(
              release ->
                  content.find(
                      release,
                      new Place(path, onOwnHost, base),
                      isNavigation(request),
                      Caching.REVALIDATE));
    }
    var id = ContentId.parse(byRelease.group(1));
    if (id.isEmpty()) {
      return Optional.empty();
    }
    if (byRelease.group(2) == null) {
      return Optional.of(withSlash(request));
    }
    return find(app, id)
        .flatMap(
            release ->
                content.find(
                    release,
                    new Place(byRelease.group(2), false, base),
                    isNavigation(request),
                    Caching.FOREVER));
  }

  /** The release to serve; empty if it does not exist, or if the app is unpublished. */
  Optional<Release> find(AppName app, Optional<ContentId> fsId) {
    return Futures.await(
        fsId.isPresent()
            ? releases.byFiles(app.userSlug(), app.appSlug(), fsId.get())
            : releases.production(app.userSlug(), app.appSlug()));
  }

  /** The name of the author that the app's page shows. */
  Optional<String> author(AppName app) {
    return Futures.await(releases.author(app.userSlug(), app.appSlug()));
  }

  /** The room's page names packages with the base path, also in previews on hosts without it. */
  private Optional<Answer> vendored(String pathOnHost, ServerRequest request) {
    var below = basePath.get();
    var path =
        pathOnHost.startsWith(below + VENDORED) ? pathOnHost.substring(below.length()) : pathOnHost;
    if (!path.startsWith(VENDORED)) {
      return Optional.empty();
    }
    var name = path.substring(VENDORED.length());
    return vendored
        .find(name)
        .map(
            file -> {
              var brotli = file.brotli().filter(_ -> acceptsBrotli(request));
              var body = brotli.orElse(file.content());
              var answer =
                  name.indexOf('/') < 0
                      ? Answer.content(
                          ContentId.of(body), body, file.mediaType(), Caching.REVALIDATE)
                      // The path names the content, and reading a large file again costs more.
                      : Answer.content(
                          ContentId.of(Bytes.utf8(brotli.isPresent() + name)),
                          body,
                          file.mediaType(),
                          Caching.FOREVER);
              var varied = answer.with(HeaderNames.VARY, "Accept-Encoding");
              return brotli.isPresent() ? varied.with(HeaderNames.CONTENT_ENCODING, "br") : varied;
            });
  }

  /** Whether the client accepts Brotli; a client that gives it a quality gets plain content. */
  private static boolean acceptsBrotli(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.ACCEPT_ENCODING)
        .filter(
            accepted ->
                Arrays.stream(accepted.split(",", -1)).map(String::strip).anyMatch("br"::equals))
        .isPresent();
  }

  private static Answer withSlash(ServerRequest request) {
    var query = request.prologue().query().rawValue();
    return Answer.redirect(
        request.prologue().uriPath().rawPath() + "/" + (query.isEmpty() ? "" : "?" + query));
  }

  /** The decoded path of a request; empty if it names no file. */
  static Optional<String> path(ServerRequest request) {
    return SitePath.decode(request.prologue().uriPath().rawPath());
  }

  static boolean isNavigation(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.ACCEPT)
        .filter(a -> a.contains("text/html"))
        .isPresent();
  }

  /** Sends an answer; a failure becomes an answer too, since no other filter sees it. */
  static void send(ServerRequest request, ServerResponse response, Supplier<Answer> found) {
    Answer answer;
    try {
      answer = Answer.reads(request) ? found.get() : Answer.methodNotAllowed();
    } catch (AppsException e) {
      answer = Answer.text(e.code().status(), "The server cannot read this app at present.");
    } catch (RuntimeException e) {
      LOG.error("a request for an app failed", e);
      answer = Answer.text(500, "The server failed.");
    }
    answer.send(request, response);
  }
}
