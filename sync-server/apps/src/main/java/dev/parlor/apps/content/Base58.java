package dev.parlor.apps.content;

/** Bytes as digits of base 58 in the alphabet of Bitcoin. */
final class Base58 {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private Base58() {}

  /** Encodes a number, the most significant byte first. Each leading zero byte becomes a 1. */
  static String encode(byte[] bytes) {
    var number = bytes.clone();
    var zeros = 0;
    while (zeros < number.length && number[zeros] == 0) {
      zeros++;
    }
    var digits = new StringBuilder();
    for (var start = zeros; start < number.length; ) {
      digits.append(ALPHABET.charAt(divideBy58(number, start)));
      if (number[start] == 0) {
        start++;
      }
    }
    return digits.append("1".repeat(zeros)).reverse().toString();
  }

  /** Divides the number from {@code start} on in place; returns the remainder. */
  private static int divideBy58(byte[] number, int start) {
    var remainder = 0;
    for (var i = start; i < number.length; i++) {
      var value = remainder * 256 + (number[i] & 0xff);
      number[i] = (byte) (value / 58);
      remainder = value % 58;
    }
    return remainder;
  }
}
