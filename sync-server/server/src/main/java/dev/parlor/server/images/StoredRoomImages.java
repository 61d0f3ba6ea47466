package dev.parlor.server.images;

import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.record.Keys;
import dev.parlor.apps.record.Transaction;
import dev.parlor.apps.record.Transactions;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Range;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.image.UploadedImage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Images of rooms. Their bytes are assets, stored once under their content id, as the files of apps
 * are. The table {@code room-images} has a record for each image of each room, {@code
 * room-image-accounts} the counts of each room. A room owns its images under a name that no user
 * can have, so an id alone gives no access: neither to another room nor to an app.
 *
 * <p>The bytes are stored before the record. An upload that fails in between leaves an asset
 * without an owner, which the sweep of assets removes a day later.
 */
public final class StoredRoomImages implements RoomImages {
  private static final String TABLE = "room-images";
  private static final String ACCOUNTS = "room-image-accounts";

  /** Identities contain no blank, so a room never owns the assets of a user. */
  private static final String OWNER_PREFIX = "room ";

  private static final int COPIED_PAGE = 100;

  private static final JsonRecord<ImageRecord> IMAGE = new JsonRecord<>(ImageRecord.class);
  private static final JsonRecord<ImageAccount> ACCOUNT = new JsonRecord<>(ImageAccount.class);

  private final RecordStore store;
  private final Transactions transactions;
  private final StoredAssets assets;
  private final InstantSource clock;

  public StoredRoomImages(RecordStore store, InstantSource clock) {
    this.store = store;
    this.transactions = new Transactions(store);
    this.assets = new StoredAssets(store, transactions, clock);
    this.clock = clock;
  }

  @Override
  public CompletableFuture<Addition> add(
      DocumentId room, String by, UploadedImage image, Quota quota) {
    var id = ContentId.of(image.content());
    // A refused image leaves no bytes, so the quota is checked before and again with the record.
    return transactions
        .read(transaction -> excess(transaction, room, id, by, image, quota))
        .thenCompose(
            excess ->
                excess.isPresent()
                    ? CompletableFuture.completedFuture(new Addition.Full(excess.get()))
                    : store(room, id, by, image, quota))
        .exceptionallyCompose(StoredRoomImages::failure);
  }

  private CompletableFuture<Addition> store(
      DocumentId room, ContentId id, String by, UploadedImage image, Quota quota) {
    return assets
        .put(image.content())
        .thenCompose(
            _ ->
                transactions.run(
                    room.value(), transaction -> record(transaction, room, id, by, image, quota)));
  }

  /** The reason why the room takes no further image; empty if it does, or has this image. */
  private static Optional<String> excess(
      Transaction transaction,
      DocumentId room,
      ContentId id,
      String by,
      UploadedImage image,
      Quota quota) {
    return transaction.read(key(room, id)).isPresent()
        ? Optional.empty()
        : account(transaction, room).plus(by, 1, image.content().length()).excess(by, quota);
  }

  private Addition record(
      Transaction transaction,
      DocumentId room,
      ContentId id,
      String by,
      UploadedImage image,
      Quota quota) {
    var known = transaction.read(key(room, id));
    if (known.isPresent()) {
      var renewed = IMAGE.read(known.get()).uploadedAt(clock.millis());
      transaction.put(key(room, id), IMAGE.write(renewed));
      return new Addition.Stored(id.text(), false);
    }
    var excess = excess(transaction, room, id, by, image, quota);
    if (excess.isPresent()) {
      return new Addition.Full(excess.get());
    }
    var bytes = image.content().length();
    var record =
        new ImageRecord(
            image.type().mediaType(),
            image.width(),
            image.height(),
            bytes,
            by,
            clock.millis(),
            false);
    transaction.put(key(room, id), IMAGE.write(record));
    transaction.put(accountKey(room), ACCOUNT.write(account(transaction, room).plus(by, 1, bytes)));
    StoredAssets.addUse(transaction, id, owner(room));
    return new Addition.Stored(id.text(), true);
  }

