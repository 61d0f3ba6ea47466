package dev.parlor.relay.socket.transport;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.function.LongSupplier;

/**
 * The settings of all sockets of a server.
 *
 * @param nanoTime a monotonic clock
 */
public record SocketSettings(
    Limits.Outbox outbox, Limits.Liveness liveness, Metrics metrics, LongSupplier nanoTime) {

  private static final int TIMEOUT_CHECK_MILLIS_MAX = 1_000;

  /** The time between two timed checks of a socket: a fraction of the time between two pings. */
  int timeoutCheckMillis() {
    return Math.clamp(liveness.pingMillis() / 5, 1, TIMEOUT_CHECK_MILLIS_MAX);
  }

  long now() {
    return nanoTime.getAsLong();
  }
}
