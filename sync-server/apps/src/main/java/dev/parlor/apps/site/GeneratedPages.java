package dev.parlor.apps.site;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The pages and style sheets that were generated last. The parts of a key determine the page, so a
 * page is never out of date. At the limit, the page that was not requested for longest is dropped.
 * Safe from any thread.
 */
final class GeneratedPages {

  /**
   * All that a page depends on.
   *
   * @param fsId the id of the release's files and environment
   * @param importMap the id of the release's import map
   * @param entry the name of the file
   * @param depth the number of slashes in the path of the request below the root of the app
   * @param atRoot whether the root of the app is the root of its host
   * @param serverBase the base path of the server on this host
   */
  record Key(
      String appSlug,
      ContentId fsId,
      Optional<ContentId> importMap,
      String entry,
      int depth,
      boolean atRoot,
      String serverBase) {}

  /**
   * A page.
   *
   * @param id the id of the bytes
   */
  record Page(ContentId id, Bytes bytes) {}

  private final Map<Key, Page> pages =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Page> eldest) {
          return size() > AppLimits.GENERATED_PAGES_MAX;
        }
      };

  /**
   * The page of this key.
   *
   * @param generate makes its bytes
   */
  Page of(Key key, Supplier<Bytes> generate) {
    synchronized (pages) {
      var known = pages.get(key);
      if (known != null) {
        return known;
      }
    }
    var bytes = generate.get();
    var page = new Page(ContentId.of(bytes), bytes);
    if (bytes.length() <= AppLimits.GENERATED_PAGE_BYTES_MAX) {
      synchronized (pages) {
        pages.put(key, page);
      }
    }
    return page;
  }
}