  @Override
  public CompletableFuture<Optional<StoredImage>> find(DocumentId room, String id) {
    var parsed = ContentId.parse(id);
    if (parsed.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return read(room, parsed.get())
        .thenCompose(
            record ->
                record.isEmpty()
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : assets
                        .get(parsed.get())
                        .thenApply(
                            content ->
                                content.map(
                                    bytes ->
                                        new StoredImage(
                                            id,
                                            record.get().mediaType(),
                                            record.get().width(),
                                            record.get().height(),
                                            bytes))));
  }

  @Override
  public CompletableFuture<Optional<ImageInfo>> info(DocumentId room, String id) {
    return ContentId.parse(id)
        .map(
            parsed ->
                read(room, parsed)
                    .thenApply(found -> found.map(record -> record.info(parsed.text()))))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
  }

  @Override
  public String idOf(Bytes content) {
    return ContentId.of(content).text();
  }

  @Override
  public CompletableFuture<Boolean> has(DocumentId room, String id) {
    return ContentId.parse(id)
        .map(parsed -> read(room, parsed).thenApply(Optional::isPresent))
        .orElseGet(() -> CompletableFuture.completedFuture(false));
  }

  private CompletableFuture<Optional<ImageRecord>> read(DocumentId room, ContentId id) {
    return store
        .read(key(room, id))
        .thenApply(found -> found.map(stored -> IMAGE.read(stored.value())));
  }

  @Override
  public CompletableFuture<Void> copyAll(DocumentId from, DocumentId to) {
    var prefix = Keys.prefix(from.value());
    return Futures.onVirtualThread(
            () -> {
              var start = prefix;
              while (true) {
                var page =
                    store
                        .range(
                            new Range(
                                TABLE, start, prefix + Character.MAX_VALUE, COPIED_PAGE, false))
                        .join();
                Futures.await(
                    transactions.run(
                        to.value(),
                        transaction -> {
                          page.forEach(entry -> copy(transaction, entry, prefix.length(), to));
                          return true;
                        }));
                if (page.size() < COPIED_PAGE) {
                  return true;
                }
                start = page.getLast().key() + '\0';
              }
            })
        .<Void>thenApply(_ -> null)
        .exceptionallyCompose(StoredRoomImages::failure);
  }

  private void copy(Transaction transaction, RecordStore.Entry entry, int idAt, DocumentId to) {
    var id = new ContentId(entry.key().substring(idAt));
    if (transaction.read(key(to, id)).isPresent()) {
      return;
    }
    var record = IMAGE.read(entry.value()).uploadedAt(clock.millis());
    transaction.put(key(to, id), IMAGE.write(record));
    transaction.put(
        accountKey(to),
        ACCOUNT.write(account(transaction, to).plus(record.by(), 1, record.bytes())));
    StoredAssets.addUse(transaction, id, owner(to));
  }

  // For the sweep.

  /** An image of a room that its document has not named yet. */
  record Unnamed(DocumentId room, String id, long at) {}

  /** A page of all images, in the order of their keys. */
  List<RecordStore.Entry> page(String from, int length) {
    return store
        .range(new Range(TABLE, from, String.valueOf(Character.MAX_VALUE), length, false))
        .join();
  }

  /** The image of an entry, unless the room's document has named it before. */
  static Optional<Unnamed> unnamed(RecordStore.Entry entry) {
    var record = IMAGE.read(entry.value());
    var slash = entry.key().indexOf('/');
    var id = entry.key().substring(slash + 1);
    return record.named()
        ? Optional.empty()
        : DocumentId.parse(entry.key().substring(0, slash))
                instanceof Decoding.Decoded<DocumentId>(var room)
            ? Optional.of(new Unnamed(room, id, record.at()))
            : Optional.empty();
  }

  /** Records that the room's document names the image, so that no sweep removes it. */
  CompletableFuture<Boolean> keep(Unnamed image) {
    var key = new RecordKey(TABLE, Keys.of(image.room().value(), image.id()));
    return transactions.run(
        image.room().value(),
        transaction -> {
          transaction
              .read(key)
              .ifPresent(stored -> transaction.put(key, IMAGE.write(IMAGE.read(stored).kept())));
          return true;
        });
  }

  /**
   * Removes an image from a room. Its bytes go with the next sweep of assets, if nothing has them.
   */
  CompletableFuture<Boolean> remove(Unnamed image) {
    var id = new ContentId(image.id());
    return transactions.run(
        image.room().value(),
        transaction -> {
          var stored = transaction.read(key(image.room(), id));
          if (stored.isEmpty()) {
            return false;
          }
          var record = IMAGE.read(stored.get());
          if (record.at() != image.at()) {
            return false; // It was uploaded again.
          }
          transaction.remove(key(image.room(), id));
          transaction.put(
              accountKey(image.room()),
              ACCOUNT.write(
                  account(transaction, image.room()).plus(record.by(), -1, -record.bytes())));
          StoredAssets.removeUse(transaction, id, owner(image.room()));
          return true;
        });
  }

  private static ImageAccount account(Transaction transaction, DocumentId room) {
    return transaction.read(accountKey(room)).map(ACCOUNT::read).orElse(ImageAccount.EMPTY);
  }

  private static String owner(DocumentId room) {
    return OWNER_PREFIX + room.value();
  }

  private static RecordKey key(DocumentId room, ContentId id) {
    return new RecordKey(TABLE, Keys.of(room.value(), id.text()));
  }

  private static RecordKey accountKey(DocumentId room) {
    return new RecordKey(ACCOUNTS, room.value());
  }

  /** A refusal of the store becomes the failure that the port promises. */
  private static <T> CompletableFuture<T> failure(Throwable thrown) {
    var cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return CompletableFuture.failedFuture(
        cause instanceof AppsException refused
            ? new IOException(refused.getMessage(), refused)
            : cause);
  }
}
