package dev.parlor.relay;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the sockets of a node that has lost its cluster with code 1012, so that their clients try
 * another node. It begins after {@link FixedLimits#AWAY_MOVE_MILLIS} and closes {@link
 * FixedLimits#AWAY_MOVE_PERCENT} of the sockets in each second. When all have been closed once, it
 * begins with the sockets that are open then. It stops when the cluster is back.
 */
public final class ClientMoves implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientMoves.class);

  /** The text of the close frames. */
  public static final String REASON = "this server cannot reach its storage; connect again";

  private final LongSupplier awayMillis;
  private final Supplier<List<Runnable>> sockets;
  private final ScheduledExecutorService thread;

  // Used by one thread.
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int inOneSecond;

  /**
   * @param awayMillis the time for which the cluster is away; 0 if it is not
   * @param sockets an action for each open socket that closes it with 1012
   */
  ClientMoves(LongSupplier awayMillis, Supplier<List<Runnable>> sockets) {
    this.awayMillis = awayMillis;
    this.sockets = sockets;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("client-moves").factory());
  }

  /** Checks the cluster once a second. */
  ClientMoves start() {
    var _ = thread.scheduleWithFixedDelay(this::check, 1, 1, TimeUnit.SECONDS);
    return this;
  }

  /** One step, which takes place once a second. */
  void check() {
    try {
      if (awayMillis.getAsLong() < FixedLimits.AWAY_MOVE_MILLIS) {
        waiting.clear();
        return;
      }
      if (waiting.isEmpty()) {
        var open = new ArrayList<>(sockets.get());
        inOneSecond = Math.ceilDiv(open.size() * FixedLimits.AWAY_MOVE_PERCENT, 100);
        waiting.addAll(open);
        if (!open.isEmpty()) {
          LOG.warn(
              "the cluster is away; {} clients are moved to other nodes, {} in each second",
              open.size(),
              inOneSecond);
        }
      }
      for (var i = 0; i < inOneSecond && !waiting.isEmpty(); i++) {
        waiting.remove().run();
      }
    } catch (RuntimeException e) {
      LOG.error("clients could not be moved", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
