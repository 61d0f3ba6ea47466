package dev.parlor.relay.document;

import dev.parlor.relay.config.FixedLimits;

/**
 * The wait of one peer for the commit of the changes that it delivered. Until then the peer is sent
 * nothing, because our heads would acknowledge its changes [DU1]. Belongs to the document's worker.
 */
final class CommitWait {

  static final long HELD_NANOS = FixedLimits.COMMIT_WAIT_MILLIS_MAX * 1_000_000L;

  /** One past the highest log position that the peer delivered; 0 when it waits for nothing. */
  private int end;

  /** The time of the message that began the wait; 0 when the peer does not wait. */
  private long since;

  /** The peer delivered changes up to this log position, exclusive. */
  void extendTo(int newEnd) {
    end = Math.max(end, newEnd);
  }

  /** Whether some of the peer's changes are not on disk. */
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

  /** Whether the wait takes longer than {@link #HELD_NANOS}. */
  boolean isTooLong(long now) {
    return since != 0 && now - since > HELD_NANOS;
  }

  /**
   * Ends the wait if all of the peer's changes are on disk.
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
