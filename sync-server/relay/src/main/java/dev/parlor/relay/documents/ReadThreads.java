package dev.parlor.relay.documents;

import dev.parlor.relay.storage.StoreUnreachableException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read documents. They are few, so that large documents are read one after the
 * other and not on the threads of sockets or documents. Callers wait. Safe from any thread.
 */
final class ReadThreads implements AutoCloseable {
  private static final int THREADS = 2;

  private final Duration timeout;
  private final ExecutorService executor;

  ReadThreads(Duration timeout) {
    this.timeout = timeout;
    var number = new AtomicInteger();
    this.executor =
        Executors.newFixedThreadPool(
            THREADS,
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("document-reads-" + number.incrementAndGet())
                    .unstarted(task));
  }

  /** Runs work on one of the threads and waits for its result. */
  <T> T run(Callable<T> work) {
    Future<T> result;
    try {
      result = executor.submit(work);
    } catch (RejectedExecutionException _) {
      throw DocumentFault.unavailable("stopping", "the server is stopping");
    }
    return await(result);
  }

  /**
   * Waits for a result.
   *
   * @throws DocumentFault if it does not come in time
   * @throws RuntimeException the exception of the work
   */
  <T> T await(Future<T> result) {
    try {
      return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (StoreUnreachableException.isCauseOf(e)) {
        throw DocumentFault.unavailable("storage-away", "the server cannot reach its storage");
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a document was not read or written", e.getCause());
    } catch (TimeoutException _) {
      if (!(result instanceof CompletableFuture)) {
        // Without an interrupt, which would close the files of the store.
        result.cancel(false);
      }
      throw DocumentFault.unavailable(
          "busy", "the server did not get to this request in time; try again");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw DocumentFault.unavailable("stopping", "the server is stopping");
    }
  }

  @Override
  public void close() {
    executor.shutdown(); // without interrupts, which would close the files of the store
  }
}
