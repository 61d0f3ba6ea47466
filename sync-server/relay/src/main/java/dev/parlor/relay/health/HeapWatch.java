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
 * Tells whether the heap is nearly full of live objects. A process without memory ends, and a peer
 * must not be able to cause that, so other parts ask here before they accept data. The state is
 * updated after each garbage collection, on the runtime's notification thread. Asking is one read.
 *
 * <p>A young collection counts old garbage as live. If it finds the heap full, this class requests
 * a full collection on its own thread, and the result of that decides.
 */
public final class HeapWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HeapWatch.class);
  private static final long MIB = 1 << 20;

  private static final String OF_EVERYTHING = "end of major GC";

  private final Limits.Memory limits;
  private final Runnable collection;
  private final LongSupplier nanoTime;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("heap-watch").factory());
  private final List<NotificationEmitter> collectors = new ArrayList<>();
  private final NotificationListener listener = this::told;
  private final Set<String> pools =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .map(java.lang.management.MemoryPoolMXBean::getName)
          .collect(Collectors.toUnmodifiableSet());

  private volatile boolean full;
  private long askedAt;

  /**
   * Call {@link #start} to begin.
   *
   * @param collection runs a full collection, in production {@code System::gc}
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public HeapWatch(Limits.Memory limits, Runnable collection, LongSupplier nanoTime) {
    this.limits = limits;
    this.collection = collection;
    this.nanoTime = nanoTime;
    this.askedAt = nanoTime.getAsLong() - TimeUnit.SECONDS.toNanos(limits.checkSeconds());
  }

  /** Begins to receive notifications of collections. */
  public HeapWatch start() {
    for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(listener, null, null);
        collectors.add(emitter);
      }
    }
    return this;
  }

  /** Whether data from outside must be refused now. */
  public boolean isFull() {
    return full;
  }

  private void told(Notification notification, Object handback) {
    if (notification
        .getType()
        .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
      var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
      var used = 0L;
      for (var pool : info.getGcInfo().getMemoryUsageAfterGc().entrySet()) {
        used += pools.contains(pool.getKey()) ? pool.getValue().getUsed() : 0;
      }
      collected(used, Runtime.getRuntime().maxMemory(), info.getGcAction().equals(OF_EVERYTHING));
    }
  }

  /**
   * Handles the end of a collection.
   *
   * @param used bytes of the heap in use after it
   * @param max bytes that the heap may have
   * @param whole whether it was a full collection
   */
  synchronized void collected(long used, long max, boolean whole) {
    var percent = used * 100 / max;
    if (!full && percent > limits.fullPercent()) {
      if (!whole) {
        find();
        return;
      }
      full = true;
      LOG.warn(
          "{} of {} MiB of the heap are in use: changes, documents and connections are refused"
              + " until fewer are",
          used / MIB,
          max / MIB);
    } else if (full && percent < limits.freePercent()) {
      full = false;
      LOG.warn(
          "{} of {} MiB of the heap are in use: changes and connections are accepted again",
          used / MIB,
          max / MIB);
    }
  }

  /** Runs a full collection. It stops all threads, so it must not run too often. */
  private void find() {
    var now = nanoTime.getAsLong();
    if (now - askedAt >= TimeUnit.SECONDS.toNanos(limits.checkSeconds())) {
      askedAt = now;
      thread.execute(collection);
    }
  }

  @Override
  public void close() {
    for (var emitter : collectors) {
      try {
        emitter.removeNotificationListener(listener);
      } catch (ListenerNotFoundException _) {
        // The listener is gone already.
      }
    }
    thread.shutdown();
  }
}
