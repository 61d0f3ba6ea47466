package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.config.DocumentSettings;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.deletion.DeletionListener;
import dev.parlor.relay.deletion.Tombstones;
import dev.parlor.relay.document.ChangeListener;
import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The webhooks of a relay: is told about changes, deletions and restorations, and tells the
 * receiver. Events before {@link #start} are stored and told afterwards. Safe from any thread.
 */
public final class Webhooks implements ChangeListener, DeletionListener, AutoCloseable {

  private final DocumentSettings.Webhook settings;
  private final Tombstones tombstones;
  private final DocumentPolicy policy;
  private final Metrics metrics;
  private final InstantSource clock;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("webhooks").factory());
  private final UntoldTable table;
  private final DeliveryQueue queue;

  /** Empty on one machine. */
  private final Optional<LiveNodes> nodes;

  private @Nullable DeliveryWorker worker;

  /**
   * @param policy says which documents are rooms, about which the receiver is not told
   * @param nodes the nodes of the cluster, each of which tells about the changes that it accepts;
   *     empty on one machine
   */
  public Webhooks(
      DocumentSettings.Webhook settings,
      ChangeStore store,
      Tombstones tombstones,
      DocumentPolicy policy,
      Metrics metrics,
      InstantSource clock,
      Optional<LiveNodes> nodes) {
    this.settings = settings;
    this.tombstones = tombstones;
    this.policy = policy;
    this.metrics = metrics;
    this.clock = clock;
    this.nodes = nodes;
    this.table = new UntoldTable(store, nodes.map(LiveNodes::self).orElse(""));
    this.queue =
        new DeliveryQueue(
            table, FixedLimits.WEBHOOK_DOCUMENTS_MAX, this::after, System::nanoTime, metrics);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer.setRejectedExecutionHandler((_, _) -> {}); // the server stops; the table has it all
  }

  private void after(Duration delay, Runnable task) {
    var _ = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Starts to tell, first what an earlier run of the server did not tell. */
  public void start(Function<DocumentId, DocumentHandle> documents) {
    var builder =
        new DeliveryBuilder(tombstones, documents, clock, () -> "msg_" + UUID.randomUUID());
    var started = new DeliveryWorker(queue, builder, new WebhookReceiver(settings, clock), metrics);
    worker = started;
    queue.start(started::pump);
    nodes.ifPresent(
        live ->
            new UntoldTakeover(
                    table,
                    queue,
                    live,
                    this::after,
                    task -> Thread.ofVirtual().name("webhook-takeover").start(task))
                .start());
  }

  @Override
  public boolean listensTo(DocumentId document) {
    return !policy.needsScope(document);
  }

  @Override
  public void changed(DocumentId document, List<ChangeHash> headsBefore) {
    queue.changed(document, headsBefore);
  }

  @Override
  public void begins(DocumentId document) {
    queue.lifecycleBegins(document);
  }

  @Override
  public void ended(DocumentId document) {
    queue.lifecycleEnded(document);
  }

  /** Stops. What was not told is told by the next run of the server. */
  @Override
  public void close() {
    timer.shutdownNow();
    if (worker != null) {
      worker.close();
    }
  }
}
