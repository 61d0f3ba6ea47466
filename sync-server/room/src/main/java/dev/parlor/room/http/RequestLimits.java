package dev.parlor.room.http;

import dev.parlor.relay.rate.TokenBucket.Rate;
import dev.parlor.room.access.RateLimiter;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.util.function.LongSupplier;

/**
 * The rate limits of requests, by address or identity, with the numbers of {@link ServiceLimits}.
 * Above a limit the request is refused with 429 and {@code Retry-After} and has no effect. A full
 * bucket holds the requests of one minute.
 */
final class RequestLimits {

  private final ServiceLimits limits;
  private final RateLimiter requests;
  private final RateLimiter identities;
  private final RateLimiter rooms;
  private final RateLimiter generates;
  private final RateLimiter answers;
  private final RateLimiter answersOfRoom;
  private final RateLimiter recoveries;
  private final RateLimiter recoveriesOfRoom;

  RequestLimits(ServiceLimits limits, LongSupplier nanoTime) {
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
    return new RateLimiter(Rate.perMinute(perMinute), FixedServiceLimits.RATE_KEYS_MAX, nanoTime);
  }

  /** Counts any request, for its proved identity or else for its address. */
  void request(String limitKey) {
    take(requests, limitKey, most(limits.http().requestsPerMinuteMax(), "requests"));
  }

  void newIdentity(HttpCall call) {
    var max = limits.access().identitiesPerMinuteMax();
    take(identities, call.address(), most(max, "new identities") + " from one address");
  }

  void newRoom(String limitKey) {
    take(rooms, limitKey, most(limits.access().roomsPerMinuteMax(), "new rooms"));
  }

  /** Counts an attempt to prove a room's secret, per address and for all addresses together. */
  void secret(HttpCall call, String slug) {
    var max = limits.access().invitations().secretAnswersPerMinuteMax();
    take(answers, slug + " " + call.address(), most(max, "answers") + " from one address");
    take(answersOfRoom, slug, most(6 * max, "answers") + " in this room");
  }

  /** Counts an attempt with a room's recovery key, per address and for all addresses together. */
  void recovery(HttpCall call, String slug) {
    take(recoveries, slug + " " + call.address(), "too many attempts from your address");
    take(recoveriesOfRoom, slug, "too many attempts in this room");
  }

  void generate(String identity) {
    take(generates, identity, questions(limits.generation().perMinuteMax()));
  }

  /** The beginning of the sentence about the limit on questions. */
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
