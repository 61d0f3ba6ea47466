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
 * Frees memory when the heap is full of live objects. It closes the largest documents, which leave
 * memory once their changes are on disk. Then it requests a full collection, which shows whether
 * that was enough. It checks every few seconds on a separate thread.
 */
public final class MemoryRelief implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryRelief.class);

  private record DocumentSize(DocumentId document, long bytes) {}

  private final BooleanSupplier isFull;
  private final Runnable collection;
  private final DocumentAdmin admin;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("memory-relief").factory());

  /** Whether the last check closed documents. */
  private boolean closedAny;

  /**
   * Creates a relief that does not check until it is started.
   *
   * @param isFull whether the heap was full after the last collection
   * @param collection runs a full collection; in production {@code System::gc}
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
    var documents = new ArrayList<DocumentSize>();
    for (var document : admin.documents()) {
      var bytes = heapBytes(document);
      if (bytes > 0) {
        documents.add(new DocumentSize(document, bytes));
      }
    }
    documents.sort(Comparator.comparingLong(DocumentSize::bytes).reversed());
    var total = documents.stream().mapToLong(DocumentSize::bytes).sum();
    var enough = total * FixedLimits.RELIEF_PERCENT / 100;
    var closedBytes = 0L;
    for (var candidate : documents) {
      if (closedBytes >= enough) {
        break;
      }
      closedBytes += candidate.bytes;
      LOG.warn(
          "the heap is full: closing document {}, which takes {} KiB",
          candidate.document,
          candidate.bytes >> 10);
      var _ = admin.close(candidate.document);
    }
  }

  /**
   * The approximate heap size of a document; 0 if it does not answer in time or is being closed
   * already.
   */
  private long heapBytes(DocumentId document) {
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
