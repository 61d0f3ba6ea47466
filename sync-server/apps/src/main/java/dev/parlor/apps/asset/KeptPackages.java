package dev.parlor.apps.asset;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.transform.ImportMaps;
import dev.parlor.apps.transform.VendoredFiles;
import dev.parlor.apps.transform.VendoredPackages;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The packages of this server and of its earlier versions. The first release that imports a package
 * copies the whole set of packages into the assets, so that it still runs after an upgrade brought
 * another set. The table {@code vendored-sets} has the assets of each set; the set counts as their
 * owner, so a sweep keeps them. Safe from any thread.
 */
public final class KeptPackages implements ImportMaps, VendoredFiles {
  private static final String TABLE = "vendored-sets";
  private static final JsonRecord<KeptSet> KEPT_SET = new JsonRecord<>(KeptSet.class);

  /**
   * A stored set.
   *
   * @param files the ids of the contents by the paths in the set
   */
  record KeptSet(Map<String, String> files) {}

  private final VendoredPackages packages;
  private final RecordStore store;
  private final Transactions transactions;
  private final AssetStore assets;
  private @Nullable CompletableFuture<Boolean> kept;

  /** Keeps the packages of this version, and finds the packages of earlier versions. */
  public KeptPackages(
      VendoredPackages packages, RecordStore store, Transactions transactions, AssetStore assets) {
    this.packages = packages;
    this.store = store;
    this.transactions = transactions;
    this.assets = assets;
  }

  @Override
  public CompletableFuture<ImportMap> map(Map<String, Set<String>> imports) {
    var map = packages.map(imports);
    return imports.isEmpty() || packages.setId().isEmpty()
        ? map
        : map.thenCompose(made -> keep(packages.setId().get()).thenApply(_ -> made));
  }

  /** Copies the set once for the life of this process; a copy that failed is tried again. */
  private synchronized CompletableFuture<Boolean> keep(ContentId set) {
    var before = kept;
    if (before != null && !before.isCompletedExceptionally()) {
      return before;
    }
    var now = Futures.onVirtualThread(() -> copy(set));
    kept = now;
    return now;
  }

  /** Copies the set unless it is stored. */
  private boolean copy(ContentId set) {
    var key = new RecordKey(TABLE, set.text());
    if (Futures.await(store.read(key)).isPresent()) {
      return false;
    }
    var files = new TreeMap<String, String>();
    for (var path : packages.paths()) {
      var file = packages.find(set + "/" + path);
      if (file.isPresent()) {
        files.put(path, Futures.await(assets.put(file.get().content())).text());
      }
    }
    return Futures.await(transactions.run(set.text(), one -> write(one, set, files)));
  }

  private static boolean write(Transaction transaction, ContentId set, Map<String, String> files) {
    var key = new RecordKey(TABLE, set.text());
    if (transaction.read(key).isPresent()) {
      return false;
    }
    files.values().forEach(id -> StoredAssets.addUse(transaction, new ContentId(id), set.text()));
    transaction.put(key, KEPT_SET.write(new KeptSet(files)));
    return true;
  }

  @Override
  public Optional<String> outsideOrigin() {
    return packages.outsideOrigin();
  }

  @Override
  public Optional<File> find(String path) {
    return packages.find(path).or(() -> findKept(path));
  }

  private Optional<File> findKept(String path) {
    var slash = path.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    var name = path.substring(slash + 1);
    return ContentId.parse(path.substring(0, slash))
        .flatMap(set -> Futures.await(store.read(new RecordKey(TABLE, set.text()))))
        .flatMap(stored -> Optional.ofNullable(KEPT_SET.read(stored.value()).files().get(name)))
        .flatMap(ContentId::parse)
        .flatMap(
            id ->
                Futures.await(assets.get(id))
                    .map(content -> new File(content, MediaTypes.ofName(name), Optional.empty())));
  }
}
