package dev.parlor.server.relay;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the peers of a room with whom a message was lost although their connection stands: they do
 * not agree with us, and come no closer [SY12]. Belongs to the room's writer; no clock, no timer.
 *
 * <p>It looks at everybody at most once in a while: when something moved since the last look, or
 * somebody did not agree then. So a room that agrees is looked at once after it has fallen silent
 * and costs nothing from then on. A peer has come no closer when it said nothing since the last
 * look, or what we lacked of it then is still not here, whatever it said. One with whom we have
 * started over in vain gets twice as long each time, until it agrees.
 *
 * <p>What no word of either side tells of cannot be found: a change that a client sent and that was
 * lost shows with the client's next message.
 */
final class StallDetector {

  /** Beyond so many attempts in a row the pause does not grow any more. */
  private static final int DOUBLINGS_MAX = 20;

  private final ChangeGraph graph;
  private final ChangeAdmission intake;
  private final long pauseNanos;

  private boolean looking;
  private long lookAt;

  StallDetector(ChangeGraph graph, ChangeAdmission intake, int lookMillis) {
    this.graph = graph;
    this.intake = intake;
    this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(lookMillis);
  }

  /** Somebody said something, or will be told something. */
  void moved(long now) {
    if (!looking) {
      looking = true;
      lookAt = now + pauseNanos;
    }
  }

  boolean isTimeToLook(long now) {
    return looking && now - lookAt >= 0;
  }

  /** For how many nanoseconds there is nothing to look at. */
  long nanosToLook(long now) {
    return looking ? Math.max(0, lookAt - now) : Long.MAX_VALUE;
  }

  /**
   * Looks at everybody.
   *
   * @param mayBeSlow whoever has reason to be silent, which is not held against it
   * @return with whom to start over
   */
  List<PeerSession> look(List<PeerSession> everyone, Predicate<PeerSession> mayBeSlow, long now) {
    List<PeerSession> lost = new ArrayList<>(0);
    var waitedFor = intake.missing();
    looking = false;
    for (var one : everyone) {
      if (one.closed || one.refused != null) {
        // With a peer whose change was refused there is nothing to agree on.
        continue;
      }
      var lacked = lacks(one, waitedFor);
      if (lacked == null && one.sync.inSync()) {
        one.disagreed = false;
        one.startedOver = 0;
        continue;
      }
      looking = true;
      if (mayBeSlow.test(one)) {
        one.disagreed = false;
        continue;
      }
      if (!one.disagreed || isCloser(one)) {
        one.looksInVain = 0;
      } else if (++one.looksInVain >= 1 << Math.min(one.startedOver, DOUBLINGS_MAX)) {
        one.looksInVain = 0;
        one.startedOver++;
        lost.add(one);
      }
      one.disagreed = true;
      one.heard = false;
      one.lacked = lacked;
    }
    lookAt = now + pauseNanos;
    return lost;
  }

  private boolean isCloser(PeerSession one) {
    return one.heard && (one.lacked == null || graph.contains(one.lacked));
  }

  /** One of the changes that this peer has, or has built on, and that are not here. */
  private static @Nullable ChangeHash lacks(PeerSession one, List<ChangeHash> waitedFor) {
    var heads = one.sync.missingHeads();
    if (!heads.isEmpty()) {
      return heads.getFirst();
    }
    return one.hasPending && !waitedFor.isEmpty() ? waitedFor.getFirst() : null;
  }
}
