package dev.parlor.relay.document;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the peers of a document with which a message was lost although the connection stands: they
 * disagree with the server and come no closer [SY12]. Belongs to the document's worker; has no
 * clock and no timer.
 *
 * <p>It checks all peers, at most once per pause: when a message was sent or received since the
 * last check, or a peer disagreed then. So a document whose peers agree is checked once after it
 * has become quiet, and costs nothing from then on. A peer has come no closer if it sent nothing
 * since the last check, or if the change that the server lacked then is still missing. After each
 * reset without success, the peer gets twice as long, until it agrees.
 *
 * <p>A loss that no message of either side shows cannot be found. If a change that a client sent
 * was lost, the client's next message shows it.
 */
final class StallDetector {

  /** After this many resets in a row the time before the next one does not grow any more. */
  private static final int DOUBLINGS_MAX = 20;

  /** A peer that disagreed with the server at the last check. Ends when the peer agrees. */
  static final class Disagreement {

    /** The last check, for comparison with the next one. */
    private static final class Check {

      /** A change that the peer had and the server did not; null when there was none. */
      final @Nullable ChangeHash lacked;

      /** The peer has sent a message since. */
      boolean activeSince;

      Check(@Nullable ChangeHash lacked) {
        this.lacked = lacked;
      }

      boolean showsProgress(ChangeGraph graph) {
        return activeSince && (lacked == null || graph.contains(lacked));
      }
    }

    /** Null when the peer had an excuse at the last check, or was not checked before. */
    private @Nullable Check last;

    /** Consecutive checks since the last reset that found the peer no closer. */
    private int failedChecks;

    private int resets;

    /** The peer sent a message. */
    void active() {
      if (last != null) {
        last.activeSince = true;
      }
    }

    /** The peer had a reason to be silent, so this check does not count. */
    private void excuse() {
      last = null;
    }

    /**
     * Records a check at which the peer still disagreed.
     *
     * @return whether to reset sync with the peer
     */
    private boolean isStalled(ChangeGraph graph, @Nullable ChangeHash lacked) {
      var before = last;
      last = new Check(lacked);
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

  /** A message was received, or will be sent. */
  void traffic(long now) {
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
   * @param mayBeSlow whether a peer has a reason to be silent, which excuses it
   * @return the peers to reset sync with
   */
  List<PeerSession> check(List<PeerSession> everyone, Predicate<PeerSession> mayBeSlow, long now) {
    List<PeerSession> stalled = new ArrayList<>(0);
    var waitedFor = admission.missing();
    scheduled = false;
    for (var session : everyone) {
      if (session.closed || session.refused != null) {
        // A peer whose change was refused cannot agree.
        continue;
      }
      var lacked = lacked(session, waitedFor);
      if (lacked == null && session.sync.inSync()) {
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
        disagreement.excuse();
      } else if (disagreement.isStalled(graph, lacked)) {
        stalled.add(session);
      }
    }
    nextCheckAt = now + pauseNanos;
    return stalled;
  }

  /**
   * A change that this peer has, or has built on, and that is not here; null when there is none.
   */
  private static @Nullable ChangeHash lacked(PeerSession session, List<ChangeHash> waitedFor) {
    var heads = session.sync.missingHeads();
    if (!heads.isEmpty()) {
      return heads.getFirst();
    }
    return session.hasPending && !waitedFor.isEmpty() ? waitedFor.getFirst() : null;
  }
}
