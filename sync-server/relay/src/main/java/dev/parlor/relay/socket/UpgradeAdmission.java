package dev.parlor.relay.socket;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Decides on upgrades, and counts the admitted connections of the server and of each address. Safe
 * from any thread.
 */
final class UpgradeAdmission {

  private final Authenticator authenticator;
  private final OriginCheck origins;
  private final Limits limits;
  private final Metrics metrics;
  private final BooleanSupplier memoryIsFull;
  private final AtomicInteger admitted = new AtomicInteger();
  private final Map<String, Integer> perAddress = new ConcurrentHashMap<>();
  private volatile boolean accepting = true;

  UpgradeAdmission(
      Authenticator authenticator,
      OriginCheck origins,
      Limits limits,
      Metrics metrics,
      BooleanSupplier memoryIsFull) {
    this.authenticator = authenticator;
    this.origins = origins;
    this.limits = limits;
    this.metrics = metrics;
    this.memoryIsFull = memoryIsFull;
  }

  /** From now on upgrades are answered with 503. */
  void stop() {
    accepting = false;
  }

  boolean isStopped() {
    return !accepting;
  }

  /**
   * Admits an upgrade and returns its caller with the rules of its connection. An admitted
   * connection counts from now on until {@link #release} is called.
   *
   * @throws RequestException the HTTP answer, if the upgrade is refused
   */
  Authenticator.Outcome.Accepted admit(HttpPrologue prologue, Headers headers, String address) {
    var request =
        new UpgradeRequest(
            prologue.uriPath().path(),
            prologue.query().rawValue(),
            headers.first(HeaderNames.ORIGIN).orElse(""),
            headers.first(HeaderNames.HOST).orElse(""));
    var total = admitted.incrementAndGet();
    int ofAddress = perAddress.merge(address, 1, Integer::sum);
    try {
      if (!accepting || total > limits.frames().connectionsMax()) {
        throw refusal(
            503, "the server accepts no more connections at present", FixedLimits.RETRY_SECONDS);
      }
      if (memoryIsFull.getAsBoolean()) {
        throw refusal(503, "the server's memory is full", FixedLimits.RETRY_SECONDS);
      }
      if (ofAddress > limits.traffic().connectionsPerAddressMax()) {
        throw refusal(
            429, "this address has the maximum number of connections", FixedLimits.RETRY_SECONDS);
      }
      requireOrigin(request, true);
      return switch (authenticator.authenticate(request)) {
        case Authenticator.Outcome.Accepted accepted -> {
          requireOrigin(request, !accepted.caller().equals(Caller.ofOpenRelay()));
          yield accepted;
        }
        case Authenticator.Outcome.Refused(var status, var reason) ->
            throw refusal(
                status, reason, status == 429 || status == 503 ? FixedLimits.RETRY_SECONDS : 0);
      };
    } catch (RuntimeException e) {
      release(address);
      throw e;
    }
  }

  private void requireOrigin(UpgradeRequest request, boolean hasSecret) {
    var origin = Optional.of(request.origin()).filter(text -> !text.isEmpty());
    if (!origins.mayOpenSocket(origin, request.host(), hasSecret)) {
      throw refusal(403, "[WS5] this page's origin may not connect", 0);
    }
  }

  /** Stops counting an admitted connection that ended or was never served. */
  void release(String address) {
    admitted.decrementAndGet();
    perAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
  }

  /** A refusal with {@code Retry-After}, unless {@code retrySeconds} is 0. */
  private RequestException refusal(int status, String reason, int retrySeconds) {
    metrics.upgradeRefused(status);
    var refusal =
        RequestException.builder()
            .type(DirectHandler.EventType.OTHER)
            .status(Status.create(status))
            .message(reason)
            .safeMessage(true);
    if (retrySeconds > 0) {
      refusal.header(HeaderValues.create(HeaderNames.RETRY_AFTER, retrySeconds));
    }
    return refusal.build();
  }
}
