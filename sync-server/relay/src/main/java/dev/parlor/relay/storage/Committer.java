package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits groups of writes and then completes their futures, in the order of the writes. Used by
 * the commit thread; its failure state can be read from any thread.
 *
 * <p>A group of appends goes into the change log and is durable after one write and one flush. The
 * trees absorb the log when it is long or when the store is idle. Any other group goes into the
 * trees, in one commit with the entries of the log.
 *
 * <p>If the disk fails, every write of the group fails and the trees roll back to the last commit.
 * The next group tries again, so the store works again as soon as the disk does. If a group fails
 * for another reason, such as a damaged tree, its writes are tried one by one, and only those that
 * touch the damage fail.
 */
final class Committer {

  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(FixedLimits.SHARD_RETRY_SECONDS);

  private final DataDirectory directory;
  private final Database database;
  private final DocumentIndex index;
  private final UnabsorbedEntries unabsorbed;
  private final Metrics metrics;
  private final Lock rollbackLock;

  private long retryAbsorbAt;
  private volatile @Nullable String commitFailure;
  private volatile @Nullable String absorbFailure;
  private volatile Set<String> damagedLogCopies = Set.of();

  /**
   * @param rollbackLock excludes readers during a rollback or a removal
   */
  Committer(
      DataDirectory directory,
      Database database,
      DocumentIndex index,
      UnabsorbedEntries unabsorbed,
      Metrics metrics,
      Lock rollbackLock) {
    this.directory = directory;
    this.database = database;
    this.index = index;
    this.unabsorbed = unabsorbed;
    this.metrics = metrics;
    this.rollbackLock = rollbackLock;
  }

  /**
   * Replays the change log when the store opens, before any other call.
   *
   * @param quarantine receives the documents that have a damaged part in the log
   * @return the number of changes in the log
   */
  int replay(Consumer<Set<DocumentId>> quarantine) throws IOException {
    var damage = unabsorbed.replay(database);
    quarantine.accept(unabsorbed.damaged());
    damagedLogCopies = directory.damagedLogCopies();
    if (!damage.isEmpty()) {
      copyDamagedLog("the change log is damaged: " + String.join("; ", damage));
    }
    var changes = unabsorbed.changes();
    absorb();
    return changes;
  }

  /** The reason why the last group failed; null after a group has succeeded again. */
  @Nullable String commitFailure() {
    return commitFailure;
  }

  /** The reason why the trees could not absorb the change log; null after they have absorbed it. */
  @Nullable String absorbFailure() {
    return absorbFailure;
  }

  /** The file names of copies of damaged change logs, which the operator should inspect. */
  Set<String> damagedLogCopies() {
    return damagedLogCopies;
  }

  /** Records that the commit thread has ended, so that nothing can be saved. */
  void threadEnded(Throwable cause) {
    commitFailure = "the commit thread ended (" + cause + "); restart the server";
  }

  /** Whether the change log contains entries that the trees have not absorbed. */
  boolean hasUnabsorbed() {
    return !unabsorbed.isEmpty();
  }

  /** Whether {@link #idle} has work to do. */
  boolean hasIdleWork() {
    return hasUnabsorbed() || commitFailure != null;
  }

  /**
   * The time at which {@link #idle} should be called if no write arrives before, on the clock
   * {@link System#nanoTime}.
   */
  long idleAt(long idleNanos) {
    var now = System.nanoTime();
    if (!hasUnabsorbed()) {
      return now + RETRY_NANOS;
    }
    var idle = now + idleNanos;
    return absorbFailure != null && retryAbsorbAt - idle > 0 ? retryAbsorbAt : idle;
  }

