package dev.parlor.bench.load;

/** Records the edits that a reader has received, and their delivery times. */
final class Receipts {

  private final SendLog log;
  private final Latencies deliveries;
  private long requestedAtNanos;
  private long completeAtNanos;
  private int lastPosition = -1;
  private int measuredFrom = Integer.MAX_VALUE;

  Receipts(SendLog log, Latencies deliveries) {
    this.log = log;
    this.deliveries = deliveries;
  }

  void markRequested() {
    requestedAtNanos = System.nanoTime();
  }

  /** Records that all edits up to this position have arrived. */
  void received(int position, long nanoTime) {
    for (var i = Math.max(lastPosition + 1, measuredFrom); i <= position; i++) {
      deliveries.add(nanoTime - log.sentAtNanos(i));
    }
    lastPosition = Math.max(lastPosition, position);
    if (completeAtNanos == 0 && lastPosition == log.sent() - 1) {
      completeAtNanos = nanoTime;
    }
  }

  /** Starts measuring at this position. */
  void measureFrom(int position) {
    measuredFrom = position;
  }

  int lastPosition() {
    return lastPosition;
  }

  /** The time from the request to the whole document, in nanoseconds. */
  long joinNanos() {
    return completeAtNanos - requestedAtNanos;
  }
}
