package dev.parlor.room.worker;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one after another, in order, on the threads of a shared pool. After a few tasks it
 * yields its thread to other mailboxes. The owner gets the exceptions that tasks throw.
 */
final class SerialExecutor implements Executor {
  private static final int TASKS_PER_TURN = 64;

  private final Executor pool;
  private final Consumer<Throwable> onDefect;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  SerialExecutor(Executor pool, Consumer<Throwable> onDefect) {
    this.pool = pool;
    this.onDefect = onDefect;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (waiting.getAndIncrement() == 0) {
      takeTurn();
    }
  }

  private void takeTurn() {
    try {
      pool.execute(this::turn);
    } catch (RejectedExecutionException _) {
      // The server has closed its rooms; the caller must not fail for that reason.
    }
  }

  int waiting() {
    return waiting.get();
  }

  private void turn() {
    int done = 0;
    while (done < TASKS_PER_TURN) {
      Runnable task = tasks.poll();
      if (task == null) {
        break; // execute() adds the task before it counts it
      }
      try {
        task.run();
      } catch (Throwable defect) { // the outermost loop of a room
        onDefect.accept(defect);
      }
      done++;
    }
    if (waiting.addAndGet(-done) > 0) {
      takeTurn();
    }
  }
}
