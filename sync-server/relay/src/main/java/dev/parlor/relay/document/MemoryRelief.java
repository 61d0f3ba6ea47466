package dev.parlor.relay.document;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees memory when the heap is full of live objects. It closes the largest documents whose changes
 * are on disk or on their way there. Then it requests a collection, which shows whether that was
 * enough. It checks every few seconds on a separate thread.
 */
public final class MemoryRelief implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryRelief.class);

  private record Weighed(DocumentId document, long bytes) {}

  private final BooleanSupplier isFull;
  private final Runnable collection;
  private final DocumentAdmin admin;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("memory-relief").factory());

  /** Whether the last check closed documents. */
  private boolean closedAny;

  /**
   * Does not check until it is started.
   *
   * @param isFull whether the heap was full after the last collection
   * @param collection a full collection, in production {@code System::gc}
   */
  public MemoryRelief(BooleanSupplier isFull, Runnable collection, DocumentAdmin admin) {
    this.isFull = isFull;
    this.collection = collection;
    this.admin = admin;
  }

  /** Starts checking. */
  public MemoryRelief start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::checkSafely,
            FixedLimits.RELIEF_CHECK_MILLIS,
            FixedLimits.RELIEF_CHECK_MILLIS,
            TimeUnit.MILLISECONDS);
    return this;
  }

  private void checkSafely() {
    try {
      check();
    } catch (RuntimeException e) {
      LOG.error("freeing memory failed", e);
    }
  }

  /** Closes documents when the heap is full, and requests a collection at the next check. */
  void check() {
    if (!isFull.getAsBoolean()) {
      closedAny = false;
    } else if (closedAny) {
      closedAny = false;
      collection.run();
    } else {
      closedAny = true;
      closeLargest();
    }
  }

  private void closeLargest() {
    var documents = new ArrayList<Weighed>();
    for (var document : admin.documents()) {
      var weight = weight(document);
      if (weight > 0) {
        documents.add(new Weighed(document, weight));
      }
    }
    documents.sort(Comparator.comparingLong(Weighed::bytes).reversed());
    var all = documents.stream().mapToLong(Weighed::bytes).sum();
    var enough = all * FixedLimits.RELIEF_PERCENT / 100;
    var given = 0L;
    for (var weighed : documents) {
      if (given >= enough) {
        break;
      }
      given += weighed.bytes;
      LOG.warn(
          "the memory is full: document {}, which takes {} KiB, is closed",
          weighed.document,
          weighed.bytes >> 10);
      var _ = admin.close(weighed.document);
    }
  }

  /**
   * The approximate number of bytes that a document takes; 0 when it does not answer in time or is
   * leaving already.
   */
  private long weight(DocumentId document) {
    try {
      var answer = admin.describe(document, false);
      if (answer.isEmpty()) {
        return 0;
      }
      var described = answer.get().get(FixedLimits.RELIEF_ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS);
      return described.leaving()
          ? 0
          : described.bytes()
              + described.snapshotBytes()
              + described.pendingBytes()
              + described.indexBytes();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (ExecutionException | TimeoutException _) {
      return 0;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
