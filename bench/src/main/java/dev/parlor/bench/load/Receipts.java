package dev.parlor.bench.load;

/** What a watcher has received of an editor's edits, and how long they were under way. */
final class Receipts {

  private final SendLog log;
  private final Latencies deliveries;
  private long askedAt;
  private long completeAt;
  private int upTo = -1;
  private int measuredFrom = Integer.MAX_VALUE;

  Receipts(SendLog log, Latencies deliveries) {
    this.log = log;
    this.deliveries = deliveries;
  }

  void asked() {
    askedAt = System.nanoTime();
  }

  /** Now everything up to this position is here. */
  void received(int position, long nanoTime) {
    for (var i = Math.max(upTo + 1, measuredFrom); i <= position; i++) {
      deliveries.add(nanoTime - log.sentAt(i));
    }
    upTo = Math.max(upTo, position);
    if (completeAt == 0 && upTo == log.sent() - 1) {
      completeAt = nanoTime;
    }
  }

  /** Measure edits from this position on. */
  void measureFrom(int position) {
    measuredFrom = position;
  }

  int upTo() {
    return upTo;
  }

  /** From asking to having everything, in nanoseconds. */
  long joinNanos() {
    return completeAt - askedAt;
  }
}
