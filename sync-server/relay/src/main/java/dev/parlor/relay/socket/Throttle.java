package dev.parlor.relay.socket;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.rate.TokenBucket;
import dev.parlor.relay.rate.TokenBucket.Rate;

/**
 * Limits a connection's messages and bytes per second, with bursts of one second's amount. It never
 * refuses a message: above the limit the connection borrows, and then reads nothing until the debt
 * is paid. Used by one thread.
 */
final class Throttle {

  private final TokenBucket messages;
  private final TokenBucket bytes;

  Throttle(Limits.Traffic limits, long nowNanos) {
    this.messages = new TokenBucket(Rate.perSecond(limits.messagesPerSecondMax()), nowNanos);
    this.bytes = new TokenBucket(Rate.perSecond(limits.bytesPerSecondMax()), nowNanos);
  }

  /**
   * Charges messages and their bytes; the bytes may include the cost of processing.
   *
   * @return the number of nanoseconds for which the connection must not read; 0 if it may read on
   */
  long spend(int messageCount, long byteCount, long nowNanos) {
    return Math.max(messages.borrow(messageCount, nowNanos), bytes.borrow(byteCount, nowNanos));
  }
}
