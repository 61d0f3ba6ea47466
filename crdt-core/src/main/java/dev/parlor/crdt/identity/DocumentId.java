package dev.parlor.crdt.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A document's id as automerge-repo writes it: bs58check without a version byte, usually of 16
 * random bytes [HS7]. {@link #parse} checks the checksum, so every instance has a correct one.
 *
 * <p>Source: automerge-repo {@code AutomergeUrl.ts}, Base58Check.
 */
public final class DocumentId implements Comparable<DocumentId> {

  /** The maximum length in characters; an id of 16 bytes has 27 or 28. */
  public static final int LENGTH_MAX = 128;

  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** The value of each ASCII character as a base58 digit, -1 if it is not in the alphabet. */
  private static final byte[] DIGITS = digits();

  private final String value;

  private DocumentId(String value) {
    this.value = value;
  }

  /** Encodes the bytes of an id and adds the checksum. */
  public static DocumentId of(Bytes bytes) {
    var payload = bytes.toArray();
    var withChecksum = Arrays.copyOf(payload, payload.length + 4);
    System.arraycopy(checksum(payload), 0, withChecksum, payload.length, 4);
    return new DocumentId(encode58(withChecksum));
  }

  /** Reads the text of an id, with or without the {@code automerge:} scheme. */
  public static Decoding<DocumentId> parse(String text) {
    var id = text.startsWith("automerge:") ? text.substring("automerge:".length()) : text;
    if (id.isEmpty() || id.length() > LENGTH_MAX) {
      return Decoding.malformed("HS7", "a document id has 1 to " + LENGTH_MAX + " characters");
    }
    var withChecksum = decode58(id);
    if (withChecksum.length < 5) {
      return Decoding.malformed(
          "HS7", "a document id is base58 of at least one byte and a checksum");
    }
    var payload = Arrays.copyOf(withChecksum, withChecksum.length - 4);
    if (!Arrays.equals(
        checksum(payload), Arrays.copyOfRange(withChecksum, payload.length, withChecksum.length))) {
      return Decoding.malformed("HS7", "the checksum of the document id is wrong");
    }
    return Decoding.of(new DocumentId(id));
  }

  /** The id without a scheme, as used in messages. */
  public String value() {
    return value;
  }

  /** The URL form, {@code automerge:<id>}. */
  public String url() {
    return "automerge:" + value;
  }

  private static byte[] checksum(byte[] payload) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      return Arrays.copyOf(sha256.digest(sha256.digest(payload)), 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] digits() {
    var digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    for (var i = 0; i < ALPHABET.length(); i++) {
      digits[ALPHABET.charAt(i)] = (byte) i;
    }
    return digits;
  }

  private static String encode58(byte[] input) {
    var zeros = 0;
    while (zeros < input.length && input[zeros] == 0) {
      zeros++;
    }
    var number = input.clone();
    var out = new StringBuilder();
    for (var start = zeros; start < number.length; ) {
      var remainder = 0;
      for (var i = start; i < number.length; i++) {
        var value = remainder * 256 + (number[i] & 0xff);
        number[i] = (byte) (value / 58);
        remainder = value % 58;
      }
      out.append(ALPHABET.charAt(remainder));
      while (start < number.length && number[start] == 0) {
        start++;
      }
    }
    return "1".repeat(zeros) + out.reverse();
  }

  /**
   * The bytes of a base58 text; empty if a character is not in the alphabet. The time is quadratic
   * in the length, which is acceptable because {@link #parse} limits the length.
   */
  private static byte[] decode58(String text) {
    var zeros = 0;
    while (zeros < text.length() && text.charAt(zeros) == '1') {
      zeros++;
    }
    var reversed = new byte[text.length()];
    var length = 0;
    for (var i = zeros; i < text.length(); i++) {
      var character = text.charAt(i);
      int carry = character < 128 ? DIGITS[character] : -1;
      if (carry < 0) {
        return new byte[0];
      }
      for (var j = 0; j < length || carry != 0; j++) {
        var value = j < length ? (reversed[j] & 0xff) * 58 + carry : carry;
        reversed[j] = (byte) value;
        carry = value >> 8;
        length = Math.max(length, j + 1);
      }
    }
    var bytes = new byte[zeros + length];
    for (var i = 0; i < length; i++) {
      bytes[zeros + i] = reversed[length - 1 - i];
    }
    return bytes;
  }

  @Override
  public int compareTo(DocumentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DocumentId that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
