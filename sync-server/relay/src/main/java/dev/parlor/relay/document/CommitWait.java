package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;

/**
 * The wait of one peer until the changes that it delivered are committed. Until then the peer is
 * sent no sync message, because the server's heads would acknowledge its changes [DU1]. Belongs to
 * the document's worker.
 */
final class CommitWait {

  static final long WAIT_NANOS_MAX = FixedLimits.COMMIT_WAIT_MILLIS_MAX * 1_000_000L;

  /** One past the log position of the peer's last change; 0 when the peer does not wait. */
  private int end;

  /** The time of the message that began the wait; 0 when the wait is not measured. */
  private long since;

  /** The peer waits until all changes before this log position are committed. */
  void extendTo(int newEnd) {
    end = Math.max(end, newEnd);
  }

  /** Whether some of the peer's changes are not committed. */
  boolean isOpen(int committed) {
    return end > committed;
  }

  /** Starts to measure the wait, unless it is measured already. */
  void measure(int committed, long now) {
    if (!isOpen(committed)) {
      since = 0;
    } else if (since == 0) {
      since = Math.max(1, now);
    }
  }

  /** Whether the wait takes longer than {@link #WAIT_NANOS_MAX}. */
  boolean isTooLong(long now) {
    return since != 0 && now - since > WAIT_NANOS_MAX;
  }

  /**
   * Ends the wait if all changes of the peer are committed.
   *
   * @return whether the peer waited and the wait is over now
   */
  boolean endIfCommitted(int committed) {
    if (end == 0 || isOpen(committed)) {
      return false;
    }
    end = 0;
    since = 0;
    return true;
  }
}
