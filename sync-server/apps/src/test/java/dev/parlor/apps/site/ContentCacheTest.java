package dev.parlor.apps.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ContentCacheTest {
  private final ContentCache cache = new ContentCache(80, Runnable::run);

  private static Bytes content(int number, int length) {
    var bytes = new byte[length];
    bytes[0] = (byte) number;
    return Bytes.wrap(bytes);
  }

  private ContentId fill(int number, int length) {
    var content = content(number, length);
    cache.fill(ContentId.of(content), content);
    return ContentId.of(content);
  }

  @Test
  @DisplayName("at the limit the file that was not requested for longest leaves the cache")
  void evicts() {
    var first = fill(0, 10);
    var second = fill(1, 10);
    for (var number = 2; number < 8; number++) {
      fill(number, 10);
    }
    assertEquals(80, cache.bytes());
    assertEquals(Optional.of(content(0, 10)), cache.get(first));
    fill(8, 10);
    assertEquals(80, cache.bytes());
    assertEquals(Optional.of(content(0, 10)), cache.get(first));
    assertEquals(Optional.empty(), cache.get(second));
    assertEquals(2, cache.hits());
    assertEquals(1, cache.misses());
  }

  @Test
  @DisplayName("a file that is added twice counts once, and a file above an eighth is not cached")
  void counts() {
    fill(1, 10);
    fill(1, 10);
    assertEquals(10, cache.bytes());
    var large = fill(2, 11);
    assertEquals(10, cache.bytes());
    assertEquals(Optional.empty(), cache.get(large));
  }
}
