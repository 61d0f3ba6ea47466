package dev.parlor.room.access;

import dev.parlor.relay.storage.RecordTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
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
      var put = table.putIfAbsent(room.slug(), json.write(new OwnerRecord(identity, null, null)));
      put.committed().join();
    }
  }

  /**
   * Creates a recovery key, which replaces the previous one; on disk when this returns.
   *
   * @return the key, or empty if this identity is not the owner
   */
  public Optional<String> newRecoveryKey(RoomInfo room, String identity) {
    var key = ids.recoveryKey();
    while (isOwner(room, identity)) {
      var previous = table.get(room.slug());
      var stored = new OwnerRecord(identity, sha256(key), clock.millis());
      var outcome = table.replace(room.slug(), previous, json.write(stored));
      if (outcome.replaced()) {
        outcome.committed().join();
        return Optional.of(key);
      }
    }
    return Optional.empty();
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
    while (true) {
      var record = table.get(room.slug());
      var stored = record.map(json::read);
      var storedHash = stored.map(OwnerRecord::recoverySha256);
      if (storedHash.filter(hash -> isEqual(hash, sha256(key))).isEmpty()) {
        return Optional.empty();
      }
      var previousOwner = stored.get().owner();
      if (!previousOwner.equals(identity)) {
        demote.accept(previousOwner);
      }
      var replacement = new OwnerRecord(identity, storedHash.get(), stored.get().recoveryAt());
      var outcome = table.replace(room.slug(), record, json.write(replacement));
      if (outcome.replaced()) {
        outcome.committed().join();
        return Optional.of(previousOwner);
      }
    }
  }

  /** Compares in constant time. */
  private static boolean isEqual(String storedHash, String sentHash) {
    return MessageDigest.isEqual(
        storedHash.getBytes(StandardCharsets.UTF_8), sentHash.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
