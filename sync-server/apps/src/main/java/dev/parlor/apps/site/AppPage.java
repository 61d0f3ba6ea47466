package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.address.AppName;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.slug.Slugs;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The page {@code /vibe/{user}/{app}}: a bar with the app's name, and the app in a frame. If the
 * app has its own origin, the page tells it the viewer's identity and name, and never a token. A
 * document in a sandbox has no origin to address, so it learns nothing. The bar shows the author's
 * name only if the author asked for it, and it links to a copy of the app in a room.
 */
public final class AppPage {
  private static final Pattern PATH = Pattern.compile("/vibe/([^/]+)/([^/]+)(/.*)?");

  /** The front page offers a copy of the app that this query names. */
  private static final String REMIX_PATH = "/?remix=";

  private static final String SANDBOX =
      "allow-scripts allow-forms allow-modals allow-popups allow-pointer-lock allow-downloads";

  private static final String STYLE =
      """
      :root { color-scheme: light dark }
      body { margin: 0; height: 100dvh; display: flex; flex-direction: column;
        font: 0.9rem/1.4 system-ui, sans-serif }
      header { display: flex; gap: 0.9rem; align-items: center; min-height: 2.75rem; padding: 0 0.9rem;
        border-bottom: 1px solid color-mix(in srgb, CanvasText 15%, transparent) }
      header strong, header span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
      header strong { flex: 0 1 auto; min-width: 6ch }
      header span { flex: 0 2 auto; min-width: 0; opacity: 0.75 }
      header a { flex: none; color: inherit; text-underline-offset: 0.2em }
      header a:first-of-type { margin-left: auto; padding: 0.3rem 0.8rem; border: 1px solid; border-radius: 0.5rem;
        font-weight: 600; text-decoration: none }
      @media (max-width: 30rem) {
        header { flex-wrap: wrap; gap: 0.3rem 0.9rem; padding: 0.5rem 0.9rem }
        header a:first-of-type { margin-left: 0 }
      }
      iframe { flex: 1; border: 0; width: 100% }
      """;

  private static final String SCRIPT =
      """
      const frame = document.querySelector("iframe");
      const origin = frame.dataset.origin;
      function viewer() {
        try {
          const me = JSON.parse(localStorage.getItem("parlor.me"));
          return { identity: String(me.identity), name: String(me.name) };
        } catch {
          return null;
        }
      }
      if (origin) {
        frame.addEventListener("load", () => {
          const known = viewer();
          if (known === null) return;
          const channel = new MessageChannel();
          frame.contentWindow.postMessage({ type: "init" }, origin, [channel.port2]);
          channel.port1.postMessage({ type: "viewer", viewer: known });
        });
      }
      frame.src = frame.dataset.src;
      """;

  private final AppAddresses addresses;
  private final AppSite site;

  public AppPage(AppAddresses addresses, AppSite site) {
    this.addresses = addresses;
    this.site = site;
  }

  /** Adds the route on the server's own host. */
  public void addTo(HttpRouting.Builder routing) {
    routing.any(AppAddresses.PAGE_PATH + "*", this::serve);
  }

  private void serve(ServerRequest request, ServerResponse response) {
    response.headers().set(SitePolicies.CSP, policy());
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    AppSite.send(
        request,
        response,
        () ->
            AppSite.path(request)
                .flatMap(this::page)
                .orElseGet(() -> NotFoundPage.answer(AppSite.isNavigation(request))));
  }

  private Optional<Answer> page(String path) {
    var parts = PATH.matcher(path);
    if (!parts.matches() || !Slugs.isSlug(parts.group(1)) || !Slugs.isSlug(parts.group(2))) {
      return Optional.empty();
    }
    var app = new AppName(parts.group(1), parts.group(2));
    var rest = parts.group(3) == null ? "/" : parts.group(3);
    Optional<ContentId> fsId = Optional.empty();
    if (!rest.equals("/")) {
      var release = AppSite.RELEASE.matcher(rest);
      fsId = release.matches() ? ContentId.parse(release.group(1)) : Optional.empty();
      if (fsId.isEmpty() || !"/".equals(Optional.ofNullable(release.group(2)).orElse("/"))) {
        return Optional.empty();
      }
    }
    var shown = fsId;
    return site.find(app, shown).map(_ -> Answer.html(200, document(app, shown)));
  }

  private String document(AppName app, Optional<ContentId> fsId) {
    var origin = addresses.origin(app);
    var url = addresses.app(app.userSlug(), app.appSlug(), fsId);
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%1$s</title>
        <style>%2$s</style>
        </head>
        <body>
        <header><strong>%1$s</strong>%7$s<a href="%8$s">Remix</a><a href="%3$s" target="_blank" rel="noopener">Open without bar</a></header>
        <iframe title="%1$s" data-src="%3$s" data-origin="%4$s" sandbox="%5$s" allow="fullscreen; clipboard-write"></iframe>
        <script>%6$s</script>
        </body>
        </html>
        """
        .formatted(
            app.appSlug(),
            STYLE,
            // The browser may know this host by another name than the public URL.
            origin.isPresent() ? url : url.getRawPath(),
            origin.orElse(""),
            SANDBOX
                + (origin.isPresent() ? " allow-same-origin allow-popups-to-escape-sandbox" : ""),
            SCRIPT,
            site.author(app)
                .map(name -> "<span>by <bdi>" + HtmlText.escaped(name) + "</bdi></span>")
                .orElse(""),
            addresses.basePath() + REMIX_PATH + app.userSlug() + "/" + app.appSlug());
  }

  private String policy() {
    return "default-src 'none'; script-src "
        + hash(SCRIPT)
        + "; style-src 'unsafe-inline'; frame-src "
        + addresses.frameSources()
        + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  private static String hash(String text) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
