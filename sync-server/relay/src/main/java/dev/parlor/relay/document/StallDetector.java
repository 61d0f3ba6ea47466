package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Detects peers that have stopped converging: they and the server have different changes, and their
 * messages no longer reduce the difference [SY12]. The reason is a message that was lost on a live
 * connection. Belongs to the document's worker; has no clock and no timer.
 *
 * <p>A check covers all peers. The next check is scheduled only if a message was sent or received
 * since the last check, or if a peer disagreed at the last check. So a document whose peers all
 * agree is checked once after its last message, and then no more.
 *
 * <p>A peer makes no progress if it sent nothing since the last check, or if the change that the
 * server lacked then is still missing. Each reset that does not help doubles the number of checks
 * before the next reset, until the peer agrees.
 *
 * <p>A loss can be detected only after a message that shows it. If a client's change was lost, the
 * client's next message shows it.
 */
final class StallDetector {

  /** The maximum number of times that the number of checks before a reset is doubled. */
  private static final int DOUBLINGS_MAX = 20;

  /** The state of a peer that disagrees with the server. It is discarded when the peer agrees. */
  static final class Disagreement {

    /** A check of the peer, for comparison with the next check. */
    private static final class Check {

      /** A change that the peer had and the server lacked; null if there was none. */
      final @Nullable ChangeHash missing;

      /** Whether the peer has sent a message since this check. */
      boolean activeSince;

      Check(@Nullable ChangeHash missing) {
        this.missing = missing;
      }

      boolean showsProgress(ChangeGraph graph) {
        return activeSince && (missing == null || graph.contains(missing));
      }
    }

    /** Null if the peer was not checked before, or its last check did not count. */
    private @Nullable Check last;

    /** The number of consecutive checks without progress since the last reset. */
    private int failedChecks;

    private int resets;

    /** The peer sent a message. */
    void messageReceived() {
      if (last != null) {
        last.activeSince = true;
      }
    }

    /** Discards the last check, because the peer may only be slow. */
    private void discardCheck() {
      last = null;
    }

    /**
     * Records a check at which the peer still disagreed.
     *
     * @return whether to reset sync with the peer
     */
    private boolean isStalled(ChangeGraph graph, @Nullable ChangeHash missing) {
      var before = last;
      last = new Check(missing);
      if (before == null || before.showsProgress(graph)) {
        failedChecks = 0;
        return false;
      }
      failedChecks++;
      if (failedChecks < 1 << Math.min(resets, DOUBLINGS_MAX)) {
        return false;
      }
      failedChecks = 0;
      resets++;
      return true;
    }
  }

  private final ChangeGraph graph;
  private final ChangeAdmission admission;
  private final long pauseNanos;

  private boolean scheduled;
  private long nextCheckAt;

  /**
   * @param pauseMillis the time between two checks
   */
  StallDetector(ChangeGraph graph, ChangeAdmission admission, int pauseMillis) {
    this.graph = graph;
    this.admission = admission;
    this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
  }

  /** A message was received or will be sent: schedules a check, unless one is scheduled. */
  void scheduleCheck(long now) {
    if (!scheduled) {
      scheduled = true;
      nextCheckAt = now + pauseNanos;
    }
  }

  boolean isCheckDue(long now) {
    return scheduled && now - nextCheckAt >= 0;
  }

  /** Nanoseconds until the next check. */
  long nanosToCheck(long now) {
    return scheduled ? Math.max(0, nextCheckAt - now) : Long.MAX_VALUE;
  }

  /**
   * Checks all peers.
   *
   * @param mayBeSlow whether a peer may only be slow, so that its check does not count
   * @return the peers to reset sync with
   */
  List<PeerSession> check(List<PeerSession> sessions, Predicate<PeerSession> mayBeSlow, long now) {
    List<PeerSession> stalled = new ArrayList<>(0);
    var missingDependencies = admission.missing();
    scheduled = false;
    for (var session : sessions) {
      if (session.closed || session.refused != null) {
        // A peer with a refused change can never agree.
        continue;
      }
      var missing = missing(session, missingDependencies);
      if (missing == null && session.sync.inSync()) {
        session.disagreement = null;
        continue;
      }
      scheduled = true;
      var disagreement = session.disagreement;
      if (disagreement == null) {
        disagreement = new Disagreement();
        session.disagreement = disagreement;
      }
      if (mayBeSlow.test(session)) {
        disagreement.discardCheck();
      } else if (disagreement.isStalled(graph, missing)) {
        stalled.add(session);
      }
    }
    nextCheckAt = now + pauseNanos;
    return stalled;
  }

  /**
   * A change that the server lacks and the peer has: one of its heads, or a dependency of its
   * changes. Null if there is none.
   */
  private static @Nullable ChangeHash missing(
      PeerSession session, List<ChangeHash> missingDependencies) {
    var heads = session.sync.missingHeads();
    if (!heads.isEmpty()) {
      return heads.getFirst();
    }
    return session.hasPending && !missingDependencies.isEmpty()
        ? missingDependencies.getFirst()
        : null;
  }
}
