package dev.parlor.apps.site;

import dev.parlor.apps.asset.AssetStore;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.release.Release;
import dev.parlor.apps.release.ReleasedFile;
import dev.parlor.apps.release.ReleasedFile.Transform;
import dev.parlor.apps.site.Answer.Caching;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Finds the content of a path in a release. Only the files of the release are found: an id of an
 * asset that belongs to another release names nothing here.
 */
final class ReleaseContent {
  private static final String IMPORT_MAP = "/~~calculated~~/import-map.json";

  /** Below this path, files are served as their author wrote them. */
  private static final String SOURCE = "/~~source~~";

  private static final String JAVASCRIPT = MediaTypes.ofName("a.js");
  private static final String PLAIN = MediaTypes.ofName("a.txt");
  private static final Set<String> MODULES = Set.of("jsx", "tsx", "ts", "js", "mjs");

  /** Endings that a module may leave out when it imports another module. */
  private static final List<String> IMPLIED =
      List.of(".jsx", ".tsx", ".ts", ".js", ".mjs", "/index.jsx", "/index.tsx", "/index.js");

  /** The start of a package's path after a quotation mark or a parenthesis. */
  private static final Pattern PACKAGE = Pattern.compile("(?<=[\"'(])/~~vendor~~/");

  private final AssetStore assets;
  private final ContentCache cache;
  private final GeneratedPages pages = new GeneratedPages();

  ReleaseContent(AssetStore assets, ContentCache cache) {
    this.assets = assets;
    this.cache = cache;
  }

  /**
   * Where a file is shown.
   *
   * @param path decoded, below the root of the app
   * @param atRoot whether the root of the app is the root of its host, so that absolute paths in
   *     the app's files are right
   * @param serverBase the base path of the server, below which its packages are on this host; empty
   *     on the app's own host
   */
  record Place(String path, boolean atRoot, String serverBase) {

    /** A page or style sheet of the app, with the paths of packages as they are on this host. */
    String withPackages(String text) {
      return serverBase.isEmpty() ? text : PACKAGE.matcher(text).replaceAll(serverBase + "$0");
    }

    /** The number of slashes in the path. */
    int depth() {
      return Math.toIntExact(path.chars().filter(c -> c == '/').count());
    }
  }

  /**
   * The answer for a path.
   *
   * @param isNavigation whether the client wants a page
   * @return empty if the release has nothing there
   */
  Optional<Answer> find(Release release, Place place, boolean isNavigation, Caching caching) {
    var path = place.path();
    var named = path.endsWith("/") ? path + "index.html" : path;
    var file = file(release, named);
    if (file.isPresent()) {
      return Optional.of(answer(release, file.get(), place, caching));
    }
    if (path.startsWith(SOURCE + "/")) {
      return file(release, path.substring(SOURCE.length()))
          .map(found -> Answer.content(found.assetId(), load(found.assetId()), PLAIN, caching));
    }
    if (path.equals("/")) {
      return entry(release).map(entry -> start(release, entry, place, caching));
    }
    if (path.startsWith("/~") || !MediaTypes.extension(path).isEmpty()) {
      return Optional.empty();
    }
    return isNavigation
        ? entry(release).map(entry -> start(release, entry, place, caching))
        : IMPLIED.stream()
            .flatMap(ending -> file(release, path + ending).stream())
            .findFirst()
            .map(module -> answer(release, module, place, caching));
  }

  private static Optional<ReleasedFile> file(Release release, String name) {
    return release.files().stream().filter(file -> file.fileName().equals(name)).findFirst();
  }

  /** An index page wins over the entry point. */
  private static Optional<ReleasedFile> entry(Release release) {
    return file(release, "/index.html")
        .or(() -> release.files().stream().filter(ReleasedFile::entryPoint).findFirst());
  }

