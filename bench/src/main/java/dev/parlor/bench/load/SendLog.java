package dev.parlor.bench.load;

/** When an editor sent which edit, and when it heard that the server has it. */
final class SendLog {

  private final long[] sentAt;
  private final long[] acknowledgedAfter;
  private int sent;
  private int acknowledged;

  SendLog(int edits) {
    sentAt = new long[edits];
    acknowledgedAfter = new long[edits];
  }

  /** Marks so many more as sent now, as far as there are; the position of the first. */
  int sending(int count) {
    var from = sent;
    var now = System.nanoTime();
    sent = Math.min(sentAt.length, from + count);
    java.util.Arrays.fill(sentAt, from, sent, now);
    return from;
  }

  /** The server has everything up to this position. */
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
