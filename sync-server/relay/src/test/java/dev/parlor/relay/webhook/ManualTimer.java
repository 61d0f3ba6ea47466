package dev.parlor.relay.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A timer and a clock that a test moves. Safe from any thread. */
final class ManualTimer implements WebhookTimer, LongSupplier {

  private record Task(long at, long number, Runnable run) {}

  private final List<Task> tasks = new ArrayList<>();
  private long now = 1_000_000_000_000L;
  private long count;

  @Override
  public synchronized void after(Duration delay, Runnable task) {
    tasks.add(new Task(now + delay.toNanos(), count++, task));
    notifyAll();
  }

  @Override
  public synchronized long getAsLong() {
    return now;
  }

  /** Waits until a task is there, and then moves the clock and runs all tasks that are due. */
  void advance(Duration time) throws InterruptedException {
    long until;
    synchronized (this) {
      while (tasks.isEmpty()) {
        wait();
      }
      until = now + time.toNanos();
    }
    for (var task = next(until); task.isPresent(); task = next(until)) {
      task.get().run();
    }
    synchronized (this) {
      now = until;
    }
  }

  /** Runs all tasks that are due now. */
  void runDue() {
    var until = getAsLong();
    for (var task = next(until); task.isPresent(); task = next(until)) {
      task.get().run();
    }
  }

  private synchronized Optional<Runnable> next(long until) {
    var next =
        tasks.stream()
            .filter(task -> task.at <= until)
            .min(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
    next.ifPresent(
        task -> {
          tasks.remove(task);
          now = Math.max(now, task.at);
        });
    return next.map(Task::run);
  }
}
