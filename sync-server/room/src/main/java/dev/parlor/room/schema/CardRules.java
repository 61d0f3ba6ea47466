package dev.parlor.room.schema;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** The rules for a card's text, by type. Playing, previewing and folding use the same rules. */
public final class CardRules {

  private static final Pattern TOKENS =
      Pattern.compile("([0-9]{1,9})(\\s*tokens?)?", Pattern.CASE_INSENSITIVE);

  private CardRules() {}

  /** The number of a token-limit card: {@code 50} or {@code 50 tokens}, from 1 to the maximum. */
  public static OptionalInt tokens(String text) {
    var match = TOKENS.matcher(text.strip());
    if (!match.matches()) {
      return OptionalInt.empty();
    }
    var number = Integer.parseInt(match.group(1));
    return number >= 1 && number <= RoomLimits.TOKENS_MAX
        ? OptionalInt.of(number)
        : OptionalInt.empty();
  }

  /**
   * The reason why a card with this text does not count, as a sentence about the text; empty if it
   * counts.
   */
  public static Optional<String> problem(CardType type, String text) {
    if (text.length() > RoomLimits.CARD_LENGTH_MAX) {
      return Optional.of("is longer than %d characters".formatted(RoomLimits.CARD_LENGTH_MAX));
    }
    return switch (type) {
      case TOKEN_LIMIT ->
          tokens(text).isPresent()
              ? Optional.empty()
              : Optional.of(
                  String.format(
                      Locale.ROOT,
                      "should be a whole number of tokens from 1 to %,d, for example 50",
                      RoomLimits.TOKENS_MAX));
      case IMAGE -> Optional.empty();
      case ROLE, TONE, FORMAT, CONSTRAINT, CUSTOM, REMOVE ->
          text.isBlank() ? Optional.of("is empty") : Optional.empty();
    };
  }
}
