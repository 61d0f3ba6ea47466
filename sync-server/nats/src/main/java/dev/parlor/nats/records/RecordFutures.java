package dev.parlor.nats.records;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Runs requests to the cluster for futures that fail with an {@link IOException}. */
final class RecordFutures {

  private RecordFutures() {}

  /** A request that blocks. */
  interface Task<T> {
    T run() throws IOException;
  }

  /** The outcome of a task that another thread runs. */
  static <T> CompletableFuture<T> onThread(Task<T> task, Executor threads) {
    return CompletableFuture.completedFuture(true)
        .thenComposeAsync(_ -> onThisThread(task), threads);
  }

  /** The outcome of a task that this thread runs now. */
  static <T> CompletableFuture<T> onThisThread(Task<T> task) {
    try {
      return CompletableFuture.completedFuture(task.run());
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(new IOException(e));
    }
  }

  /** Waits for a future; blocks. */
  static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw cause(e) instanceof IOException problem ? problem : new IOException(e);
    }
  }

  /** The problem behind the failure of a stage. */
  static Throwable cause(Throwable problem) {
    var cause = problem.getCause();
    return problem instanceof CompletionException && cause != null ? cause : problem;
  }
}
