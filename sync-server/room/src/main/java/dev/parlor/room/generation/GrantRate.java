package dev.parlor.room.generation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Limits the grants per minute of each identity in one room. Used by one thread at a time. */
final class GrantRate {
  private static final long MINUTE_MILLIS = 60_000;

  private final int perMinuteMax;
  private final Map<String, Deque<Long>> grants = new HashMap<>();

  GrantRate(int perMinuteMax) {
    this.perMinuteMax = perMinuteMax;
  }

  /** The time of this identity's next permitted request; empty if a request is permitted now. */
  OptionalLong nextRequestAt(String identity, long now) {
    grants.values().removeIf(times -> times.getLast() <= now - MINUTE_MILLIS);
    Deque<Long> times = grants.getOrDefault(identity, new ArrayDeque<>());
    long recentGrants = times.stream().filter(at -> at > now - MINUTE_MILLIS).count();
    return recentGrants < perMinuteMax
        ? OptionalLong.empty()
        : OptionalLong.of(times.getFirst() + MINUTE_MILLIS);
  }

  /** The reason that rule GE3 defines, if the identity is above its limit. */
  Optional<String> refusalReason(String identity, long now) {
    OptionalLong at = nextRequestAt(identity, now);
    return at.isEmpty()
        ? Optional.empty()
        : Optional.of("too-many " + at.getAsLong() + " " + perMinuteMax);
  }

  /** Counts a grant. */
  void count(String identity, long now) {
    Deque<Long> times = grants.computeIfAbsent(identity, _ -> new ArrayDeque<>());
    times.addLast(now);
    if (times.size() > perMinuteMax) {
      times.removeFirst();
    }
  }
}
