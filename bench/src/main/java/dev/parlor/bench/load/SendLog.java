package dev.parlor.bench.load;

/** The times at which an editor sent each edit and received its acknowledgement. */
final class SendLog {

  private final long[] sentAt;
  private final long[] acknowledgedAfter;
  private int sent;
  private int acknowledged;

  SendLog(int edits) {
    sentAt = new long[edits];
    acknowledgedAfter = new long[edits];
  }

  /** Marks this many further edits as sent now. Returns the position of the first. */
  int sending(int count) {
    var from = sent;
    var now = System.nanoTime();
    sent = Math.min(sentAt.length, from + count);
    java.util.Arrays.fill(sentAt, from, sent, now);
    return from;
  }

  /** Records the acknowledgement of all edits up to this position. */
  void acknowledged(int position, long nanoTime) {
    for (; acknowledged <= position; acknowledged++) {
      acknowledgedAfter[acknowledged] = nanoTime - sentAt[acknowledged];
    }
  }

  int sent() {
    return sent;
  }

  long sentAt(int position) {
    return sentAt[position];
  }

  int acknowledged() {
    return acknowledged;
  }

  boolean everythingAcknowledged() {
    return acknowledged >= sent;
  }

  /** Adds the times from sending to acknowledgement of the edits from this position on. */
  void timesFrom(int position, Latencies target) {
    for (var i = position; i < acknowledged; i++) {
      target.add(acknowledgedAfter[i]);
    }
  }
}
