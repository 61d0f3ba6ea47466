package dev.parlor.apps.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.transform.ModuleCache.Outcome;
import dev.parlor.crdt.identity.Bytes;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModuleCacheTest {

  @Test
  @DisplayName("Above its bytes, the cache evicts the result that was used least recently")
  void leastRecentlyUsedIsEvicted() {
    var cache = new ModuleCache(35_000);
    cache.put(key("a"), module(10_000));
    cache.put(key("b"), module(10_000));
    cache.put(key("c"), module(10_000));
    assertTrue(cache.get(key("a")).isPresent());

    cache.put(key("d"), module(10_000));

    assertFalse(cache.get(key("b")).isPresent());
    assertTrue(cache.get(key("a")).isPresent());
    assertTrue(cache.get(key("c")).isPresent());
    assertTrue(cache.get(key("d")).isPresent());
  }

  @Test
  @DisplayName("A result that is put again counts once")
  void sameKeyCountsOnce() {
    var cache = new ModuleCache(25_000);
    cache.put(key("a"), module(10_000));
    for (var round = 0; round < 10; round++) {
      cache.put(key("b"), module(10_000));
    }

    assertTrue(cache.get(key("a")).isPresent());
  }

  @Test
  @DisplayName("A result above the cache's bytes is not kept")
  void tooLargeIsNotKept() {
    var cache = new ModuleCache(5_000);
    cache.put(key("a"), module(10_000));

    assertEquals(Optional.empty(), cache.get(key("a")));
  }

  private static ModuleCache.Key key(String source) {
    return new ModuleCache.Key(Syntax.JSX, ContentId.of(Bytes.utf8(source)));
  }

  private static Outcome module(int bytes) {
    return new Outcome.Compiled(
        new SourceTransformer.Module(Bytes.utf8("x".repeat(bytes)), Map.of()));
  }
}
