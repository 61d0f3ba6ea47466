package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The queues of writes, one for each document that has any. Of one document at most one entry is on
 * its way; the writes that arrive meanwhile form the next entry. So writes are stored in the order
 * of the calls, and a record is stored in an earlier entry than a later change, or in the same.
 *
 * <p>If an entry fails, all writes that wait behind it fail too: none of them may be stored without
 * the writes before it. A virtual thread works as long as a queue has writes. Safe from any thread.
 */
final class DocumentWrites implements AutoCloseable {

  /** Bytes of all documents' writes that wait; above: a write fails at once and is repeated. */
  private static final long QUEUE_BYTES_MAX = 256L << 20;

  /**
   * Stores an entry; returns the operations that had no effect, because another node was faster.
   * Blocks.
   */
  interface Appender {
    Set<RecordOperation> append(
        DocumentId document, List<RecordOperation> operations, List<ChangeRecord> changes)
        throws IOException;
  }

  /** An action between entries. Blocks. */
  interface Action {
    void run() throws IOException;
  }

  /** For a write that needs no action at its end. */
  static final Runnable NOTHING = () -> {};

  private sealed interface Write {
    CompletableFuture<Void> done();
  }

  private record Content(
      List<RecordOperation> operations,
      List<ChangeRecord> changes,
      Runnable ended,
      CompletableFuture<Void> done)
      implements Write {

    private long length() {
      return operations.stream().mapToLong(RecordOperation::length).sum()
          + changes.stream().mapToLong(change -> change.chunk().length()).sum();
    }
  }

  /**
   * An action between entries.
   *
   * @param isBarrier whether the writes after it may not be stored if it fails
   */
  private record Task(Action action, boolean isBarrier, CompletableFuture<Void> done)
      implements Write {}

  private final Appender appender;
  private final int groupBytesMax;
  private final Metrics metrics;
  private final ConcurrentHashMap<DocumentId, ArrayDeque<Write>> queues = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean closed;

  DocumentWrites(Appender appender, int groupBytesMax, Metrics metrics) {
    this.metrics = metrics;
    this.appender = appender;
    this.groupBytesMax = groupBytesMax;
  }

  /**
   * Queues content. Without any, the future completes after the writes before it.
   *
   * @param ended called before the future completes
   */
  CompletableFuture<Void> add(
      DocumentId document,
      List<RecordOperation> operations,
      List<ChangeRecord> changes,
      Runnable ended) {
    return add(
        document,
        new Content(
            List.copyOf(operations), List.copyOf(changes), ended, new CompletableFuture<>()));
  }

  /** Queues an action that runs when the writes before it are stored. */
  CompletableFuture<Void> then(DocumentId document, Action action) {
    return add(document, new Task(action, false, new CompletableFuture<>()));
  }

  /**
   * Lets all later writes wait for a write elsewhere. If that fails, the writes that wait fail too,
   * unless only its condition did not hold.
   */
  CompletableFuture<Void> await(DocumentId document, CompletableFuture<Void> elsewhere) {
    return add(document, new Task(() -> join(elsewhere), true, new CompletableFuture<>()));
  }

  private static void join(CompletableFuture<Void> elsewhere) throws IOException {
    try {
      elsewhere.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
    }
  }

  /** Bytes of the writes that are queued or on their way. */
  long queuedBytes() {
    return queuedBytes.get();
  }

  private CompletableFuture<Void> add(DocumentId document, Write write) {
    if (write instanceof Content content) {
      var waiting = queuedBytes.getAndAdd(content.length());
      if (waiting > 0 && waiting + content.length() > QUEUE_BYTES_MAX) {
        fail(
            write,
            new ClusterException(
                Kind.UNANSWERED, "the cluster is too slow: " + waiting + " bytes wait for it"));
        return write.done();
      }
    }
    var refused = new boolean[1];
    queues.compute(
        document,
        (_, queue) -> {
          if (closed) {
            refused[0] = true;
            return queue;
          }
          if (queue != null) {
            queue.add(write);
            return queue;
          }
          var created = new ArrayDeque<Write>();
          created.add(write);
          try {
            threads.execute(() -> work(document));
          } catch (RejectedExecutionException e) {
            refused[0] = true; // closed at this moment
            return null;
          }
          return created;
        });
    if (refused[0]) {
      fail(write, closedStore());
    }
    return write.done();
  }

