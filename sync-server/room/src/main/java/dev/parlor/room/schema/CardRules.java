package dev.parlor.room.schema;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Checks the text of a card by its type. Playing, preview and prompt use the same checks. */
public final class CardRules {

  private static final Pattern TOKENS =
      Pattern.compile("([0-9]{1,9})(\\s*tokens?)?", Pattern.CASE_INSENSITIVE);

  private CardRules() {}

  /** The limit on a token-limit card, for example {@code 50 tokens}; empty if it is invalid. */
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
   * The reason why this text is invalid for a card of this type, as a sentence about the text;
   * empty if it is valid.
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
