package dev.parlor.apps.asset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.transform.BuiltPackages;
import dev.parlor.apps.transform.VendoredPackages;
import dev.parlor.relay.storage.MemoryRecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeptPackagesTest {
  private final MemoryRecordStore store = new MemoryRecordStore();
  private final Transactions transactions = new Transactions(store);
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-29T12:00:00Z"));
  private final StoredAssets assets = new StoredAssets(store, transactions, now::get);
  private final VendoredPackages built = BuiltPackages.load();

  @Test
  @DisplayName(
      "A release finds its packages after an upgrade to a server with other packages, and after a"
          + " sweep")
  void packagesSurviveAnUpgrade() throws Exception {
    get(kept(built).map(Map.of("clsx", Set.of("clsx"))));
    var set = built.setId().orElseThrow();
    now.updateAndGet(time -> time.plus(Duration.ofDays(2)));
    assertEquals(0, assets.sweep());

    var later = kept(new VendoredPackages(new URLClassLoader(new URL[0], null), Optional.empty()));

    for (var path : built.paths()) {
      var before = built.find(set + "/" + path).orElseThrow();
      var after = later.find(set + "/" + path).orElseThrow();
      assertEquals(before.content(), after.content(), path);
      assertEquals(before.mediaType(), after.mediaType(), path);
    }
    for (var path : List.of("clsx.js", set + "/no.js", set + "x/clsx.js", set + "/", "")) {
      assertEquals(Optional.empty(), later.find(path), path);
    }
  }

  @Test
  @DisplayName("A release without imports copies nothing")
  void nothingIsCopiedWithoutImports() throws Exception {
    get(kept(built).map(Map.of()));

    assertEquals(List.of(), get(store.range(Range.ofPrefix("assets", "", 10))));
  }

  @Test
  @DisplayName("If the disk refuses the copy, the deploy fails; the next deploy tries it again")
  void failedCopyIsTriedAgain() throws Exception {
    var packages = kept(built);
    store.refuseCommits(true);
    assertThrows(ExecutionException.class, () -> get(packages.map(Map.of("clsx", Set.of("clsx")))));

    store.refuseCommits(false);
    get(packages.map(Map.of("clsx", Set.of("clsx"))));

    assertEquals(1, get(store.range(Range.ofPrefix("vendored-sets", "", 10))).size());
  }

  private KeptPackages kept(VendoredPackages packages) {
    return new KeptPackages(packages, store, transactions, assets);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }
}
