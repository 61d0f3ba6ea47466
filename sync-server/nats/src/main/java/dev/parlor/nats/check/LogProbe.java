package dev.parlor.nats.check;

import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterState;
import dev.parlor.nats.store.ProbeEntry;
import dev.parlor.relay.health.Health.Condition;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a {@link ProbeEntry} to the log of one shard after the other, so that {@link ClusterState}
 * knows whether the cluster stores changes even if nobody writes. Ends with {@link #close}.
 */
public final class LogProbe implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogProbe.class);

  /** Time without an answered write of this node; then: a probe is written. */
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Pause after a probe without an answer. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ClusterClient client;
  private final ClusterState state;
  private final int shards;
  private final byte[] entry;
  private final ClockCheck clock;
  private final Thread thread;
  private volatile boolean closed;

  private LogProbe(ClusterClient client, int shards, ClockCheck clock) {
    this.clock = clock;
    this.client = client;
    this.state = client.state();
    this.shards = shards;
    this.entry = ProbeEntry.message();
    this.thread = Thread.ofVirtual().name("cluster-probe").unstarted(this::run);
  }

  /** Starts to write probes and to compare the clocks. */
  public static LogProbe start(ClusterClient client, int shards, ClockCheck clock) {
    var probe = new LogProbe(client, shards, clock);
    client.state().probed();
    probe.thread.start();
    return probe;
  }

  private void run() {
    var wasAway = false;
    for (var count = 0; !closed; count++) {
      var answered = write(count % shards);
      var away = state.isAway();
      if (away != wasAway) {
        wasAway = away;
        if (away) {
          LOG.error("{}", state.condition().detail());
        } else {
          LOG.info("the cluster stores changes again");
        }
      }
      if (answered) {
        clock.checkIfDue();
      }
      pause(answered);
    }
  }

  /** The condition of this machine's clock. */
  public Condition clock() {
    return clock.condition();
  }

  /** Writes one probe; returns whether it was answered. */
  private boolean write(int shard) {
    try {
      var _ =
          client.publishOnce(
              ProbeEntry.subject(client.settings().names(), shard, shards),
              entry,
              ClusterClient.ANY);
      return true;
    } catch (ClusterException e) {
      return e.kind() != ClusterException.Kind.UNANSWERED;
    } catch (IOException e) {
      return false;
    }
  }

  /** Sleeps until the next probe is due. */
  private void pause(boolean answered) {
    try {
      if (!answered) {
        TimeUnit.NANOSECONDS.sleep(RETRY_NANOS);
        return;
      }
      for (var left = QUIET_NANOS; left > 0; left = QUIET_NANOS - state.nanosSinceAnswer()) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
