package dev.parlor.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the {@code Retry-After} header if it is a number of seconds; dates are ignored. */
final class RetryAfter {
  private RetryAfter() {}

  static Optional<Duration> read(@Nullable String header) {
    if (header == null || !header.strip().matches("\\d{1,9}(\\.\\d{1,9})?")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis((long) (Double.parseDouble(header.strip()) * 1000)));
  }
}
