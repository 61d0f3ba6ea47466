package dev.parlor.apps.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GeneratedPagesTest {
  private static final ContentId FILES = ContentId.of(Bytes.utf8("files"));
  private static final ContentId MAP = ContentId.of(Bytes.utf8("map"));

  private final GeneratedPages pages = new GeneratedPages();
  private final AtomicInteger generated = new AtomicInteger();

  private static GeneratedPages.Key key(String appSlug, Optional<ContentId> map, int depth) {
    return new GeneratedPages.Key(appSlug, FILES, map, "/App.jsx", depth, true, "");
  }

  private GeneratedPages.Page page(GeneratedPages.Key key, int length) {
    return pages.of(
        key,
        () -> {
          generated.incrementAndGet();
          return Bytes.utf8("x".repeat(length));
        });
  }

  @Test
  @DisplayName("a page is generated once; another app, import map or depth has another page")
  void onePageForEachKey() {
    var first = page(key("app", Optional.of(MAP), 1), 10);
    assertEquals(ContentId.of(Bytes.utf8("x".repeat(10))), first.id());
    assertSame(first, page(key("app", Optional.of(MAP), 1), 10));
    assertEquals(1, generated.get());
    assertEquals(11, page(key("app", Optional.of(MAP), 2), 11).bytes().length());
    assertEquals(12, page(key("app", Optional.empty(), 1), 12).bytes().length());
    assertEquals(13, page(key("other", Optional.of(MAP), 1), 13).bytes().length());
  }

  @Test
  @DisplayName("a page above 64 KiB is not kept, and above 200 pages the oldest is dropped")
  void limits() {
    var large = key("large", Optional.empty(), 1);
    page(large, AppLimits.GENERATED_PAGE_BYTES_MAX + 1);
    page(large, AppLimits.GENERATED_PAGE_BYTES_MAX + 1);
    assertEquals(2, generated.get());
    for (var depth = 0; depth <= AppLimits.GENERATED_PAGES_MAX; depth++) {
      page(key("app", Optional.empty(), depth), 10);
    }
    var before = generated.get();
    page(key("app", Optional.empty(), AppLimits.GENERATED_PAGES_MAX), 10);
    assertEquals(before, generated.get());
    page(key("app", Optional.empty(), 0), 10);
    assertEquals(before + 1, generated.get());
  }
}
