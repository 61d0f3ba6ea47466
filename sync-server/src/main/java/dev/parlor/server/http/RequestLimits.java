package dev.parlor.server.http;

import dev.parlor.server.access.RateLimiter;
import dev.parlor.server.access.RateLimiter.Rate;
import java.util.function.LongSupplier;

/**
 * How often one address, identity or room may ask for what. Above a limit the answer is 429 with
 * {@code Retry-After}; nothing is done.
 */
final class RequestLimits {

  /**
   * The rates in force.
   *
   * @param requests any request, per address; guards the machine
   * @param identities new identities and rooms, per address; each is a durable record
   * @param writes join, play, chat, stop and tickets, per identity
   * @param generates generate, per identity and per room; each may cost money
   */
  record Rates(Rate requests, Rate identities, Rate writes, Rate generates) {
    static Rates defaults() {
      return new Rates(
          new Rate(2_000, 60_000), new Rate(300, 120), new Rate(120, 600), new Rate(10, 10));
    }
  }

  /** Buckets kept per limit; about 100 bytes each. */
  private static final int KEYS_MAX = 20_000;

  private final RateLimiter requests;
  private final RateLimiter identities;
  private final RateLimiter writes;
  private final RateLimiter generates;

  RequestLimits(Rates rates, LongSupplier nanoTime) {
    requests = new RateLimiter(rates.requests(), KEYS_MAX, nanoTime);
    identities = new RateLimiter(rates.identities(), KEYS_MAX, nanoTime);
    writes = new RateLimiter(rates.writes(), KEYS_MAX, nanoTime);
    generates = new RateLimiter(rates.generates(), KEYS_MAX, nanoTime);
  }

  void anyRequest(Ask ask) {
    take(requests, ask.address(), "too many requests from your address");
  }

  void newRecord(Ask ask) {
    take(identities, ask.address(), "too many new identities and rooms from your address");
  }

  void write(String identity) {
    take(writes, identity, "you write too fast");
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
