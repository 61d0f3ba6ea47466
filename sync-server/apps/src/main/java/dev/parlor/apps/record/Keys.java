package dev.parlor.apps.record;

/** Keys of records made of several parts. */
public final class Keys {
  private static final int NUMBER_DIGITS = 10;

  private Keys() {}

  /** The parts joined with {@code /}. A part contains none; numbers sort by their value. */
  public static String of(String... parts) {
    for (var part : parts) {
      if (part.indexOf('/') >= 0 || part.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a part of a key contains / or NUL");
      }
    }
    return String.join("/", parts);
  }

  /** A number as a part of a key: ten digits, so that keys are in the order of the numbers. */
  public static String number(long number) {
    var digits = Long.toString(number);
    return "0".repeat(Math.max(0, NUMBER_DIGITS - digits.length())) + digits;
  }

  /** The beginning of all keys whose first parts are these. */
  public static String prefix(String... parts) {
    return of(parts) + "/";
  }
}
