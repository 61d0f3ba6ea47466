package dev.parlor.nats.check;

import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.health.Health.Condition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this machine's clock with the time of the cluster, and logs a difference at the start
 * and once an hour. Leases do not depend on clocks; the times that people see do.
 */
public final class ClockCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ClockCheck.class);

  /** Difference that people may notice; above: the log and the health say so. */
  static final Duration DIFFERENCE_MAX = Duration.ofSeconds(30);

  /** Time between two checks. */
  static final Duration INTERVAL = Duration.ofHours(1);

  /** The time of a server of the cluster. */
  interface ClusterTime {
    Instant read() throws IOException;
  }

  private final ClusterTime cluster;
  private final InstantSource clock;
  private @Nullable Instant checkedAt;
  private volatile @Nullable String fault;

  ClockCheck(ClusterTime cluster, InstantSource clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  /** Compares a clock with the time of the leader of a stream. */
  public static ClockCheck of(ClusterClient client, InstantSource clock) {
    var stream = client.settings().names().records();
    return new ClockCheck(
        () ->
            ClusterStreams.info(client, stream)
                .map(info -> info.getTimestamp())
                .orElseThrow(() -> new IOException("the stream " + stream + " is missing"))
                .toInstant(),
        clock);
  }

  /** Checks if an hour has passed since the last check; blocks on the network. */
  void checkIfDue() {
    var now = clock.instant();
    var last = checkedAt;
    if (last != null && Duration.between(last, now).abs().compareTo(INTERVAL) < 0) {
      return;
    }
    try {
      var before = clock.instant();
      var theirs = cluster.read();
      var after = clock.instant();
      checkedAt = after;
      fault = difference(before, theirs, after).orElse(null);
      if (fault != null) {
        LOG.warn("{}", fault);
      }
    } catch (IOException e) {
      LOG.debug("the time of the cluster cannot be read", e);
    }
  }

  /** A sentence if the cluster's time is too far from the time in which it was asked for. */
  static Optional<String> difference(Instant before, Instant theirs, Instant after) {
    var behind = Duration.between(after, theirs);
    var ahead = Duration.between(theirs, before);
    var difference = behind.compareTo(ahead) > 0 ? behind : ahead;
    return difference.compareTo(DIFFERENCE_MAX) <= 0
        ? Optional.empty()
        : Optional.of(
            "the clock of this machine is "
                + difference.toSeconds()
                + " s "
                + (difference.equals(behind) ? "behind" : "ahead of")
                + " the cluster's; people see wrong times until it is set");
  }

  /** The condition for {@code /health/ready}; a wrong clock does not make a node unready. */
  public Condition condition() {
    var found = fault;
    return found == null ? Condition.ok("as the cluster's") : Condition.failing(found);
  }
}
