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

  private final AssetStore assets;
  private final ContentCache cache;
  private final GeneratedPages pages = new GeneratedPages();

  ReleaseContent(AssetStore assets, ContentCache cache) {
    this.assets = assets;
    this.cache = cache;
  }

  /**
   * The answer for a path.
   *
   * @param path decoded, below the root of the app
   * @param isNavigation whether the client wants a page
   * @return empty if the release has nothing there
   */
  Optional<Answer> find(Release release, String path, boolean isNavigation, Caching caching) {
    var named = path.endsWith("/") ? path + "index.html" : path;
    var file = file(release, named);
    if (file.isPresent()) {
      return Optional.of(answer(release, file.get(), path, caching));
    }
    if (path.startsWith(SOURCE + "/")) {
      return file(release, path.substring(SOURCE.length()))
          .map(found -> Answer.content(found.assetId(), load(found.assetId()), PLAIN, caching));
    }
    if (path.equals("/")) {
      return entry(release).map(entry -> start(release, entry, path, caching));
    }
    if (path.startsWith("/~") || !MediaTypes.extension(path).isEmpty()) {
      return Optional.empty();
    }
    return isNavigation
        ? entry(release).map(entry -> start(release, entry, path, caching))
        : IMPLIED.stream()
            .flatMap(ending -> file(release, path + ending).stream())
            .findFirst()
            .map(module -> answer(release, module, path, caching));
  }

  private static Optional<ReleasedFile> file(Release release, String name) {
    return release.files().stream().filter(file -> file.fileName().equals(name)).findFirst();
  }

  /** An index page wins over the entry point. */
  private static Optional<ReleasedFile> entry(Release release) {
    return file(release, "/index.html")
        .or(() -> release.files().stream().filter(ReleasedFile::entryPoint).findFirst());
  }

  private Answer start(Release release, ReleasedFile entry, String path, Caching caching) {
    if (MODULES.contains(MediaTypes.extension(entry.fileName()))) {
      return page(
          release,
          entry,
          path,
          caching,
          () -> IndexPage.ofModule(release, entry, importMap(release), depth(path)));
    }
    // The relative URLs of a page count from its own folder.
    if (path.equals("/") && entry.fileName().lastIndexOf('/') > 0) {
      return Answer.redirect(SitePath.relative(entry.fileName(), 1));
    }
    return answer(release, entry, path, caching);
  }

  private static int depth(String path) {
    return Math.toIntExact(path.chars().filter(c -> c == '/').count());
  }

  private Answer answer(Release release, ReleasedFile file, String path, Caching caching) {
    if (file.transform().orElse(null) instanceof Transform.JsxToJs(var id)) {
      return Answer.content(id, load(id), JAVASCRIPT, caching);
    }
    var content = load(file.assetId());
    if (file.mimeType().startsWith("text/html") && importsPackages(release)) {
      return page(
          release,
          file,
          path,
          caching,
          () -> IndexPage.ofPage(content.toUtf8(), importMap(release), depth(path)));
    }
    return Answer.content(file.assetId(), content, withCharset(file.mimeType()), caching);
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

  private Answer page(
      Release release,
      ReleasedFile entry,
      String path,
      Caching caching,
      Supplier<String> generate) {
    var importMap = file(release, IMPORT_MAP).map(ReleasedFile::assetId);
    var key =
        new GeneratedPages.Key(
            release.appSlug(), release.fsId(), importMap, entry.fileName(), depth(path));
    var page = pages.of(key, generate);
    return Answer.content(page.id(), page.bytes(), Answer.HTML, caching);
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
