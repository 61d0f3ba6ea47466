package dev.parlor.model.config;

import dev.parlor.model.Endpoint.Timeouts;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * Time limits as the operator set them, in whole seconds; an empty one has its default.
 *
 * @param firstWord from the request to the first piece of text or thoughts
 * @param betweenWords from one piece to the next
 * @param total from the request to the end of the answer
 */
public record TimeSettings(OptionalInt firstWord, OptionalInt betweenWords, OptionalInt total) {
  public static final TimeSettings NONE =
      new TimeSettings(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

  /** The highest value of each time limit: one day. */
  public static final int SECONDS_MAX = 86_400;

  /** The defaults of endpoints that run on a machine of the operator's. */
  private static final TimeSettings LOCAL =
      new TimeSettings(OptionalInt.of(300), OptionalInt.of(120), OptionalInt.of(1_800));

  /** The time limits of a preset, before the operator's. */
  static TimeSettings of(Preset preset) {
    return preset.isLocal() ? LOCAL : NONE;
  }

  /** These settings; those that are not set come from {@code others}. */
  public TimeSettings or(TimeSettings others) {
    return new TimeSettings(
        firstWord.isPresent() ? firstWord : others.firstWord,
        betweenWords.isPresent() ? betweenWords : others.betweenWords,
        total.isPresent() ? total : others.total);
  }

  /** The time limits of a call. The total is at least as long as the other two. */
  public Timeouts over(Timeouts defaults) {
    Duration first = seconds(firstWord, defaults.firstToken());
    Duration between = seconds(betweenWords, defaults.betweenTokens());
    Duration wholeSet = seconds(total, defaults.total());
    Duration whole =
        total.isPresent() || (firstWord.isEmpty() && betweenWords.isEmpty())
            ? wholeSet
            : longest(wholeSet, longest(first, between));
    return new Timeouts(defaults.connect(), first, between, whole);
  }

  private static Duration seconds(OptionalInt set, Duration fallback) {
    return set.isPresent() ? Duration.ofSeconds(set.getAsInt()) : fallback;
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
