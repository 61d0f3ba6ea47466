package dev.parlor.apps.slug;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Draws slugs of three words, for example {@code amber-otter-field}. */
public final class RandomSlugs implements Supplier<String> {
  private static final String WORDS = "words.txt";

  private final RandomGenerator random;
  private final List<String> words;

  /**
   * @param random a source that is safe from any thread
   */
  public RandomSlugs(RandomGenerator random) {
    this.random = random;
    this.words = read();
  }

  @Override
  public String get() {
    return word() + "-" + word() + "-" + word();
  }

  private String word() {
    return words.get(random.nextInt(words.size()));
  }

  private static List<String> read() {
    try (var in = Objects.requireNonNull(RandomSlugs.class.getResourceAsStream(WORDS));
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the list of words cannot be read", e);
    }
  }
}
