package dev.parlor.client.connection;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A loop whose tasks and time a test controls. Used by the test's thread. */
final class ManualLoop implements Loop {

  private static final class Waiting implements Timer {
    private final long atNanos;
    private final Runnable task;
    private boolean isCancelled;

    Waiting(long atNanos, Runnable task) {
      this.atNanos = atNanos;
      this.task = task;
    }

    @Override
    public void cancel() {
      isCancelled = true;
    }
  }

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<Waiting> timers = new ArrayList<>();
  private long nanos;

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    var timer = new Waiting(nanos + delay.toNanos(), task);
    timers.add(timer);
    return timer;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void close() {
    tasks.clear();
    timers.clear();
  }

  /** Runs all tasks that are due now. */
  void run() {
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Lets this time pass, and runs the tasks when they are due. */
  void pass(Duration time) {
    var end = nanos + time.toNanos();
    run();
    while (true) {
      timers.removeIf(timer -> timer.isCancelled);
      var next = timers.stream().min(Comparator.comparingLong(timer -> timer.atNanos));
      if (next.isEmpty() || next.get().atNanos > end) {
        break;
      }
      timers.remove(next.get());
      nanos = next.get().atNanos;
      next.get().task.run();
      run();
    }
    nanos = end;
  }
}
