package dev.parlor.room.schema;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes order keys. Between any two keys there is another key. Random jitter makes it rare that two
 * peers who insert at the same place make the same key. Keys compare by code units.
 *
 * <h2>The form of a key</h2>
 *
 * <p>A key is a base-62 number ({@code 0-9A-Za-z}). A head letter encodes the length of the integer
 * part: {@code a0}, {@code b00} and so on upwards, {@code Zz}, {@code Yzz} and so on downwards. The
 * digits of the integer follow, then a fraction without trailing zeros. For the same random
 * numbers, this class makes the same keys as the npm package, including its arithmetic in doubles.
 *
 * <p>Source: npm {@code fractional-indexing-jittered} 1.x with its default character set.
 */
public final class FractionalIndex {

  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int BASE = 62;
  private static final char FIRST_POSITIVE = 'a';
  private static final char MOST_POSITIVE = 'z';
  private static final char FIRST_NEGATIVE = 'Z';
  private static final char MOST_NEGATIVE = 'A';

  /** Number of jitter values: a fifth of 62^3, so jitter takes three digits. */
  private static final double JITTER_RANGE = 47_665;

  private FractionalIndex() {}

  /**
   * A new key above {@code lower} and below {@code upper}; null stands for an end of the list. A
   * peer may have written keys that are equal, in the wrong order, or invalid. Then the new key is
   * above the lower key only.
   */
  public static String between(
      @Nullable String lower, @Nullable String upper, RandomGenerator random) {
    if (lower != null && !isValid(lower)) {
      return lower + "V";
    }
    if (upper != null && (!isValid(upper) || (lower != null && lower.compareTo(upper) >= 0))) {
      return jittered(lower, null, random.nextDouble());
    }
    return jittered(lower, upper, random.nextDouble());
  }

  /** A new key after the last one; null for an empty list. */
  public static String after(@Nullable String last, RandomGenerator random) {
    return between(last, null, random);
  }

  /** A key after the greatest of {@code keys}. Empty keys are ignored. */
  public static String afterAll(Iterable<String> keys, RandomGenerator random) {
    String last = null;
    for (var key : keys) {
      if (!key.isEmpty() && (last == null || key.compareTo(last) > 0)) {
        last = key;
      }
    }
    return after(last, random);
  }

  /** The next integer key without jitter, for places without concurrent writers. */
  static String plainAfter(@Nullable String last) {
    return stripZeros(key(last, null), last);
  }

