package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.health.RateLimitedLog;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the deliveries that are due, a few at the same time, each on a virtual thread. Safe
 * from any thread.
 */
final class DeliveryWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryWorker.class);
  private static final int LOG_PERIOD_MILLIS = 10_000;

  private final DeliveryQueue queue;
  private final DeliveryBuilder builder;
  private final WebhookReceiver receiver;
  private final Metrics metrics;
  private final Semaphore permits = new Semaphore(FixedLimits.WEBHOOK_CALLS_MAX);
  private final RateLimitedLog failures =
      new RateLimitedLog(LOG, LOG_PERIOD_MILLIS, System::nanoTime);
  private volatile boolean closed;

  DeliveryWorker(
      DeliveryQueue queue, DeliveryBuilder builder, WebhookReceiver receiver, Metrics metrics) {
    this.queue = queue;
    this.builder = builder;
    this.receiver = receiver;
    this.metrics = metrics;
    count("delivered", 0);
    count("failed", 0);
  }

  /** Starts deliveries while some are due and not too many run. */
  void pump() {
    while (!closed && permits.tryAcquire()) {
      var document = queue.poll();
      if (document.isPresent()) {
        Thread.ofVirtual().name("webhook").start(() -> run(document.get()));
        continue;
      }
      permits.release();
      if (!queue.hasDue()) {
        return;
      }
    }
  }

  private void run(DocumentId document) {
    try {
      deliver(document);
    } catch (RuntimeException e) {
      LOG.error("a webhook about document {} failed", document, e);
      queue.failed(document);
    } finally {
      permits.release();
      pump();
    }
  }

  private void deliver(DocumentId document) {
    var attempt = queue.attempt(document);
    if (attempt.isEmpty()) {
      return;
    }
    try {
      var prepared = attempt.get();
      if (!prepared.isBuilt()) {
        prepared = prepared.with(builder.build(document, prepared.untold()));
        queue.keep(document, prepared);
      }
      var isPosted = prepared.delivery().isPresent();
      if (isPosted) {
        receiver.post(prepared.delivery().get());
      }
      queue.settled(document, prepared);
      count("delivered", isPosted ? 1 : 0);
    } catch (IOException e) {
      queue.failed(document);
      if (!closed) {
        count("failed", 1);
        failures.write(
            log ->
                log.warn(
                    "a webhook about document {} failed and is repeated: {}", document, text(e)));
      }
    }
  }

  /** The reason without the receiver's URL, whose path may have a secret. */
  private static String text(IOException failure) {
    var message = failure.getMessage();
    return failure.getClass() == IOException.class && message != null
        ? message
        : failure.getClass().getSimpleName();
  }

  private void count(String outcome, int count) {
    metrics
        .meters()
        .counter("parlor.webhook.deliveries", "Webhooks, by outcome", "outcome", outcome)
        .increment(count);
  }

  @Override
  public void close() {
    closed = true;
    receiver.close();
  }
}
