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

  private static final int PULSE_MILLIS_MAX = 1_000;

  /** The time between two pulses of a socket: a fraction of the time between two pings. */
  int pulseMillis() {
    return Math.clamp(liveness.pingMillis() / 5, 1, PULSE_MILLIS_MAX);
  }

  long now() {
    return nanoTime.getAsLong();
  }
}