  static boolean isValid(String key) {
    if (key.isEmpty() || key.chars().anyMatch(c -> DIGITS.indexOf(c) < 0)) {
      return false;
    }
    try {
      return integerPart(key).length() <= key.length();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static String jittered(@Nullable String lower, @Nullable String upper, double random) {
    var key = key(lower, upper);
    var padded = key + "0".repeat(padding(key, upper));
    var shifted = add(padded, encode(Math.floor(random * JITTER_RANGE)));
    return stripZeros(shifted, lower);
  }

  private static String key(@Nullable String lower, @Nullable String upper) {
    if (lower == null) {
      return upper == null ? "a0" : decrement(integerPart(upper));
    }
    return upper == null ? increment(integerPart(lower)) : middle(lower, upper);
  }

  private static String middle(String lower, String upper) {
    var length = Math.max(lower.length(), upper.length());
    var low = padEnd(lower, length);
    var distance = distance(low, padEnd(upper, length));
    if (distance == 1) {
      low += "0";
      distance = BASE;
    }
    return add(low, encode(Math.floor(distance / 2)));
  }

  /**
   * The number of zeros to append to a key, so that the jitter reaches neither {@code upper} nor
   * the next integer.
   */
  private static int padding(String key, @Nullable String upper) {
    var needed = paddingFor(distance(key, increment(integerPart(key))));
    return upper == null ? needed : Math.max(needed, paddingFor(distance(key, upper)));
  }

  private static int paddingFor(double distance) {
    if (distance >= JITTER_RANGE + 1) {
      return 0;
    }
    var gap = JITTER_RANGE - distance;
    for (var i = 0; i <= 3; i++) {
      if (Math.pow(BASE, i) > gap) {
        return i;
      }
    }
    return 0;
  }

  private static String stripZeros(String key, @Nullable String lower) {
    var end = key.length();
    var integerLength = integerPart(key).length();
    while (end > integerLength && key.charAt(end - 1) == '0') {
      end--;
    }
    var stripped = key.substring(0, end);
    return lower != null && stripped.compareTo(lower) <= 0 ? key : stripped;
  }

  // Integers: a head of letters, which encodes the length, then digits.

  private static String integerPart(String key) {
    var length = integerLength(head(key));
    if (length > key.length()) {
      throw new IllegalArgumentException("an order key ends inside its integer part");
    }
    return key.substring(0, length);
  }

  private static String head(String key) {
    var first = key.charAt(0);
    var i = 0;
    if (first == MOST_POSITIVE || first == MOST_NEGATIVE) {
      while (i < key.length() && key.charAt(i) == first) {
        i++;
      }
    }
    if (i >= key.length()) {
      throw new IllegalArgumentException("an order key ends inside its head");
    }
    return key.substring(0, i + 1);
  }

  private static int integerLength(String head) {
    var first = head.charAt(0);
    if (first > MOST_POSITIVE || first < MOST_NEGATIVE) {
      throw new IllegalArgumentException("an order key begins with a letter");
    }
    if (first == MOST_POSITIVE) {
      return gap(first, FIRST_POSITIVE) + 1 + longHeadLength(head, MOST_POSITIVE, MOST_NEGATIVE);
    }
    if (first == MOST_NEGATIVE) {
      return gap(first, FIRST_NEGATIVE) + 1 + longHeadLength(head, MOST_NEGATIVE, MOST_POSITIVE);
    }
    return first >= FIRST_POSITIVE
        ? gap(first, FIRST_POSITIVE) + 2
        : gap(first, FIRST_NEGATIVE) + 2;
  }

  /**
   * The length that the letters of a head after the first one add.
   *
   * @param extreme the letter that continues the head; other letters end it
   * @param opposite the extreme letter of the other sign
   */
  private static int longHeadLength(String head, char extreme, char opposite) {
    var length = 0;
    for (var i = 1; i < head.length(); i++) {
      var letter = head.charAt(i);
      if (letter > MOST_POSITIVE || letter < MOST_NEGATIVE) {
        throw new IllegalArgumentException("the head of an order key consists of letters");
      }
      length += gap(letter, opposite) + (letter == extreme ? 1 : 2);
    }
    return length;
  }

  private static int gap(char a, char b) {
    return Math.abs(DIGITS.indexOf(a) - DIGITS.indexOf(b));
  }

  private static String increment(String integer) {
    var head = head(integer);
    var digits = integer.substring(head.length());
    if (digits.chars().anyMatch(c -> c != MOST_POSITIVE)) {
      return head + add(digits, "1");
    }
    var next = incrementHead(head);
    return next + "0".repeat(integerLength(next) - next.length());
  }

  private static String decrement(String integer) {
    var head = head(integer);
    var digits = integer.substring(head.length());
    if (digits.chars().anyMatch(c -> c != '0')) {
      return head + subtractOne(digits);
    }
    var next = decrementHead(head);
    return next + "z".repeat(integerLength(next) - next.length());
  }

  private static String incrementHead(String head) {
    var positive = head.charAt(0) >= FIRST_POSITIVE;
    var next = add(head, "1");
    if (positive && next.charAt(next.length() - 1) == MOST_POSITIVE) {
      return next + MOST_NEGATIVE;
    }
    if (!positive && head.charAt(head.length() - 1) == MOST_POSITIVE) {
      return head.substring(0, head.length() - 1);
    }
    return next;
  }

  private static String decrementHead(String head) {
    var positive = head.charAt(0) >= FIRST_POSITIVE;
    if (head.charAt(head.length() - 1) != MOST_NEGATIVE) {
      return subtractOne(head);
    }
    return positive ? subtractOne(head.substring(0, head.length() - 1)) : head + MOST_POSITIVE;
  }

  // Arithmetic on strings of base-62 digits.

  private static String padEnd(String key, int length) {
    return key + "0".repeat(Math.max(0, length - key.length()));
  }

  private static String padStart(String key, int length) {
    return "0".repeat(Math.max(0, length - key.length())) + key;
  }

  private static String add(String a, String b) {
    var length = Math.max(a.length(), b.length());
    var left = padStart(a, length);
    var right = padStart(b, length);
    var out = new StringBuilder();
    var carry = 0;
    for (var i = length - 1; i >= 0; i--) {
      var sum = DIGITS.indexOf(left.charAt(i)) + DIGITS.indexOf(right.charAt(i)) + carry;
      carry = sum / BASE;
      out.append(DIGITS.charAt(sum % BASE));
    }
    if (carry > 0) {
      out.append(DIGITS.charAt(carry));
    }
    return out.reverse().toString();
  }

  /**
   * The number minus one, with the same number of digits. The caller ensures that the number is
   * above zero.
   */
  private static String subtractOne(String number) {
    var out = new StringBuilder(number);
    for (var i = number.length() - 1; i >= 0; i--) {
      var digit = DIGITS.indexOf(number.charAt(i));
      if (digit > 0) {
        out.setCharAt(i, DIGITS.charAt(digit - 1));
        break;
      }
      out.setCharAt(i, DIGITS.charAt(BASE - 1));
    }
    return out.toString();
  }

  private static double distance(String a, String b) {
    var length = Math.max(a.length(), b.length());
    var left = padEnd(a, length);
    var right = padEnd(b, length);
    var lower = left.compareTo(right) <= 0 ? left : right;
    var upper = lower.equals(left) ? right : left;
    var digits = new int[length];
    var borrow = 0;
    for (var i = length - 1; i >= 0; i--) {
      var difference = DIGITS.indexOf(upper.charAt(i)) - DIGITS.indexOf(lower.charAt(i)) - borrow;
      borrow = difference < 0 ? 1 : 0;
      digits[i] = difference + borrow * BASE;
    }
    var value = 0.0;
    for (var i = 0; i < length; i++) {
      value += digits[i] * Math.pow(BASE, length - i - 1);
    }
    return value;
  }

  private static String encode(double number) {
    if (number == 0) {
      return "0";
    }
    var out = new StringBuilder();
    for (var remaining = number; remaining > 0; remaining = Math.floor(remaining / BASE)) {
      out.append(DIGITS.charAt((int) (remaining % BASE)));
    }
    return out.reverse().toString();
  }
}
