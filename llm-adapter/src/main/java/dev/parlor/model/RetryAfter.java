package dev.parlor.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The {@code Retry-After} header in its form as seconds; the form as a date is not followed. */
final class RetryAfter {
  private RetryAfter() {}

  static Optional<Duration> read(@Nullable String header) {
    if (header == null || !header.strip().matches("\\d{1,9}(\\.\\d{1,9})?")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis((long) (Double.parseDouble(header.strip()) * 1000)));
  }
}
