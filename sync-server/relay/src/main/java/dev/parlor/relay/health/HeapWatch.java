package dev.parlor.relay.health;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.parlor.relay.config.Limits;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the heap is nearly full of live objects. A peer must not be able to exhaust the
 * memory, which would end the process. So other parts call {@link #isFull}, a single read, before
 * they accept data. The state is updated after each garbage collection, on a thread of the Java
 * runtime.
 *
 * <p>A young collection does not free old garbage. If the heap is nearly full after it, this class
 * runs a full collection on a separate thread, and only the result of that counts.
 */
public final class HeapWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HeapWatch.class);
  private static final long MIB = 1 << 20;

  /** The name that the Java runtime gives to a full collection. */
  private static final String FULL_COLLECTION = "end of major GC";

  private final Limits.Memory limits;
  private final Runnable collection;
  private final LongSupplier nanoTime;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("heap-watch").factory());
  private final List<NotificationEmitter> collectors = new ArrayList<>();
  private final NotificationListener listener = this::onNotification;
  private final Set<String> pools =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .map(java.lang.management.MemoryPoolMXBean::getName)
          .collect(Collectors.toUnmodifiableSet());

  private volatile boolean full;
  private long requestedAt;

  /**
   * Creates a watch that does nothing until {@link #start}.
   *
   * @param collection runs a full collection, in production {@code System::gc}
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public HeapWatch(Limits.Memory limits, Runnable collection, LongSupplier nanoTime) {
    this.limits = limits;
    this.collection = collection;
    this.nanoTime = nanoTime;
    this.requestedAt = nanoTime.getAsLong() - TimeUnit.SECONDS.toNanos(limits.checkSeconds());
  }

  /** Starts to receive notifications of collections. */
  public HeapWatch start() {
    for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(listener, null, null);
        collectors.add(emitter);
      }
    }
    return this;
  }

  /** Whether the heap is nearly full, so that new data must be refused. */
  public boolean isFull() {
    return full;
  }

  private void onNotification(Notification notification, Object handback) {
    if (notification
        .getType()
        .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
      var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
      var used = 0L;
      for (var pool : info.getGcInfo().getMemoryUsageAfterGc().entrySet()) {
        used += pools.contains(pool.getKey()) ? pool.getValue().getUsed() : 0;
      }
      collected(used, Runtime.getRuntime().maxMemory(), info.getGcAction().equals(FULL_COLLECTION));
    }
  }

  /**
   * Handles the end of a collection.
   *
   * @param usedBytes heap in use after the collection
   * @param maxBytes maximum size of the heap
   * @param isFullCollection whether it was a full collection
   */
  synchronized void collected(long usedBytes, long maxBytes, boolean isFullCollection) {
    var percent = usedBytes * 100 / maxBytes;
    if (!full && percent > limits.fullPercent()) {
      if (!isFullCollection) {
        requestFullCollection();
        return;
      }
      full = true;
      LOG.warn(
          "{} of {} MiB of the heap are in use: changes, documents and connections are refused"
              + " until memory is freed",
          usedBytes / MIB,
          maxBytes / MIB);
    } else if (full && percent < limits.freePercent()) {
      full = false;
      LOG.warn(
          "{} of {} MiB of the heap are in use: changes and connections are accepted again",
          usedBytes / MIB,
          maxBytes / MIB);
    }
  }

  /** Runs a full collection on a separate thread, at most once per period: it stops all threads. */
  private void requestFullCollection() {
    var now = nanoTime.getAsLong();
    if (now - requestedAt >= TimeUnit.SECONDS.toNanos(limits.checkSeconds())) {
      requestedAt = now;
      thread.execute(collection);
    }
  }

  @Override
  public void close() {
    for (var emitter : collectors) {
      try {
        emitter.removeNotificationListener(listener);
      } catch (ListenerNotFoundException _) {
        // The listener was removed already.
      }
    }
    thread.shutdown();
  }
}
