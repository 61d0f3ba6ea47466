package dev.parlor.contexts;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Draws ids of contexts: 12 characters in base58, about 70 random bits. */
public final class RandomContextIds implements Supplier<String> {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int LENGTH = 12;

  private final RandomGenerator random;

  /**
   * @param random a secure source that is safe from any thread
   */
  public RandomContextIds(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public String get() {
    var id = new StringBuilder(LENGTH);
    for (var i = 0; i < LENGTH; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
