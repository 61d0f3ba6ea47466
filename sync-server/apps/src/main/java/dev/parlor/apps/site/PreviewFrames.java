package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.apps.site.Answer.Caching;
import dev.parlor.crdt.identity.Bytes;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Serves the document for previews of apps in rooms: an empty page in a sandbox with the script
 * that receives the files from the room's page. The script is part of the built page. It is also
 * served on the hosts {@code run-{any}.{base}}.
 */
public final class PreviewFrames {
  private static final String PATH = "/~run/";
  private static final String SCRIPT_PATH = PATH + "run.js";
  private static final String RESOURCE = "web/run/run.js";

  /** The script is no module: browsers take an import map only before the first module. */
  private static final Bytes DOCUMENT =
      Bytes.utf8(
          """
          <!doctype html>
          <html>
          <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Preview</title>
          <script src="run.js" crossorigin></script>
          </head>
          <body>
          <div id="root"></div>
          </body>
          </html>
          """);

  private static final ContentId DOCUMENT_ID = ContentId.of(DOCUMENT);

  private final AppAddresses addresses;
  private final AppSite site;
  private final Optional<Bytes> script;

  /**
   * @param page the class loader that has the built page under {@code web/}
   */
  public PreviewFrames(AppAddresses addresses, AppSite site, ClassLoader page) {
    this.addresses = addresses;
    this.site = site;
    this.script = read(page);
  }

  private static Optional<Bytes> read(ClassLoader page) {
    try (var in = page.getResourceAsStream(RESOURCE)) {
      return in == null ? Optional.empty() : Optional.of(Bytes.wrap(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException("the script of previews is unreadable", e);
    }
  }

  /** Adds the routes on the server's own host. */
  public void addTo(HttpRouting.Builder routing) {
    routing.any(PATH, (request, response) -> document(request, response, "'self'"));
    routing.any(SCRIPT_PATH, this::script);
  }

  /** Answers a request on a host for previews: the document, its script, and the packages. */
  void serveOwnHost(ServerRequest request, ServerResponse response) {
    switch (AppSite.path(request).orElse("")) {
      case PATH -> document(request, response, addresses.frameAncestors());
      case SCRIPT_PATH -> script(request, response);
      default -> site.serveVendored(request, response);
    }
  }

  private static void document(ServerRequest request, ServerResponse response, String ancestors) {
    SitePolicies.preview(response.headers(), ancestors);
    AppSite.send(
        request,
        response,
        () -> Answer.content(DOCUMENT_ID, DOCUMENT, Answer.HTML, Caching.REVALIDATE));
  }

  private void script(ServerRequest request, ServerResponse response) {
    SitePolicies.sharedFile(response.headers());
    AppSite.send(
        request,
        response,
        () ->
            script
                .map(
                    bytes ->
                        Answer.content(
                            ContentId.of(bytes),
                            bytes,
                            MediaTypes.ofName(SCRIPT_PATH),
                            Caching.REVALIDATE))
                .orElseGet(() -> Answer.text(404, "The page is not built.")));
  }
}