  private static ClusterException closedStore() {
    return new ClusterException(Kind.CLOSED, "the store is closed");
  }

  private void work(DocumentId document) {
    for (var next = next(document); !next.isEmpty(); next = next(document)) {
      if (next.getFirst() instanceof Task task) {
        run(document, task);
      } else {
        store(document, next.stream().map(Content.class::cast).toList());
      }
    }
  }

  /** Takes the first task, or the writes of the next entry; removes an empty queue. */
  private List<Write> next(DocumentId document) {
    var next = new ArrayList<Write>();
    queues.compute(
        document,
        (_, queue) -> {
          if (queue == null || queue.isEmpty()) {
            return null;
          }
          var bytes = 0L;
          while (!queue.isEmpty()) {
            if (queue.peek() instanceof Content content) {
              bytes += content.length();
              if (!next.isEmpty() && bytes > groupBytesMax) {
                break;
              }
              next.add(queue.remove());
            } else {
              if (next.isEmpty()) {
                next.add(queue.remove());
              }
              break;
            }
          }
          return queue;
        });
    return next;
  }

  private void run(DocumentId document, Task task) {
    try {
      task.action.run();
      task.done.complete(null);
    } catch (IOException | RuntimeException e) {
      var problem = e instanceof IOException io ? io : new IOException(e);
      task.done.completeExceptionally(problem);
      if (task.isBarrier
          && !(problem instanceof ClusterException known && known.kind() == Kind.CONFLICT)) {
        takeAll(document).forEach(write -> fail(write, problem));
      }
    }
  }

  private void store(DocumentId document, List<Content> writes) {
    var operations = new ArrayList<RecordOperation>();
    var changes = new ArrayList<ChangeRecord>();
    for (var write : writes) {
      operations.addAll(write.operations);
      changes.addAll(write.changes);
    }
    var started = System.nanoTime();
    Set<RecordOperation> ineffective;
    try {
      ineffective =
          operations.isEmpty() && changes.isEmpty()
              ? Set.of()
              : appender.append(document, operations, changes);
    } catch (IOException | RuntimeException e) {
      metrics.commitFailed();
      var problem = e instanceof IOException io ? io : new IOException(e);
      writes.forEach(write -> fail(write, problem));
      takeAll(document).forEach(write -> fail(write, problem));
      return;
    }
    metrics.committed(
        System.nanoTime() - started,
        operations.size() + changes.size(),
        writes.stream().mapToLong(Content::length).sum());
    for (var write : writes) {
      queuedBytes.addAndGet(-write.length());
      write.ended.run();
      if (write.operations.stream().anyMatch(ineffective::contains)) {
        write.done.completeExceptionally(
            new ClusterException(Kind.CONFLICT, "another node has changed the record"));
      } else {
        write.done.complete(null);
      }
    }
  }

  private List<Write> takeAll(DocumentId document) {
    var waiting = new ArrayList<Write>();
    queues.computeIfPresent(
        document,
        (_, queue) -> {
          waiting.addAll(queue);
          queue.clear();
          return queue;
        });
    return waiting;
  }

  private void fail(Write write, IOException problem) {
    if (write instanceof Content content) {
      queuedBytes.addAndGet(-content.length());
      content.ended.run();
    }
    write.done().completeExceptionally(problem);
  }

  /** Refuses further writes and waits until the queued ones are stored or have failed. */
  @Override
  public void close() {
    closed = true;
    threads.close();
  }

  /** Refuses further writes and does not wait for the queued ones. */
  void abandon() {
    closed = true;
    threads.shutdown();
  }

  /** Waits until abandoned writes have ended. */
  boolean awaitEnd(long seconds) throws InterruptedException {
    return threads.awaitTermination(seconds, TimeUnit.SECONDS);
  }
}
