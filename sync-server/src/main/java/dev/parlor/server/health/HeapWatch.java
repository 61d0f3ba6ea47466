package dev.parlor.server.health;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.parlor.server.config.Limits;
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
 * Whether the heap is nearly full of what is in use. A process without memory ends, and what a peer
 * sends must not end it; so others ask here before they take in more. Looked at after each
 * collection, on the thread that the Java runtime tells of it; asking is one read.
 *
 * <p>A collection of young objects counts old garbage as in use. When it finds the heap full, a
 * collection of everything is asked for, on a thread of its own, and that decides.
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
   * Watches nothing yet.
   *
   * @param collection of everything, in production {@code System::gc}
   * @param nanoTime a monotonic clock, in production {@code System::nanoTime}
   */
  public HeapWatch(Limits.Memory limits, Runnable collection, LongSupplier nanoTime) {
    this.limits = limits;
    this.collection = collection;
    this.nanoTime = nanoTime;
    this.askedAt = nanoTime.getAsLong() - TimeUnit.SECONDS.toNanos(limits.checkSeconds());
  }

  /** Is told of collections from now on. */
  public HeapWatch start() {
    for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(listener, null, null);
        collectors.add(emitter);
      }
    }
    return this;
  }

  /** Whether what comes from outside should not be taken in now. */
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
   * A collection has ended.
   *
   * @param used bytes of the heap after it
   * @param max bytes that the heap may have
   * @param whole whether it was of everything
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
      LOG.warn("{} of {} MiB of the heap are in use: all is taken in again", used / MIB, max / MIB);
    }
  }

  /** Everything stands still for a collection of everything: not one after the other. */
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
        // It is not told any more, which is what was wanted.
      }
    }
    thread.shutdown();
  }
}
