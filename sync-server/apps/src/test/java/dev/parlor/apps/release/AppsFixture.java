package dev.parlor.apps.release;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.MemoryRecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Apps over a record store in memory, with a clock and slugs that the test sets. */
final class AppsFixture {
  static final String ADA = "jwt:ada";
  static final String BOB = "jwt:bob";

  final MemoryRecordStore store = new MemoryRecordStore();
  final PlainTransformer transformer = new PlainTransformer();

  /** The next slugs to draw; then {@code drawn-1}, {@code drawn-2} and so on. */
  final Deque<String> slugs = new ArrayDeque<>();

  private final AtomicLong drawn = new AtomicLong();
  private final AtomicLong millis = new AtomicLong(1_796_000_000_000L);
  private final InstantSource clock = () -> Instant.ofEpochMilli(millis.incrementAndGet());
  private final Transactions transactions = new Transactions(store);
  final StoredAssets assets = new StoredAssets(store, transactions, clock);
  final StoredApps apps;

  AppsFixture() {
    this(Quotas.defaults());
  }

  AppsFixture(Quotas quotas) {
    apps =
        new StoredApps(
            transactions, assets, transformer, transformer, quotas, this::nextSlug, clock);
  }

  private synchronized String nextSlug() {
    return slugs.isEmpty() ? "drawn-" + drawn.incrementAndGet() : slugs.removeFirst();
  }

  /** Moves the clock. */
  void advance(java.time.Duration time) {
    millis.addAndGet(time.toMillis());
  }

  /** Deploys one file {@code /App.jsx} with this text. */
  Release deploy(String user, String app, Mode mode, String text) throws Exception {
    return get(apps.deploy(user, request(mode, app, code("/App.jsx", text)))).release();
  }

  static DeployRequest request(Mode mode, String app, SourceFile... files) {
    return new DeployRequest(mode, Optional.of(app), Optional.empty(), Map.of(), List.of(files));
  }

  static SourceFile code(String name, String text) {
    return new SourceFile(name, false, Optional.empty(), new SourceFile.Content.Code("jsx", text));
  }

  static SourceFile reference(String name, ContentId id) {
    return new SourceFile(
        name, false, Optional.empty(), new SourceFile.Content.Reference(id.text()));
  }

  static SourceFile binary(String name, byte[] bytes) {
    return new SourceFile(
        name, false, Optional.empty(), new SourceFile.Content.Binary(Bytes.wrap(bytes)));
  }

  /** The number of records in all tables of apps. */
  List<String> keys(String table) throws Exception {
    var keys = new ArrayList<String>();
    get(store.range(Range.ofPrefix(table, "", 100_000))).forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  static AppsException refusal(CompletableFuture<?> result) {
    var error = assertThrows(ExecutionException.class, () -> get(result));
    return assertInstanceOf(AppsException.class, error.getCause());
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }
}
