package dev.parlor.model;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A timer whose time moves only by {@link #advance}. */
final class ManualTimer implements ModelTimer {
  private record Task(long at, long order, Runnable run) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private long nowNanos;
  private long order;

  @Override
  public synchronized Runnable after(Duration delay, Runnable run) {
    Task task = new Task(nowNanos + delay.toNanos(), order++, run);
    tasks.add(task);
    return () -> remove(task);
  }

  private synchronized void remove(Task task) {
    tasks.remove(task);
  }

  synchronized int waiting() {
    return tasks.size();
  }

  void advance(Duration by) {
    long until;
    synchronized (this) {
      until = nowNanos + by.toNanos();
    }
    while (true) {
      Task next;
      synchronized (this) {
        next = tasks.peek();
        if (next == null || next.at() > until) {
          nowNanos = until;
          return;
        }
        tasks.poll();
        nowNanos = next.at();
      }
      next.run().run();
    }
  }
}
