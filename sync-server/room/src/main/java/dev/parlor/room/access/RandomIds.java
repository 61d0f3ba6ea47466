package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Predicate;

/**
 * Creates unguessable names. Slugs and identities have 128 random bits in base58, so that people
 * can read them aloud or select them with a double click. Tokens have 256 random bits.
 */
public final class RandomIds {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** Length of 16 bytes in base58, in characters; shorter numbers are padded. */
  static final int LENGTH = 22;

  /**
   * Maximum number of document ids to draw until a document can be stored under one. After that the
   * last id is used.
   */
  private static final int DRAWS_MAX = 1_000;

  private final SecureRandom random;
  private final Predicate<DocumentId> hasPlace;

  public RandomIds(SecureRandom random) {
    this(random, _ -> true);
  }

  /**
   * Creates ids of documents that can be stored.
   *
   * @param hasPlace whether a document with this id can be stored; otherwise another id is drawn
   */
  public RandomIds(SecureRandom random, Predicate<DocumentId> hasPlace) {
    this.random = random;
    this.hasPlace = hasPlace;
  }

  /** The name of a room in its links, 22 characters. */
  public String slug() {
    return base58(bytes(16));
  }

  /** For example {@code id_5Kd3NBUAdUnhyzenEwVLy3}. */
  public String identity() {
    return "id_" + base58(bytes(16));
  }

  /** For example {@code inv_5Kd3NBUAdUnhyzenEwVLy3}. */
  String invitation() {
    return "inv_" + base58(bytes(16));
  }

  /** For example {@code rec_5Kd3NBUAdUnhyzenEwVLy3}. */
  String recoveryKey() {
    return "rec_" + base58(bytes(16));
  }

  public DocumentId documentId() {
    var drawn = DocumentId.of(Bytes.wrap(bytes(16)));
    for (var draw = 1; draw < DRAWS_MAX && !hasPlace.test(drawn); draw++) {
      drawn = DocumentId.of(Bytes.wrap(bytes(16)));
    }
    return drawn;
  }

  /** 256 bits as 43 characters of base64url. */
  String secret() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32));
  }

  byte[] bytes(int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Encodes sixteen bytes as a base58 number of fixed length. */
  private static String base58(byte[] sixteen) {
    var number = sixteen.clone();
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
