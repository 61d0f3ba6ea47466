package dev.parlor.room.http;

import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stores the replies to POST requests. A repeated request with the same {@code Idempotency-Key}
 * gets the stored reply and has no second effect.
 *
 * <p>Only successful replies are stored: a refused request changed nothing and may be repeated.
 * {@link ServiceLimits.Http} limits the number and the age of replies. All replies together have at
 * most {@value FixedServiceLimits#IDEMPOTENCY_BYTES_MAX} bytes; above this, the oldest are evicted.
 * A reply above {@value FixedServiceLimits#IDEMPOTENCY_REPLY_BYTES_MAX} bytes is not stored.
 * Replies are kept in memory and lost at a restart. In a cluster they are also kept for all nodes,
 * see {@link SharedReplies}.
 */
final class Idempotency {

  private static final Duration WAIT_MAX =
      Duration.ofSeconds(FixedServiceLimits.IDEMPOTENCY_WAIT_SECONDS_MAX);

  private record Entry(String fingerprint, CompletableFuture<Reply> reply, Instant expiresAt) {
    int bytes() {
      return reply.state() == java.util.concurrent.Future.State.SUCCESS
          ? reply.resultNow().body().length()
          : 0;
    }
  }

  private final ServiceLimits.Http limits;
  private final InstantSource clock;
  private final @Nullable SharedReplies shared;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();
  private long bytes;

  /**
   * @param shared the replies of all nodes; empty on one machine
   */
  Idempotency(ServiceLimits.Http limits, InstantSource clock, Optional<SharedReplies> shared) {
    this.limits = limits;
    this.clock = clock;
    this.shared = shared.orElse(null);
  }

  /**
   * Executes a request, or returns the stored reply.
   *
   * @param scope identifies the caller, the request and its key
   * @param fingerprint a hash of the request's body: the same key with another body is refused
   */
  Reply execute(String scope, String fingerprint, Supplier<Reply> work) {
    var expiresAt = clock.instant().plusSeconds(limits.idempotencySeconds());
    var created = new Entry(fingerprint, new CompletableFuture<>(), expiresAt);
    Entry earlier;
    synchronized (this) {
      evict(clock.instant());
      earlier = entries.putIfAbsent(scope, created);
    }
    return earlier == null
        ? executeFirst(scope, created, inCluster(scope, fingerprint, work))
        : replay(earlier, fingerprint);
  }

  private Supplier<Reply> inCluster(String scope, String fingerprint, Supplier<Reply> work) {
    var replies = shared;
    return replies == null ? work : () -> replies.execute(scope, fingerprint, work);
  }

  /** Whether a reply is kept for repetitions of its request. */
  static boolean isKept(Reply reply) {
    return reply.status() < 300
        && reply.body().length() <= FixedServiceLimits.IDEMPOTENCY_REPLY_BYTES_MAX;
  }

  /** Executes a request whose scope has no entry yet, and stores its reply. */
  private Reply executeFirst(String scope, Entry created, Supplier<Reply> work) {
    try {
      var reply = work.get();
      synchronized (this) {
        if (!isKept(reply)) {
          entries.remove(scope, created);
        } else if (created.equals(entries.get(scope))) {
          bytes += reply.body().length();
        }
        created.reply().complete(reply);
      }
      return reply;
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        entries.remove(scope, created);
      }
      created.reply().completeExceptionally(e);
      throw e;
    }
  }

  /** Waits for the reply of an earlier request with the same scope, and returns it. */
  private static Reply replay(Entry earlier, String fingerprint) {
    if (!earlier.fingerprint().equals(fingerprint)) {
      throw reused();
    }
    try {
      return replayed(earlier.reply().get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw inProgress();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProblemException refused) {
        throw refused;
      }
      throw inProgress();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw inProgress();
    }
  }

  /** A stored reply, marked as such. */
  static Reply replayed(Reply stored) {
    return stored.header("Idempotency-Replayed", "true");
  }

  static ProblemException reused() {
    return ProblemDetail.of(
            422,
            "idempotency-key-reused",
            "this Idempotency-Key was used before with a different body")
        .thrown();
  }

  static ProblemException inProgress() {
    return ProblemDetail.of(
            409,
            "idempotency-key-in-use",
            "an earlier request with this Idempotency-Key has not succeeded yet; try again")
        .retryAfter(1)
        .thrown();
  }

  /** Removes expired entries, and the oldest entries while a limit is exceeded. */
  private void evict(Instant now) {
    while (!entries.isEmpty()) {
      var oldest = entries.firstEntry().getValue();
      var isFull =
          entries.size() >= limits.idempotencyKeysMax()
              || bytes > FixedServiceLimits.IDEMPOTENCY_BYTES_MAX;
      if (!isFull && now.isBefore(oldest.expiresAt())) {
        return;
      }
      bytes -= oldest.bytes();
      entries.pollFirstEntry();
    }
  }
}
