package dev.parlor.server.storage;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to the store. It takes whatever waits as one group, puts it into the
 * trees, commits once, and then completes the futures of all; with nothing to do it sleeps.
 *
 * <p>When the disk refuses, every write of the group fails and the trees go back to the last
 * commit; the next group tries anew, so the store works again as soon as the disk does. When a
 * group fails for another reason (a damaged tree), its writes are tried one by one, so that only
 * those that touch the damage fail.
 */
final class CommitLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(CommitLoop.class);

  private final LinkedBlockingQueue<Write> queue = new LinkedBlockingQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();

  private final Database database;
  private final DocumentIndex index;
  private final Limits.Storage limits;
  private final Metrics metrics;
  private final Lock rollbackLock;
  private final Thread thread;

  private boolean closed;
  private volatile @Nullable String trouble;

  /**
   * Not running until {@link #start}.
   *
   * @param rollbackLock held while readers must stay away from the database
   */
  CommitLoop(
      Database database,
      DocumentIndex index,
      Limits.Storage limits,
      Metrics metrics,
      Lock rollbackLock) {
    this.database = database;
    this.index = index;
    this.limits = limits;
    this.metrics = metrics;
    this.rollbackLock = rollbackLock;
    this.thread = Thread.ofPlatform().name("parlor-commit").unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Queues a write; its future fails at once when the store is closed or too far behind. */
  synchronized void submit(Write write) {
    if (closed) {
      write.done().completeExceptionally(new IOException("the store is closed"));
    } else if (queuedBytes.get() > 0
        && queuedBytes.get() + write.bytes() > limits.queueBytesMax()) {
      write
          .done()
          .completeExceptionally(
              new IOException(
                  "the disk is too slow: " + queuedBytes.get() + " bytes wait for a commit"));
    } else {
      queuedBytes.addAndGet(write.bytes());
      queue.add(write);
    }
  }

  /** Commits what is queued and ends the thread. */
  void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      queue.add(new Write.End(new CompletableFuture<>()));
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the last changes were being committed", e);
    }
  }

  long queuedBytes() {
    return queuedBytes.get();
  }

  /** Why the last group failed, until one succeeds again. */
  @Nullable String trouble() {
    return trouble;
  }

  @Override
  public void run() {
    var group = new ArrayList<Write>();
    try {
      var open = true;
      while (open) {
        group.clear();
        gather(group);
        open = !group.removeIf(Write.End.class::isInstance);
        if (!group.isEmpty()) {
          commit(group);
        }
      }
    } catch (Throwable e) {
      die(group, e);
    }
  }

  /** Our own defect or no memory: nobody may wait for a thread that is gone. */
  private synchronized void die(List<Write> group, Throwable cause) {
    closed = true;
    trouble = "the commit thread ended (" + cause + "); restart the server";
    LOG.error("the commit thread ended; the server needs a restart", cause);
    var failure = new IOException("the store needs a restart of the server", cause);
    queue.drainTo(group);
    for (var write : group) {
      write.done().completeExceptionally(failure);
    }
  }

  /** Waits for a first write and takes what is behind it, within the limits of a group. */
  private void gather(List<Write> group) throws InterruptedException {
    Write next = queue.take();
    var bytes = 0L;
    while (next != null) {
      group.add(next);
      bytes += next.bytes();
      queuedBytes.addAndGet(-next.bytes());
      if (next instanceof Write.End
          || group.size() >= limits.groupRecordsMax()
          || bytes > limits.groupBytesMax()) {
        return;
      }
      next = queue.poll();
    }
  }

  private void commit(List<Write> group) {
    var started = System.nanoTime();
    try {
      var published = apply(group);
      database.commit();
      index.publish(published);
      trouble = null;
      metrics.committed(
          System.nanoTime() - started, group.size(), group.stream().mapToLong(Write::bytes).sum());
    } catch (CorruptDocumentException | RuntimeException | AssertionError | IllegalAccessError e) {
      undo();
      if (e instanceof DBException.VolumeIOError && e.getCause() instanceof IOException disk) {
        refuse(group, disk);
      } else if (group.size() == 1) {
        refuse(
            group,
            e instanceof IOException told
                ? told
                : new IOException("the store's file is damaged: " + e, e));
      } else {
        for (var write : group) {
          commit(List.of(write));
        }
      }
      return;
    } catch (IOException e) {
      undo();
      refuse(group, e);
      return;
    }
    for (var write : group) {
      write.done().complete(null);
    }
  }

  private void refuse(List<Write> group, IOException cause) {
    if (trouble == null) {
      LOG.error(
          "a commit of {} writes failed; nothing of it counts as stored", group.size(), cause);
    }
    trouble = String.valueOf(cause.getMessage());
    metrics.commitFailed();
    for (var write : group) {
      write.done().completeExceptionally(cause);
    }
  }

  private void undo() {
    rollbackLock.lock();
    try {
      database.rollback();
    } catch (RuntimeException | AssertionError e) {
      LOG.error("the store needs a restart: its file cannot be read", e);
    } finally {
      rollbackLock.unlock();
    }
  }

  private DocumentIndex.Group apply(List<Write> group) throws IOException {
    var documents = index.begin();
    // One record for all that one document gets in this group: putting it costs more than its
    // bytes.
    var appends = new LinkedHashMap<DocumentId, List<ChangeRecord>>();
    for (var write : group) {
      switch (write) {
        case Write.Append append ->
            appends
                .computeIfAbsent(append.document(), _ -> new ArrayList<>())
                .addAll(append.changes());
        case Write.Snapshot snapshot ->
            database.putSnapshot(
                documents.number(snapshot.document(), database), snapshot.contents());
        case Write.Trim trim -> {
          trim.gone().forEach(database::removeLog);
          trim.rest().forEach(database::putLog);
        }
        case Write.End _ -> {}
        case Write.Put put -> database.putRecord(put.table(), put.key(), put.value());
      }
    }
    for (var append : appends.entrySet()) {
      append(documents, append.getKey(), append.getValue());
    }
    return documents;
  }

  private void append(
      DocumentIndex.Group documents, DocumentId document, List<ChangeRecord> changes)
      throws IOException {
    var number = documents.number(document, database);
    var record = new ArrayList<ChangeRecord>();
    var bytes = 0L;
    for (var change : changes) {
      if (!record.isEmpty() && bytes + LogRecord.bytes(change) > LogRecord.BYTES_MAX) {
        database.putLog(LogRecord.key(number, documents.nextSequence(document, database)), record);
        record = new ArrayList<>();
        bytes = 0;
      }
      record.add(change);
      bytes += LogRecord.bytes(change);
    }
    database.putLog(LogRecord.key(number, documents.nextSequence(document, database)), record);
  }
}