  /**
   * Called when no write arrives. The trees absorb the log. If the log is empty and the last group
   * failed, a small commit probes the disk, so that readiness recovers even on an idle shard.
   */
  void idle() {
    if (hasUnabsorbed()) {
      absorb();
    } else if (commitFailure != null) {
      try {
        database.putAbsorbed(unabsorbed.sequence()); // a write that changes nothing
        database.commit();
        LOG.info("the disk accepts commits to {} again", directory);
        commitFailure = null;
      } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
        rollback();
      }
    }
  }

  /** Commits a group and completes its futures, exceptionally if the commit fails. */
  void commit(List<Write> group, long bytes) {
    if (!fitsLog(group, bytes)) {
      commitToTrees(group);
      return;
    }
    var started = System.nanoTime();
    try {
      unabsorbed.append(group, bytes);
    } catch (IOException e) {
      fail(group, e);
      return;
    }
    var recovered = commitFailure != null;
    committed(group, started, bytes);
    if (isAbsorbDue(recovered)) {
      absorb();
    }
  }

  private boolean isAbsorbDue(boolean recovered) {
    if (absorbFailure == null) {
      return unabsorbed.isDue();
    }
    return recovered || retryAbsorbAt - System.nanoTime() <= 0;
  }

  /** Whether the change log can take the group. */
  private boolean fitsLog(List<Write> group, long bytes) {
    try {
      return unabsorbed.canAppend(group, bytes, database);
    } catch (RuntimeException | AssertionError | IllegalAccessError e) {
      // The trees are damaged. The commit to the trees tries the writes one by one, so that only
      // those that touch the damage fail.
      return false;
    }
  }

  /**
   * Commits a group to the trees. Readers are excluded while a document is removed, since they
   * could read a part of it.
   */
  private void commitToTrees(List<Write> group) {
    if (group.stream().noneMatch(Write.Remove.class::isInstance)) {
      commitGroup(group);
      return;
    }
    rollbackLock.lock();
    try {
      commitGroup(group);
    } finally {
      rollbackLock.unlock();
    }
  }

  private void commitGroup(List<Write> group) {
    var started = System.nanoTime();
    var documents = index.begin();
    try {
      unabsorbed.putInto(documents, database);
      apply(documents, group);
      database.commit();
    } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
      rollback();
      var disk = diskFailure(e);
      if (disk != null) {
        fail(group, disk);
      } else if (hasUnabsorbed() && absorb()) {
        commitToTrees(group);
      } else if (group.size() > 1 && !hasUnabsorbed()) {
        for (var write : group) {
          commitToTrees(List.of(write));
        }
      } else {
        fail(
            group,
            e instanceof IOException failure
                ? failure
                : new IOException("the store's file is damaged: " + e, e));
      }
      return;
    }
    absorbed(documents);
    var bytes = 0L;
    for (var write : group) {
      bytes += write.bytes();
      if (write instanceof Write.Freeze freeze) {
        StoreCut.arrive(freeze, database);
      }
    }
    committed(group, started, bytes);
  }

  /** Completes the futures of a committed group. */
  private void committed(List<Write> group, long started, long bytes) {
    commitFailure = null;
    metrics.committed(System.nanoTime() - started, group.size(), bytes);
    for (var i = 0; i < group.size(); i++) {
      group.get(i).done().complete(null);
    }
  }

  private void fail(List<Write> group, IOException cause) {
    if (commitFailure == null) {
      LOG.error(
          "a commit of {} writes failed; nothing of it counts as stored", group.size(), cause);
    }
    commitFailure = String.valueOf(cause.getMessage());
    metrics.commitFailed();
    for (var write : group) {
      write.done().completeExceptionally(cause);
    }
  }

  /** Applies the writes to the trees, without a commit. */
  private void apply(DocumentIndex.Group documents, List<Write> group) throws IOException {
    // All changes of a document in this group go into one record, since each put costs more than
    // its bytes.
    var appends = new LinkedHashMap<DocumentIndex.Entry, List<ChangeStore.ChangeRecord>>();
    for (var write : group) {
      switch (write) {
        case Write.Append append ->
            appends
                .computeIfAbsent(
                    documents.entry(append.document(), database), _ -> new ArrayList<>())
                .addAll(append.changes());
        case Write.Snapshot snapshot ->
            database.putSnapshot(
                documents.entry(snapshot.document(), database).number(), snapshot.contents());
        case Write.Trim trim -> {
          trim.removed().forEach(database::removeLog);
          trim.shortened().forEach(database::putLog);
        }
        case Write.Remove remove -> {
          // The removal covers earlier writes of the group, and no later writes.
          put(appends, documents);
          appends.clear();
          documents.remove(remove.document(), database);
        }
        case Write.Batch batch -> batch.apply(database);
        case Write.Freeze _ -> {} // done after the commit
        case Write.Put put -> database.putRecord(put.table(), put.key(), put.value());
      }
    }
    put(appends, documents);
  }

  private void put(
      Map<DocumentIndex.Entry, List<ChangeStore.ChangeRecord>> appends,
      DocumentIndex.Group documents) {
    appends.forEach((entry, changes) -> documents.append(entry, changes, database));
  }

  /** Puts the entries of the change log into the trees; false if the trees cannot take them now. */
  boolean absorb() {
    if (unabsorbed.isEmpty()) {
      return true;
    }
    var documents = index.begin();
    try {
      unabsorbed.putInto(documents, database);
      database.commit();
    } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
      rollback();
      return diskFailure(e) == null ? absorbUndamaged(e) : deferAbsorption(e);
    }
    absorbed(documents);
    return true;
  }

  /** Records that the trees have absorbed all entries. */
  private void absorbed(DocumentIndex.Group documents) {
    index.publish(documents);
    unabsorbed.absorbed();
    absorbFailure = null;
  }

  /** Leaves the entries in the log and schedules the next attempt; returns false. */
  private boolean deferAbsorption(Throwable cause) {
    if (absorbFailure == null) {
      LOG.error("the entries of the change log cannot be written to the store's file yet", cause);
    }
    absorbFailure = String.valueOf(cause.getMessage());
    retryAbsorbAt = System.nanoTime() + RETRY_NANOS;
    return false;
  }

  /**
   * Absorbs the log without the documents whose place in the trees is damaged, and quarantines
   * those.
   */
  private boolean absorbUndamaged(Throwable cause) {
    var damagedEntries = new ArrayList<DocumentIndex.Entry>();
    for (var entry : unabsorbed.documents()) {
      try {
        unabsorbed.putInto(index.begin(), entry, database);
      } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
        if (diskFailure(e) != null) {
          return deferAbsorption(e);
        }
        damagedEntries.add(entry);
      } finally {
        rollback();
      }
    }
    if (damagedEntries.isEmpty()) {
      return deferAbsorption(cause);
    }
    try {
      copyDamagedLog(
          "the places of these documents on disk are damaged: "
              + damagedEntries.stream().map(DocumentIndex.Entry::document).toList());
    } catch (IOException e) {
      return deferAbsorption(e);
    }
    for (var entry : damagedEntries) {
      unabsorbed.abandon(entry, "its log cannot be written (" + cause + ")");
    }
    return absorb();
  }

  /** Keeps a copy of the change log, since its damaged parts will be overwritten. */
  private void copyDamagedLog(String reason) throws IOException {
    var copy = directory.damagedLogCopy(unabsorbed.sequence());
    LOG.error("{}; a copy of the change log is kept as {}", reason, copy);
    Files.copy(directory.changeLog(), copy, StandardCopyOption.REPLACE_EXISTING);
    try (var channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    damagedLogCopies = directory.damagedLogCopies();
  }

  private void rollback() {
    rollbackLock.lock();
    try {
      database.rollback();
    } catch (RuntimeException | AssertionError e) {
      LOG.error("the store needs a restart: its file cannot be read", e);
    } finally {
      rollbackLock.unlock();
    }
  }

  /** The disk's exception; null if the failure has another cause, such as a damaged tree. */
  private static @Nullable IOException diskFailure(Throwable e) {
    if (e instanceof DBException.VolumeIOError && e.getCause() instanceof IOException disk) {
      return disk;
    }
    return e instanceof IOException disk && !(e instanceof CorruptDocumentException) ? disk : null;
  }
}
