package dev.parlor.room.http;

import dev.parlor.relay.rate.RateLimiter;
import dev.parlor.relay.rate.TokenBucket.Rate;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.util.function.LongSupplier;

/**
 * The rate limits of requests, by address or identity, with the numbers of {@link ServiceLimits}.
 * Each method counts one action. Above the limit it refuses the request with 429 and {@code
 * Retry-After}. A full bucket allows the actions of one minute at once.
 */
final class RequestLimits {

  /**
   * For a room's secret and recovery key: all addresses together have this many times the limit.
   */
  private static final int ALL_ADDRESSES_FACTOR = 6;

  private final ServiceLimits limits;
  private final RateLimiter requests;
  private final RateLimiter identities;
  private final RateLimiter rooms;
  private final RateLimiter generations;
  private final RateLimiter images;
  private final RateLimiter imagesOfRoom;
  private final RateLimiter secretAttempts;
  private final RateLimiter secretAttemptsOfRoom;
  private final RateLimiter recoveries;
  private final RateLimiter recoveriesOfRoom;

  RequestLimits(ServiceLimits limits, LongSupplier nanoTime) {
    this.limits = limits;
    requests = limiter(limits.http().requestsPerMinuteMax(), nanoTime);
    identities = limiter(limits.access().identitiesPerMinuteMax(), nanoTime);
    rooms = limiter(limits.access().roomsPerMinuteMax(), nanoTime);
    secretAttempts = limiter(limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    secretAttemptsOfRoom =
        limiter(
            ALL_ADDRESSES_FACTOR * limits.access().invitations().secretAnswersPerMinuteMax(),
            nanoTime);
    recoveries = limiter(limits.access().invitations().secretAnswersPerMinuteMax(), nanoTime);
    recoveriesOfRoom =
        limiter(
            ALL_ADDRESSES_FACTOR * limits.access().invitations().secretAnswersPerMinuteMax(),
            nanoTime);
    generations = limiter(limits.generation().perMinuteMax(), nanoTime);
    images = limiter(limits.images().perMinuteMax(), nanoTime);
    imagesOfRoom = limiter(limits.images().perMinuteOfRoomMax(), nanoTime);
  }

  private static RateLimiter limiter(int perMinute, LongSupplier nanoTime) {
    return new RateLimiter(Rate.perMinute(perMinute), FixedServiceLimits.RATE_KEYS_MAX, nanoTime);
  }

  /** Counts any request, for its proved identity or else for its address. */
  void countRequest(String limitKey) {
    take(requests, limitKey, atMost(limits.http().requestsPerMinuteMax(), "requests"));
  }

  void countNewIdentity(HttpCall call) {
    var max = limits.access().identitiesPerMinuteMax();
    take(identities, call.address(), atMost(max, "new identities") + " from one address");
  }

  void countNewRoom(String limitKey) {
    take(rooms, limitKey, atMost(limits.access().roomsPerMinuteMax(), "new rooms"));
  }

  /** Counts an attempt to prove a room's secret, per address and for all addresses together. */
  void countSecretAttempt(HttpCall call, String slug) {
    var max = limits.access().invitations().secretAnswersPerMinuteMax();
    take(secretAttempts, slug + " " + call.address(), atMost(max, "answers") + " from one address");
    take(
        secretAttemptsOfRoom,
        slug,
        atMost(ALL_ADDRESSES_FACTOR * max, "answers") + " in this room");
  }

  /** Counts an attempt with a room's recovery key, per address and for all addresses together. */
  void countRecovery(HttpCall call, String slug) {
    take(recoveries, slug + " " + call.address(), "too many attempts from your address");
    take(recoveriesOfRoom, slug, "too many attempts in this room");
  }

  void countGeneration(String identity) {
    take(generations, identity, atMost(limits.generation().perMinuteMax(), "questions"));
  }

  /** Counts an upload of an image, per identity and for the whole room. */
  void countImage(String identity, String slug) {
    take(images, identity, atMost(limits.images().perMinuteMax(), "images"));
    take(
        imagesOfRoom,
        slug,
        atMost(limits.images().perMinuteOfRoomMax(), "images") + " in this room");
  }

  private static String atMost(int perMinuteMax, String actions) {
    return "at most " + perMinuteMax + " " + actions + " a minute";
  }

  private static void take(RateLimiter limiter, String key, String detail) {
    var wait = limiter.take(key);
    if (!wait.isZero()) {
      throw ProblemDetail.tooMany(detail, wait).thrown();
    }
  }
}
