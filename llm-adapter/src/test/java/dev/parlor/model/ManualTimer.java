package dev.parlor.model;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A timer whose time moves only by {@link #advance}. */
final class ManualTimer implements ModelTimer {
  private record Task(long timeNanos, long order, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::timeNanos).thenComparingLong(Task::order));
  private long nowNanos;
  private long order;

  @Override
  public synchronized Runnable after(Duration delay, Runnable action) {
    Task task = new Task(nowNanos + delay.toNanos(), order++, action);
    tasks.add(task);
    return () -> remove(task);
  }

  private synchronized void remove(Task task) {
    tasks.remove(task);
  }

  synchronized int pendingTasks() {
    return tasks.size();
  }

  void advance(Duration duration) {
    long targetNanos;
    synchronized (this) {
      targetNanos = nowNanos + duration.toNanos();
    }
    while (true) {
      Task task;
      synchronized (this) {
        task = tasks.peek();
        if (task == null || task.timeNanos() > targetNanos) {
          nowNanos = targetNanos;
          return;
        }
        tasks.poll();
        nowNanos = task.timeNanos();
      }
      task.action().run();
    }
  }
}
