package dev.parlor.room.worker;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one after another, in order, on the threads of a shared pool. After {@value
 * #TASKS_PER_RUN} tasks, it yields its thread to other executors of the pool.
 */
final class SerialExecutor implements Executor {
  private static final int TASKS_PER_RUN = 64;

  private final Executor pool;
  private final Consumer<Throwable> onDefect;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pendingTasks = new AtomicInteger();

  /**
   * @param onDefect receives every exception that a task throws
   */
  SerialExecutor(Executor pool, Consumer<Throwable> onDefect) {
    this.pool = pool;
    this.onDefect = onDefect;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (pendingTasks.getAndIncrement() == 0) {
      schedule();
    }
  }

  private void schedule() {
    try {
      pool.execute(this::runTasks);
    } catch (RejectedExecutionException _) {
      // The server has closed its rooms. The caller must not fail for that reason.
    }
  }

  /** The number of tasks that have not finished. */
  int pendingTasks() {
    return pendingTasks.get();
  }

  private void runTasks() {
    int finished = 0;
    while (finished < TASKS_PER_RUN) {
      Runnable task = tasks.poll();
      if (task == null) {
        break; // execute() adds the task before it counts it
      }
      try {
        task.run();
      } catch (Throwable defect) { // no task may end this loop
        onDefect.accept(defect);
      }
      finished++;
    }
    if (pendingTasks.addAndGet(-finished) > 0) {
      schedule();
    }
  }
}
