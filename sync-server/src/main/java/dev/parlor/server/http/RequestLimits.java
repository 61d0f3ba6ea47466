package dev.parlor.server.http;

import dev.parlor.server.access.RateLimiter;
import dev.parlor.server.access.RateLimiter.Rate;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import java.util.function.LongSupplier;

/**
 * How often one address or identity may ask for what, by the numbers of {@link Limits}. Above a
 * limit the answer is 429 with {@code Retry-After}; nothing is done. A bucket holds a minute's
 * worth.
 */
final class RequestLimits {

  private final RateLimiter requests;
  private final RateLimiter identities;
  private final RateLimiter rooms;
  private final RateLimiter generates;
  private final RateLimiter answers;
  private final RateLimiter answersOfRoom;
  private final RateLimiter recoveries;
  private final RateLimiter recoveriesOfRoom;

  RequestLimits(Limits limits, LongSupplier nanoTime) {
    requests = limiter(limits.http().requestsPerMinuteMax(), nanoTime);
    identities = limiter(limits.access().identitiesPerMinuteMax(), nanoTime);
    rooms = limiter(limits.access().roomsPerMinuteMax(), nanoTime);
    answers = limiter(limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    answersOfRoom =
        limiter(6 * limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    recoveries = limiter(limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    recoveriesOfRoom =
        limiter(6 * limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    generates = limiter(limits.generation().perMinuteMax(), nanoTime);
  }

  private static RateLimiter limiter(int perMinute, LongSupplier nanoTime) {
    return new RateLimiter(new Rate(perMinute, perMinute), FixedLimits.RATE_KEYS_MAX, nanoTime);
  }

  /** Any request, counted for the identity that its token names, or for its address. */
  void request(String who) {
    take(requests, who, "too many requests");
  }

  void newIdentity(Ask ask) {
    take(identities, ask.address(), "too many new identities from your address");
  }

  void newRoom(String who) {
    take(rooms, who, "too many new rooms");
  }

  /** Guesses at a room's secret, from one address and from everywhere. */
  void secret(Ask ask, String slug) {
    take(answers, slug + " " + ask.address(), "too many answers from your address");
    take(answersOfRoom, slug, "too many answers in this room");
  }

  /** Tries of a room's recovery key, from one address and from everywhere. */
  void recovery(Ask ask, String slug) {
    take(recoveries, slug + " " + ask.address(), "too many tries from your address");
    take(recoveriesOfRoom, slug, "too many tries in this room");
  }

  void generate(String identity) {
    take(generates, identity, "you asked for too many answers");
  }

  private static void take(RateLimiter limiter, String key, String what) {
    var wait = limiter.take(key);
    if (!wait.isZero()) {
      throw Problem.tooMany(what, wait).thrown();
    }
  }
}
