package dev.parlor.room.generation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Limits the grants of each identity in one room per minute. Used by one thread at a time. */
final class GrantRate {
  private static final long MINUTE_MILLIS = 60_000;

  private final int perMinuteMax;
  private final Map<String, Deque<Long>> grants = new HashMap<>();

  GrantRate(int perMinuteMax) {
    this.perMinuteMax = perMinuteMax;
  }

  /** The time at which this identity may ask again; empty if it may ask now. */
  OptionalLong mayAskAt(String identity, long now) {
    grants.values().removeIf(times -> times.getLast() <= now - MINUTE_MILLIS);
    Deque<Long> times = grants.getOrDefault(identity, new ArrayDeque<>());
    long counted = times.stream().filter(at -> at > now - MINUTE_MILLIS).count();
    return counted < perMinuteMax
        ? OptionalLong.empty()
        : OptionalLong.of(times.getFirst() + MINUTE_MILLIS);
  }

  /** The refusal of an identity above the limit, see rule GE3. */
  Optional<String> refusal(String identity, long now) {
    OptionalLong at = mayAskAt(identity, now);
    return at.isEmpty()
        ? Optional.empty()
        : Optional.of("too-many " + at.getAsLong() + " " + perMinuteMax);
  }

  void count(String identity, long now) {
    Deque<Long> times = grants.computeIfAbsent(identity, _ -> new ArrayDeque<>());
    times.addLast(now);
    if (times.size() > perMinuteMax) {
      times.removeFirst();
    }
  }
}
