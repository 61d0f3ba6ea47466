package dev.parlor.apps.asset;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.Keys;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assets in the record store. The table {@code assets} has the bytes, {@code asset-times} the time
 * of the last {@link #put} of each, {@code asset-owners} the owners that use it.
 *
 * <p>An asset is stored before the release that uses it. A deploy that fails in between leaves an
 * asset without an owner; {@link #sweep} removes it a day later. A put of stored bytes renews the
 * time, so a sweep never removes an asset that a deploy is about to use.
 */
public final class StoredAssets implements AssetStore {
  private static final Logger LOG = LoggerFactory.getLogger(StoredAssets.class);

  /** The time for which an asset without owner stays; then the next sweep removes it. */
  static final Duration ORPHAN_AGE_MAX = Duration.ofDays(1);

  /** A put renews a time that is older than this. */
  private static final Duration RENEWED_AFTER = Duration.ofHours(1);

  private static final String TABLE = "assets";
  private static final String TIMES = "asset-times";
  private static final String OWNERS = "asset-owners";
  private static final int PAGE = 500;

  private final RecordStore store;
  private final Transactions transactions;
  private final InstantSource clock;

  public StoredAssets(RecordStore store, Transactions transactions, InstantSource clock) {
    this.store = store;
    this.transactions = transactions;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(ContentId id) {
    return store
        .read(new RecordKey(TABLE, id.text()))
        .thenApply(
            found -> {
              var bytes = found.map(RecordStore.VersionedValue::value);
              if (bytes.isPresent() && !ContentId.of(bytes.get()).equals(id)) {
                LOG.error("asset {} does not match its id; it is not served", id);
                return Optional.empty();
              }
              return bytes;
            });
  }

  @Override
  public CompletableFuture<ContentId> put(Bytes content) {
    var id = ContentId.of(content);
    return transactions.run(
        id.text(),
        transaction -> {
          var now = clock.instant();
          var key = new RecordKey(TIMES, id.text());
          var time = transaction.read(key).map(stored -> Instant.parse(stored.toUtf8()));
          if (time.isEmpty()) {
            transaction.put(new RecordKey(TABLE, id.text()), content);
          }
          if (time.isEmpty() || time.get().isBefore(now.minus(RENEWED_AFTER))) {
            transaction.put(key, Bytes.utf8(now.toString()));
          }
          return id;
        });
  }

  /**
   * Counts a use of an asset by an owner, in the transaction that stores the use.
   *
   * @return whether it is the owner's first use
   */
  public static boolean addUse(Transaction transaction, ContentId id, String owner) {
    var key = ownerKey(id, owner);
    var uses = transaction.read(key).map(StoredAssets::number).orElse(0L);
    transaction.put(key, Bytes.utf8(Long.toString(uses + 1)));
    return uses == 0;
  }

  /**
   * Takes back a use.
   *
   * @return whether it was the owner's last use
   */
  public static boolean removeUse(Transaction transaction, ContentId id, String owner) {
    var key = ownerKey(id, owner);
    var uses = transaction.read(key).map(StoredAssets::number).orElse(0L);
    if (uses > 1) {
      transaction.put(key, Bytes.utf8(Long.toString(uses - 1)));
    } else {
      transaction.remove(key);
    }
    return uses == 1;
  }

  /** Whether the owner uses the asset, so that it may refer to it by its id. */
  public static boolean isUsedBy(Transaction transaction, ContentId id, String owner) {
    return transaction.read(ownerKey(id, owner)).isPresent();
  }

  /**
   * Removes the assets without owner that are older than a day. Ends early if the thread is
   * interrupted.
   *
   * @return the number of removed assets
   */
  public int sweep() {
    var removed = 0;
    var from = "";
    while (true) {
      var page =
          Futures.await(
              store.range(
                  new Range(TIMES, from, String.valueOf(Character.MAX_VALUE), PAGE, false)));
      for (var entry : page) {
        if (Thread.currentThread().isInterrupted()) {
          return removed;
        }
        if (Futures.await(transactions.run(entry.key(), one -> removeOrphan(one, entry.key())))) {
          removed++;
        }
      }
      if (page.size() < PAGE) {
        return removed;
      }
      from = page.getLast().key() + '\0';
    }
  }

  private boolean removeOrphan(Transaction transaction, String id) {
    var timeKey = new RecordKey(TIMES, id);
    var time = transaction.read(timeKey).map(stored -> Instant.parse(stored.toUtf8()));
    var isOld = time.filter(clock.instant().minus(ORPHAN_AGE_MAX)::isAfter).isPresent();
    if (!isOld || !transaction.range(Range.ofPrefix(OWNERS, Keys.prefix(id), 1)).isEmpty()) {
      return false;
    }
    transaction.remove(timeKey);
    transaction.remove(new RecordKey(TABLE, id));
    return true;
  }

  private static RecordKey ownerKey(ContentId id, String owner) {
    return new RecordKey(OWNERS, Keys.of(id.text(), owner));
  }

  private static long number(Bytes stored) {
    return Long.parseLong(stored.toUtf8());
  }
}
