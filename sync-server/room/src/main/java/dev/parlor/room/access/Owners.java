package dev.parlor.room.access;

import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The owner and the recovery key of each room, in a durable table under the room's slug. With the
 * recovery key, an owner who lost the browser becomes the owner again under a new identity. Without
 * a record, the owner is the identity that created the room. A room whose creator proved no
 * identity has no owner until {@link #claim}.
 *
 * <p>Every change is a compare-and-set of the record, so no thread or node overwrites a concurrent
 * change that it has not read. The table stores only the SHA-256 of a recovery key; the key has 128
 * random bits, so a fast hash is enough.
 */
public final class Owners {
  private final RecordTable table;
  private final RandomIds ids;
  private final InstantSource clock;
  private final JsonRecords<OwnerRecord> json = new JsonRecords<>("owners", OwnerRecord.class);

  /**
   * @param table the durable table {@code owners}
   */
  public Owners(RecordTable table, RandomIds ids, InstantSource clock) {
    this.table = table;
    this.ids = ids;
    this.clock = clock;
  }

  private record OwnerRecord(
      String owner, @Nullable String recoverySha256, @Nullable Long recoveryAt) {}

  /** The identity that owns the room, if any. */
  public Optional<String> of(RoomInfo room) {
    return table.get(room.slug()).map(json::read).map(OwnerRecord::owner).or(room::owner);
  }

  public boolean isOwner(RoomInfo room, String identity) {
    return of(room).filter(identity::equals).isPresent();
  }

  /** Makes this identity the owner if the room has no owner; on disk when this returns. */
  void claim(RoomInfo room, String identity) {
    if (of(room).isEmpty()) {
      var _ =
          RecordUpdate.run(
              table,
              room.slug(),
              stored ->
                  stored.isPresent()
                      ? RecordUpdate.Decision.keep(false)
                      : RecordUpdate.Decision.put(
                          json.write(new OwnerRecord(identity, null, null)), true));
    }
  }

  /**
   * Creates a recovery key, which replaces the previous one; on disk when this returns.
   *
   * @return the key, or empty if this identity is not the owner
   */
  public Optional<String> newRecoveryKey(RoomInfo room, String identity) {
    return RecordUpdate.run(
        table,
        room.slug(),
        stored -> {
          var owner = stored.map(json::read).map(OwnerRecord::owner).or(room::owner);
          if (owner.filter(identity::equals).isEmpty()) {
            return RecordUpdate.Decision.keep(Optional.empty());
          }
          var key = ids.recoveryKey();
          var record = new OwnerRecord(identity, Hashes.sha256(key), clock.millis());
          return RecordUpdate.Decision.put(json.write(record), Optional.of(key));
        });
  }

  /**
   * The time when the current recovery key was created, in milliseconds since the epoch; empty if
   * there is no key.
   */
  public Optional<Long> recoveryKeyCreatedAt(RoomInfo room) {
    return table.get(room.slug()).map(json::read).map(OwnerRecord::recoveryAt);
  }

  /**
   * Makes this identity the owner if the recovery key is correct; on disk when this returns. The
   * key stays valid until the owner replaces it.
   *
   * @param demote removes the rights of the previous owner, if that is another identity; called
   *     before the change, so that a crash never leaves two owners
   * @return the previous owner; empty if the key is not the recovery key of this room
   */
  Optional<String> recover(RoomInfo room, String identity, String key, Consumer<String> demote) {
    return RecordUpdate.run(
        table,
        room.slug(),
        record -> {
          var stored = record.map(json::read);
          var storedHash = stored.map(OwnerRecord::recoverySha256);
          if (storedHash.filter(hash -> isEqual(hash, Hashes.sha256(key))).isEmpty()) {
            return RecordUpdate.Decision.keep(Optional.empty());
          }
          var previousOwner = stored.get().owner();
          if (!previousOwner.equals(identity)) {
            demote.accept(previousOwner);
          }
          var replacement = new OwnerRecord(identity, storedHash.get(), stored.get().recoveryAt());
          return RecordUpdate.Decision.put(json.write(replacement), Optional.of(previousOwner));
        });
  }

  /** Asks the cluster for a record; returns whether it was asked. */
  boolean refresh(FreshRecords fresh, String slug) {
    return fresh.refresh(table, slug);
  }

  /** Compares in constant time. */
  private static boolean isEqual(String storedHash, String sentHash) {
    return MessageDigest.isEqual(
        storedHash.getBytes(StandardCharsets.UTF_8), sentHash.getBytes(StandardCharsets.UTF_8));
  }
}
