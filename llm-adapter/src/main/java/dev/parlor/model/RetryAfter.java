package dev.parlor.model;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Reads the delay before the next attempt: {@code Retry-After-Ms} in milliseconds, or {@code
 * Retry-After} in seconds or as a date. A date is compared with the response's own {@code Date},
 * since the clocks of two machines may differ.
 */
final class RetryAfter {
  /** The three formats of dates in HTTP; the last two are obsolete but must be read. */
  private static final DateTimeFormatter[] DATES = {
    DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT),
    DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ROOT),
    DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
        .withZone(java.time.ZoneOffset.UTC)
  };

  /** The largest number that is read; a larger one counts as this, which is years. */
  private static final double NUMBER_MAX = 999_999_999;

  /** Google's services send the delay in the body. */
  private static final Pattern IN_BODY =
      Pattern.compile("\"retryDelay\"\\s*:\\s*\"(\\d{1,9}(?:\\.\\d{1,9})?)s\"");

  private RetryAfter() {}

  /** The delay in the body of an error. */
  static Optional<Duration> inBody(String body) {
    var found = IN_BODY.matcher(body);
    return found.find() ? number(found.group(1), 1_000) : Optional.empty();
  }

  static Optional<Duration> read(Response response, Instant now) {
    return number(response.header("Retry-After-Ms"), 1)
        .or(() -> read(response.header("Retry-After"), response.header("Date"), now));
  }

  static Optional<Duration> read(
      @Nullable String header, @Nullable String dateOfResponse, Instant now) {
    Optional<Duration> seconds = number(header, 1_000);
    if (seconds.isPresent()) {
      return seconds;
    }
    Instant base = date(dateOfResponse).orElse(now);
    return date(header)
        .map(until -> Duration.between(base, until))
        .map(delay -> delay.isNegative() ? Duration.ZERO : delay);
  }

  private static Optional<Duration> number(@Nullable String header, int millis) {
    if (header == null || !header.strip().matches("\\d{1,100}(\\.\\d{1,100})?")) {
      return Optional.empty();
    }
    double number = Math.min(Double.parseDouble(header.strip()), NUMBER_MAX);
    return Optional.of(Duration.ofMillis((long) (number * millis)));
  }

  private static Optional<Instant> date(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    for (DateTimeFormatter format : DATES) {
      try {
        return Optional.of(ZonedDateTime.parse(header.strip(), format).toInstant());
      } catch (DateTimeException _) {
        // The next format may fit.
      }
    }
    return Optional.empty();
  }
}
