package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Predicate;

/**
 * Creates unguessable ids, slugs and secrets. Slugs and identities have 128 random bits in base58,
 * so that people can read them aloud or select them with a double click. Secrets have 256 random
 * bits.
 */
public final class RandomIds {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** Length of 16 bytes in base58, in characters; shorter numbers are padded. */
  static final int LENGTH = 22;

  /**
   * Maximum number of document ids to draw until an id is storable. After that the last id is used.
   */
  private static final int DRAWS_MAX = 1_000;

  private final SecureRandom random;
  private final Predicate<DocumentId> isStorable;

  public RandomIds(SecureRandom random) {
    this(random, _ -> true);
  }

  /**
   * @param isStorable whether a document with this id can be stored, which is false while its shard
   *     is unavailable; then another document id is drawn
   */
  public RandomIds(SecureRandom random, Predicate<DocumentId> isStorable) {
    this.random = random;
    this.isStorable = isStorable;
  }

  /** The name of a room in its links, 22 characters. */
  public String slug() {
    return base58(bytes(16));
  }

  /** The id of an identity, for example {@code id_5Kd3NBUAdUnhyzenEwVLy3}. */
  public String identity() {
    return "id_" + base58(bytes(16));
  }

  /** The id of an invitation, for example {@code inv_5Kd3NBUAdUnhyzenEwVLy3}. */
  String invitation() {
    return "inv_" + base58(bytes(16));
  }

  /** A recovery key, for example {@code rec_5Kd3NBUAdUnhyzenEwVLy3}. */
  String recoveryKey() {
    return "rec_" + base58(bytes(16));
  }

  public DocumentId documentId() {
    var drawn = DocumentId.of(Bytes.wrap(bytes(16)));
    for (var draw = 1; draw < DRAWS_MAX && !isStorable.test(drawn); draw++) {
      drawn = DocumentId.of(Bytes.wrap(bytes(16)));
    }
    return drawn;
  }

  /** 256 random bits as 43 characters of base64url. */
  String secret() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32));
  }

  /** Random bytes. */
  public byte[] bytes(int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Encodes 16 bytes as a base58 number of {@link #LENGTH} characters. */
  private static String base58(byte[] bytes) {
    var number = bytes.clone();
    var out = new char[LENGTH];
    for (var at = LENGTH - 1; at >= 0; at--) {
      var remainder = 0;
      for (var i = 0; i < number.length; i++) {
        var value = remainder * 256 + (number[i] & 0xff);
        number[i] = (byte) (value / 58);
        remainder = value % 58;
      }
      out[at] = ALPHABET.charAt(remainder);
    }
    return new String(out);
  }
}
