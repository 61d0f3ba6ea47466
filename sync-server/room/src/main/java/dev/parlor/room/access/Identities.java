package dev.parlor.room.access;

import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.limits.FixedServiceLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The identities of people: a public id and a proof of it. The proof is a key pair, of which the
 * server stores the public half, or a token.
 *
 * <p>A token is {@code <identity>.<256 random bits>}. The table stores only its SHA-256, so a
 * stolen store contains no usable token. The random part is too long to guess, so a fast hash is
 * enough.
 */
public final class Identities {

  private final RecordTable table;
  private final RandomIds ids;
  private final InstantSource clock;
  private final FreshRecords fresh;
  private final JsonRecords<Stored> json = new JsonRecords<>("identities", Stored.class);

  /**
   * @param table the durable table {@code identities}
   */
  public Identities(RecordTable table, RandomIds ids, InstantSource clock, FreshRecords fresh) {
    this.table = table;
    this.ids = ids;
    this.clock = clock;
    this.fresh = fresh;
  }

  /** A new identity with its token. The server cannot return the token again. */
  public record Issued(String identity, String token) {
    /** Omits the token. */
    @Override
    public String toString() {
      return "Issued[" + identity + "]";
    }
  }

  /**
   * The stored record: an identity has a token hash or a key. Records of earlier versions have no
   * member {@code key}.
   */
  private record Stored(
      String name, @Nullable String tokenSha256, long createdAt, @Nullable String key) {}

  /** Creates an identity that is proved by a key pair; completes when it is on disk. */
  public CompletableFuture<String> issue(String name, ProofKey key) {
    var identity = ids.identity();
    var stored = new Stored(name, null, clock.instant().toEpochMilli(), key.stored());
    return table.put(identity, json.write(stored)).thenApply(_ -> identity);
  }

  /**
   * Replaces the token of an identity with a key; the token becomes invalid.
   *
   * @return completes when the key is on disk, with false if the identity already has another key
   */
  public CompletableFuture<Boolean> attachKey(String identity, ProofKey key) {
    return RecordUpdate.start(
        table,
        identity,
        record -> {
          var previous = record.map(json::read).orElseThrow();
          if (previous.key() != null) {
            return RecordUpdate.Decision.keep(previous.key().equals(key.stored()));
          }
          var stored = new Stored(previous.name(), null, previous.createdAt(), key.stored());
          return RecordUpdate.Decision.put(json.write(stored), true);
        });
  }

  /** The public key of this identity; empty if the identity is unknown or has no key. */
  public Optional<ProofKey> key(String identity) {
    return stored(identity).map(Stored::key).map(ProofKey::ofStored);
  }

  private Optional<Stored> stored(String identity) {
    return identity.length() > FixedServiceLimits.IDENTITY_TOKEN_LENGTH_MAX
        ? Optional.empty()
        : fresh.find(table, identity).map(json::read);
  }

  /** Creates an identity with a token; completes when it is on disk. */
  public CompletableFuture<Issued> issue(String name) {
    var identity = ids.identity();
    var token = identity + "." + ids.secret();
    var stored =
        new Stored(
            name, HexFormat.of().formatHex(sha256(token)), clock.instant().toEpochMilli(), null);
    return table.put(identity, json.write(stored)).thenApply(_ -> new Issued(identity, token));
  }

  /**
   * The identity that this token proves; empty if the token is invalid. Compares in constant time.
   */
  public Optional<String> identityOf(String token) {
    var dot = token.indexOf('.');
    if (dot <= 0 || token.length() > FixedServiceLimits.IDENTITY_TOKEN_LENGTH_MAX) {
      return Optional.empty();
    }
    var identity = token.substring(0, dot);
    return fresh
        .find(table, identity)
        .map(json::read)
        .map(Stored::tokenSha256)
        .filter(hash -> MessageDigest.isEqual(HexFormat.of().parseHex(hash), sha256(token)))
        .map(_ -> identity);
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
