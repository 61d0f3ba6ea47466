package dev.parlor.server.relay;

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

  private final ChangeGraph graph;
  private final ChangeAdmission admission;
  private final long pauseNanos;

  private boolean looking;
  private long lookAt;

  StallDetector(ChangeGraph graph, ChangeAdmission admission, int lookMillis) {
    this.graph = graph;
    this.admission = admission;
    this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(lookMillis);
  }

  /** A message was received, or will be sent. */
  void moved(long now) {
    if (!looking) {
      looking = true;
      lookAt = now + pauseNanos;
    }
  }

  boolean isTimeToLook(long now) {
    return looking && now - lookAt >= 0;
  }

  /** Nanoseconds until the next check. */
  long nanosToLook(long now) {
    return looking ? Math.max(0, lookAt - now) : Long.MAX_VALUE;
  }

  /**
   * Checks all peers.
   *
   * @param mayBeSlow whether a peer has a reason to be silent, which excuses it
   * @return the peers to reset sync with
   */
  List<PeerSession> look(List<PeerSession> everyone, Predicate<PeerSession> mayBeSlow, long now) {
    List<PeerSession> lost = new ArrayList<>(0);
    var waitedFor = admission.missing();
    looking = false;
    for (var session : everyone) {
      if (session.closed || session.refused != null) {
        // A peer whose change was refused cannot agree.
        continue;
      }
      var lacked = lacks(session, waitedFor);
      if (lacked == null && session.sync.inSync()) {
        session.disagreed = false;
        session.startedOver = 0;
        continue;
      }
      looking = true;
      if (mayBeSlow.test(session)) {
        session.disagreed = false;
        continue;
      }
      if (!session.disagreed || isCloser(session)) {
        session.failedChecks = 0;
      } else if (++session.failedChecks >= 1 << Math.min(session.startedOver, DOUBLINGS_MAX)) {
        session.failedChecks = 0;
        session.startedOver++;
        lost.add(session);
      }
      session.disagreed = true;
      session.activeSinceCheck = false;
      session.lacked = lacked;
    }
    lookAt = now + pauseNanos;
    return lost;
  }

  private boolean isCloser(PeerSession session) {
    return session.activeSinceCheck && (session.lacked == null || graph.contains(session.lacked));
  }

  /** One of the changes that this peer has, or has built on, and that are not here. */
  private static @Nullable ChangeHash lacks(PeerSession session, List<ChangeHash> waitedFor) {
    var heads = session.sync.missingHeads();
    if (!heads.isEmpty()) {
      return heads.getFirst();
    }
    return session.hasPending && !waitedFor.isEmpty() ? waitedFor.getFirst() : null;
  }
}