  private Answer start(Release release, ReleasedFile entry, Place place, Caching caching) {
    if (MODULES.contains(MediaTypes.extension(entry.fileName()))) {
      var page =
          generated(
              release,
              entry,
              place,
              () ->
                  Bytes.utf8(
                      place.withPackages(
                          IndexPage.ofModule(release, entry, importMap(release), place.depth()))));
      return Answer.content(page.id(), page.bytes(), Answer.HTML, caching);
    }
    // The relative URLs of a page count from its own folder.
    if (place.path().equals("/") && entry.fileName().lastIndexOf('/') > 0) {
      return Answer.redirect(SitePath.relative(entry.fileName(), 1));
    }
    return answer(release, entry, place, caching);
  }

  private Answer answer(Release release, ReleasedFile file, Place place, Caching caching) {
    if (file.transform().orElse(null) instanceof Transform.JsxToJs(var id)) {
      return Answer.content(id, load(id), JAVASCRIPT, caching);
    }
    if (file.mimeType().startsWith("text/html")) {
      return derived(release, file, place, caching, html -> authorsPage(release, html, place));
    }
    if (file.mimeType().startsWith("text/css") && !place.atRoot()) {
      return derived(
          release,
          file,
          place,
          caching,
          css -> place.withPackages(PageUrls.ofStyle(css, place.depth())));
    }
    return Answer.content(
        file.assetId(), load(file.assetId()), withCharset(file.mimeType()), caching);
  }

  private String authorsPage(Release release, String html, Place place) {
    var imports =
        importsPackages(release)
            ? Optional.of(importMap(release))
            : Optional.<ImportMapText>empty();
    var placed = place.atRoot() ? html : PageUrls.ofPage(html, place.depth());
    return place.withPackages(IndexPage.ofPage(release, placed, imports, place.depth()));
  }

  /** A text file with changes that depend on its place. */
  private Answer derived(
      Release release,
      ReleasedFile file,
      Place place,
      Caching caching,
      UnaryOperator<String> change) {
    var content =
        generated(
            release,
            file,
            place,
            () -> {
              var source = load(file.assetId());
              var text = source.toUtf8();
              // A file that is no UTF-8 would lose characters.
              return Bytes.utf8(text).equals(source) ? Bytes.utf8(change.apply(text)) : source;
            });
    return Answer.content(content.id(), content.bytes(), withCharset(file.mimeType()), caching);
  }

  private GeneratedPages.Page generated(
      Release release, ReleasedFile file, Place place, Supplier<Bytes> generate) {
    var importMap = file(release, IMPORT_MAP).map(ReleasedFile::assetId);
    var key =
        new GeneratedPages.Key(
            release.appSlug(),
            release.fsId(),
            importMap,
            file.fileName(),
            place.depth(),
            place.atRoot(),
            place.serverBase());
    return pages.of(key, generate);
  }

  /** Whether a module of the release imports a package by its name. */
  private static boolean importsPackages(Release release) {
    return file(release, IMPORT_MAP)
        .flatMap(ReleasedFile::transform)
        .filter(
            transform ->
                transform instanceof Transform.ImportMap(var importing) && !importing.isEmpty())
        .isPresent();
  }

  /** A type of text without a charset would be read in the browser's own charset. */
  private static String withCharset(String mimeType) {
    var isText = mimeType.startsWith("text/") && !mimeType.contains("charset");
    return isText ? mimeType + "; charset=utf-8" : mimeType;
  }

  private ImportMapText importMap(Release release) {
    return file(release, IMPORT_MAP)
        .map(map -> ImportMapText.read(load(map.assetId())))
        .orElseGet(() -> ImportMapText.read(Bytes.EMPTY));
  }

  /** The bytes of an asset, from the cache if possible. */
  private Bytes load(ContentId id) {
    return cache
        .get(id)
        .orElseGet(
            () -> {
              var content =
                  Futures.await(assets.get(id))
                      .orElseThrow(() -> new IllegalStateException("asset " + id + " is missing"));
              cache.fill(id, content);
              return content;
            });
  }
}
