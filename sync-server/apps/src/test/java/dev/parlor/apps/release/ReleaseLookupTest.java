package dev.parlor.apps.release;

import static dev.parlor.apps.release.AppsFixture.ADA;
import static dev.parlor.apps.release.AppsFixture.code;
import static dev.parlor.apps.release.AppsFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Transactions;
import dev.parlor.relay.storage.MemoryRecordStore;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The reads of a lookup of a release. */
class ReleaseLookupTest {
  private static final int RELEASES = 200;

  private final CountingStore store = new CountingStore(new MemoryRecordStore());
  private final StoredApps apps = apps();

  private StoredApps apps() {
    var millis = new AtomicLong(1_796_000_000_000L);
    InstantSource clock = () -> Instant.ofEpochMilli(millis.incrementAndGet());
    var transactions = new Transactions(store);
    var transformer = new PlainTransformer();
    return new StoredApps(
        transactions,
        new StoredAssets(store, transactions, clock),
        transformer,
        transformer,
        new Quotas(10, 10, RELEASES, 1L << 30, 10),
        () -> "drawn-slug",
        clock);
  }

  private static final class CountingStore implements RecordStore {
    private final RecordStore store;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger ranges = new AtomicInteger();

    private CountingStore(RecordStore store) {
      this.store = store;
    }

    @Override
    public CompletableFuture<Optional<VersionedValue>> read(RecordKey key) {
      reads.incrementAndGet();
      return store.read(key);
    }

    @Override
    public CompletableFuture<List<Entry>> range(Range range) {
      ranges.incrementAndGet();
      return store.range(range);
    }

    @Override
    public CompletableFuture<Outcome> commit(RecordBatch batch) {
      return store.commit(batch);
    }
  }

  @Test
  @DisplayName(
      "a release is found by its files and by its number with a fixed number of reads, however many releases its app has")
  void fixedReads() throws Exception {
    get(apps.bindUserSlug(ADA, Optional.of("ada")));
    var releases = new ArrayList<Release>();
    var reads = new ArrayList<Integer>();
    for (var i = 0; i < RELEASES; i++) {
      var file = code("/App.jsx", "release " + i);
      releases.add(
          get(apps.deploy(ADA, AppsFixture.request(Mode.PRODUCTION, "my-app", file))).release());
      if (i == 1 || i == RELEASES - 1) {
        store.reads.set(0);
        store.ranges.set(0);
        var middle = releases.get(i / 2);
        assertEquals(
            Optional.of(middle), get(apps.reader().byFiles("ada", "my-app", middle.fsId())));
        assertEquals(
            Optional.of(releases.getLast()), get(apps.reader().production("ada", "my-app")));
        assertEquals(0, store.ranges.get(), "ranges");
        reads.add(store.reads.get());
      }
    }
    assertEquals(reads.getFirst(), reads.getLast());
    assertTrue(reads.getFirst() > 0 && reads.getFirst() <= 10, reads.toString());
  }
}
