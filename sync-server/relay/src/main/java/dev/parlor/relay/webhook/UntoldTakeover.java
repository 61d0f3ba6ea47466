package dev.parlor.relay.webhook;

import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.config.FixedLimits;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the webhooks that a node had not delivered before it was gone. The first of the
 * present nodes, by name, does this. If a node only seemed to be gone, the receiver may get a
 * delivery twice. Safe from any thread.
 */
final class UntoldTakeover {
  private static final Logger LOG = LoggerFactory.getLogger(UntoldTakeover.class);
  private static final Duration RETRY = Duration.ofMillis(FixedLimits.WEBHOOK_TAKEOVER_MILLIS);

  private final UntoldTable table;
  private final DeliveryQueue queue;
  private final LiveNodes nodes;
  private final WebhookTimer timer;
  private final Executor blocking;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param blocking runs tasks that read the table, which may block
   */
  UntoldTakeover(
      UntoldTable table,
      DeliveryQueue queue,
      LiveNodes nodes,
      WebhookTimer timer,
      Executor blocking) {
    this.table = table;
    this.queue = queue;
    this.nodes = nodes;
    this.timer = timer;
    this.blocking = blocking;
  }

  /** Looks now, and after each node that is gone. */
  void start() {
    nodes.onGone(_ -> lookAfter(Duration.ZERO));
    lookAfter(Duration.ZERO);
  }

  private void lookAfter(Duration delay) {
    timer.after(delay, this::look);
  }

  private void look() {
    if (!running.compareAndSet(false, true)) {
      lookAfter(RETRY);
      return;
    }
    blocking.execute(
        () -> {
          var complete = false;
          try {
            complete = takeOver();
          } catch (UncheckedIOException e) {
            LOG.warn("the table of webhooks cannot be read; its takeover goes on later", e);
          } finally {
            running.set(false);
            if (!complete) {
              lookAfter(RETRY);
            }
          }
        });
  }

  /** Takes over all entries that it can. Returns false if it must look again later. */
  private boolean takeOver() {
    var complete = true;
    for (var other : table.ofOthers()) {
      var present = nodes.present();
      if (present.contains(other.node())) {
        continue;
      }
      if (!nodes.isSelfAlive() || !isGone(other.node())) {
        complete = false; // a node that was never heard of counts as gone after one lease time
      } else if (nodes.self().equals(Collections.min(present))) {
        if (queue.adopt(other.document(), other.untold())) {
          table.remove(other);
        } else {
          complete = false;
        }
      }
    }
    return complete;
  }

  /** Whether a node is gone; entries without a name are older than the names. */
  private boolean isGone(String node) {
    return node.isEmpty() || nodes.isGone(node);
  }
}
