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

  private final Limits limits;
  private final RateLimiter requests;
  private final RateLimiter identities;
  private final RateLimiter rooms;
  private final RateLimiter generates;
  private final RateLimiter answers;
  private final RateLimiter answersOfRoom;
  private final RateLimiter recoveries;
  private final RateLimiter recoveriesOfRoom;

  RequestLimits(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
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
    take(requests, who, most(limits.http().requestsPerMinuteMax(), "requests"));
  }

  void newIdentity(HttpCall ask) {
    var max = limits.access().identitiesPerMinuteMax();
    take(identities, ask.address(), most(max, "new identities") + " from one address");
  }

  void newRoom(String who) {
    take(rooms, who, most(limits.access().roomsPerMinuteMax(), "new rooms"));
  }

  /** Guesses at a room's secret, from one address and from everywhere. */
  void secret(HttpCall ask, String slug) {
    var max = limits.access().invitations().secretAnswersPerMinuteMax();
    take(answers, slug + " " + ask.address(), most(max, "answers") + " from one address");
    take(answersOfRoom, slug, most(6 * max, "answers") + " in this room");
  }

  /** Tries of a room's recovery key, from one address and from everywhere. */
  void recovery(HttpCall ask, String slug) {
    take(recoveries, slug + " " + ask.address(), "too many tries from your address");
    take(recoveriesOfRoom, slug, "too many tries in this room");
  }

  void generate(String identity) {
    take(generates, identity, questions(limits.generation().perMinuteMax()));
  }

  /** The limit on questions as a sentence without its end. */
  static String questions(int perMinuteMax) {
    return most(perMinuteMax, "questions");
  }

  private static String most(int perMinuteMax, String what) {
    return "at most " + perMinuteMax + " " + what + " a minute";
  }

  private static void take(RateLimiter limiter, String key, String what) {
    var wait = limiter.take(key);
    if (!wait.isZero()) {
      throw ProblemDetail.tooMany(what, wait).thrown();
    }
  }
}
