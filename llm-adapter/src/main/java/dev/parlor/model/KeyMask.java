package dev.parlor.model;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Masks an endpoint's key in a provider's words. A long key is masked wherever it stands. A short
 * key is masked only as a whole word, since it may be part of other words by chance. Words that
 * local endpoints take in the place of a key are no secrets and stay.
 */
final class KeyMask {
  /** Characters from which a key cannot be part of another word by chance. */
  private static final int LONG_KEY_LENGTH = 16;

  private static final String MASK = "***";

  private static final Set<String> PLACEHOLDERS =
      Set.of(
          "ollama",
          "lm-studio",
          "lmstudio",
          "llama.cpp",
          "vllm",
          "empty",
          "none",
          "null",
          "dummy",
          "test",
          "key",
          "no-key",
          "not-needed",
          "sk-no-key-required",
          "local",
          "x");

  private KeyMask() {}

  static String mask(String text, String key) {
    if (key.isEmpty() || PLACEHOLDERS.contains(key.toLowerCase(java.util.Locale.ROOT))) {
      return text;
    }
    if (key.length() >= LONG_KEY_LENGTH) {
      return text.replace(key, MASK);
    }
    return Pattern.compile("(?<![\\p{L}\\p{N}_])" + Pattern.quote(key) + "(?![\\p{L}\\p{N}_])")
        .matcher(text)
        .replaceAll(Matcher.quoteReplacement(MASK));
  }
}
