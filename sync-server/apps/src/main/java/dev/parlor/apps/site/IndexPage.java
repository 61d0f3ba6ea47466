package dev.parlor.apps.site;

import dev.parlor.apps.release.Release;
import dev.parlor.apps.release.ReleasedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The page with which an app starts. All URLs in it are relative, so both addresses serve it. */
final class IndexPage {
  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script\\b[^>]*\\btype\\s*=\\s*[\"']?\\s*importmap\\b");
  private static final Pattern COMMENT = Pattern.compile("<!--.*?(-->|$)", Pattern.DOTALL);
  private static final Pattern HEAD = Pattern.compile("<head(\\s[^>]*)?>");
  private static final Pattern DOCTYPE = Pattern.compile("\\A\\uFEFF?\\s*<!doctype[^>]*>");

  /** A page that has neither cannot use the API of apps. */
  private static final Pattern CAN_USE_API = Pattern.compile("<script\\b|parlor");

  private static final String RUNTIME = runtime();

  private static final String MOUNT =
      """
        const App = started.default;
        if (typeof App === "function" || App?.$$typeof !== undefined) {
          const [{ createElement }, { createRoot }] =
            await Promise.all([import("react"), import("react-dom/client")]);
          createRoot(root).render(createElement(App));
        }
      """;

  private IndexPage() {}

  private static String runtime() {
    try (var in = Objects.requireNonNull(IndexPage.class.getResourceAsStream("runtime.js"))) {
      return "\n" + new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the script of apps is unreadable", e);
    }
  }

  /**
   * The page of an app with a module as its entry. The module's default export is the component to
   * show; a module without one draws its page itself. {@code runtime.js} describes the API of apps.
   *
   * @param depth the number of slashes in the path of the request below the root of the app
   */
  static String ofModule(Release release, ReleasedFile entry, ImportMapText map, int depth) {
    var hasReact = map.has("react") && map.has("react-dom/client");
    return """
        <!doctype html>
        <html>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <script type="importmap">%s</script>
        %s
        </head>
        <body>
        <div id="root"></div>
        <script type="module">%s</script>
        </body>
        </html>
        """
        .formatted(
            release.appSlug(),
            map.script(depth),
            api(release),
            start(SitePath.relative(entry.fileName(), depth), hasReact ? MOUNT : ""));
  }

  /** The script that imports the entry; the URL has no character that ends a string. */
  private static String start(String url, String mount) {
    return """

        const root = document.getElementById("root");
        try {
          const started = await import("%s");
        %s} catch (error) {
          root.textContent = `This app did not start. ${error}`;
          throw error;
        }
        """
        .formatted(url, mount);
  }

  /**
   * A page of the app's author. Before its first script it gets the import map, unless it has its
   * own, and the API of apps, unless it cannot use it. All else stays as it is.
   *
   * @param map the import map of the release; empty if no module of it imports a package
   * @param depth as for {@link #ofModule}
   */
  static String ofPage(Release release, String html, Optional<ImportMapText> map, int depth) {
    // The same text without comments and in lower case, with every character at its place.
    var plain =
        COMMENT
            .matcher(html)
            .replaceAll(match -> " ".repeat(match.end() - match.start()))
            .toLowerCase(Locale.ROOT);
    var added =
        map.filter(_ -> !IMPORT_MAP.matcher(plain).find())
                .map(imports -> "<script type=\"importmap\">" + imports.script(depth) + "</script>")
                .orElse("")
            + (CAN_USE_API.matcher(plain).find() ? api(release) : "");
    var at = plain.length() == html.length() ? place(plain) : 0;
    return html.substring(0, at) + added + html.substring(at);
  }

  /** The scripts with the environment and the API of apps. */
  private static String api(Release release) {
    return "<script type=\"application/json\" id=\"parlor-env\">"
        + ImportMapText.values(new TreeMap<>(release.environment()))
        + "</script>\n<script>"
        + RUNTIME
        + "</script>";
  }

  /** The place after the start tag of the head; after the doctype if there is no such tag. */
  private static int place(String plain) {
    var head = HEAD.matcher(plain);
    if (head.find()) {
      return head.end();
    }
    var doctype = DOCTYPE.matcher(plain);
    return doctype.find() ? doctype.end() : 0;
  }
}
