package dev.parlor.bench.load;

/** Records when a writer sent each edit and received its acknowledgement. */
final class SendLog {

  private final long[] sentAtNanos;
  private final long[] acknowledgedAfterNanos;
  private int sent;
  private int acknowledged;

  SendLog(int edits) {
    sentAtNanos = new long[edits];
    acknowledgedAfterNanos = new long[edits];
  }

  /**
   * Records that {@code count} further edits are sent now. Returns the position of the first edit.
   */
  int markSent(int count) {
    var from = sent;
    var now = System.nanoTime();
    sent = Math.min(sentAtNanos.length, from + count);
    java.util.Arrays.fill(sentAtNanos, from, sent, now);
    return from;
  }

  /** Records the acknowledgement of all edits up to this position. */
  void acknowledged(int position, long nanoTime) {
    for (; acknowledged <= position; acknowledged++) {
      acknowledgedAfterNanos[acknowledged] = nanoTime - sentAtNanos[acknowledged];
    }
  }

  int sent() {
    return sent;
  }

  long sentAtNanos(int position) {
    return sentAtNanos[position];
  }

  boolean isEverythingAcknowledged() {
    return acknowledged >= sent;
  }

  /** Adds the times from sending to acknowledgement of the edits from this position on. */
  void timesFrom(int position, Latencies target) {
    for (var i = position; i < acknowledged; i++) {
      target.add(acknowledgedAfterNanos[i]);
    }
  }
}
