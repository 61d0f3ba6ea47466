package dev.parlor.relay.socket;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.rate.TokenBucket;
import dev.parlor.relay.rate.TokenBucket.Rate;

/**
 * Limits a connection's messages and bytes per second; a second's worth may come at once. It never
 * refuses a message: above the limit the connection borrows, and reads nothing until the debt is
 * paid. Used by one thread.
 */
final class Throttle {

  private final TokenBucket messages;
  private final TokenBucket bytes;

  Throttle(Limits.Traffic limits, long nowNanos) {
    this.messages = new TokenBucket(Rate.perSecond(limits.messagesPerSecondMax()), nowNanos);
    this.bytes = new TokenBucket(Rate.perSecond(limits.bytesPerSecondMax()), nowNanos);
  }

  /**
   * Charges messages and their bytes; bytes may include the cost of the work.
   *
   * @return the number of nanoseconds to read nothing, 0 to continue
   */
  long spend(int count, long length, long nowNanos) {
    return Math.max(messages.borrow(count, nowNanos), bytes.borrow(length, nowNanos));
  }
}
