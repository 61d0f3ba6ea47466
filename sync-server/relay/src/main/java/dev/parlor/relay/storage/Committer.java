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
 * Commits groups of writes and then completes their futures, in the order in which they came. Used
 * by the commit thread; its failure state can be read from any thread.
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
  private final UnabsorbedEntries backlog;
  private final Metrics metrics;
  private final Lock rollbackLock;

  private boolean refusedToAbsorb;
  private long absorbAgainAt;
  private volatile @Nullable String trouble;
  private volatile @Nullable String backlogTrouble;
  private volatile Set<String> keptAside = Set.of();

  /**
   * @param rollbackLock held while readers must stay away from the database
   */
  Committer(
      DataDirectory directory,
      Database database,
      DocumentIndex index,
      UnabsorbedEntries backlog,
      Metrics metrics,
      Lock rollbackLock) {
    this.directory = directory;
    this.database = database;
    this.index = index;
    this.backlog = backlog;
    this.metrics = metrics;
    this.rollbackLock = rollbackLock;
  }

  /**
   * Replays the change log at the start, before everything else.
   *
   * @param quarantine receives the documents that have a damaged part
   * @return how many changes it held
   */
  int replay(Consumer<Set<DocumentId>> quarantine) throws IOException {
    var damage = backlog.replay(database);
    quarantine.accept(backlog.damaged());
    keptAside = directory.setAside();
    if (!damage.isEmpty()) {
      setAside("the change log is damaged: " + String.join("; ", damage));
    }
    var changes = backlog.changes();
    absorb();
    return changes;
  }

  /** The reason why the last group failed; null after a group has succeeded again. */
  @Nullable String trouble() {
    return trouble;
  }

  /** The reason why the trees could not absorb the change log's entries; null when they can. */
  @Nullable String backlogTrouble() {
    return backlogTrouble;
  }

  /** Copies of damaged change logs that the operator should inspect. */
  Set<String> keptAside() {
    return keptAside;
  }

  void ended(Throwable cause) {
    trouble = "the commit thread ended (" + cause + "); restart the server";
  }

  /** Whether the log contains entries that the trees have not absorbed. */
  boolean owes() {
    return !backlog.isEmpty();
  }

  /** Whether {@link #idle} has work to do. */
  boolean hasIdleWork() {
    return owes() || trouble != null;
  }

  /**
   * When to call {@link #idle} if no write comes until then, on the clock of {@link
   * System#nanoTime}.
   */
  long idleAt(long idleNanos) {
    var now = System.nanoTime();
    if (!owes()) {
      return now + RETRY_NANOS;
    }
    var idle = now + idleNanos;
    return refusedToAbsorb && absorbAgainAt - idle > 0 ? absorbAgainAt : idle;
  }

  /**
   * Called when no write comes. The trees absorb the log. If the last group failed, a small commit
   * probes the disk, so that readiness recovers even on a shard that is idle.
   */
  void idle() {
    if (owes()) {
      absorb();
    } else if (trouble != null) {
      try {
        database.putAbsorbed(backlog.sequence()); // as it is
        database.commit();
        LOG.info("the disk accepts commits to {} again", directory);
        trouble = null;
      } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
        undo();
      }
    }
  }

  void commit(List<Write> group, long bytes) {
    if (!logTakes(group, bytes)) {
      commitToTrees(group);
      return;
    }
    var started = System.nanoTime();
    try {
      backlog.append(group, bytes);
    } catch (IOException e) {
      refuse(group, e);
      return;
    }
    var mended = trouble != null;
    committed(group, started, bytes);
    if (refusedToAbsorb ? mended || absorbAgainAt - System.nanoTime() <= 0 : backlog.isDue()) {
      absorb();
    }
  }

  private boolean logTakes(List<Write> group, long bytes) {
    try {
      return backlog.takes(group, bytes, database);
    } catch (RuntimeException | AssertionError | IllegalAccessError e) {
      return false; // The trees are damaged there; trying the writes one by one finds those that
      // touch the damage.
    }
  }

  /** Keeps readers out while a document is removed, since they would find a part of it. */
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
      backlog.putInto(documents, database);
      apply(documents, group);
      database.commit();
    } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
      undo();
      var disk = refusalOfDisk(e);
      if (disk != null) {
        refuse(group, disk);
      } else if (owes() && absorb()) {
        commitToTrees(group);
      } else if (group.size() > 1 && !owes()) {
        for (var write : group) {
          commitToTrees(List.of(write));
        }
      } else {
        refuse(
            group,
            e instanceof IOException told
                ? told
                : new IOException("the store's file is damaged: " + e, e));
      }
      return;
    }
    absorbed(documents);
    var bytes = 0L;
    for (var write : group) {
      bytes += write.bytes();
    }
    committed(group, started, bytes);
  }

  private void committed(List<Write> group, long started, long bytes) {
    trouble = null;
    metrics.committed(System.nanoTime() - started, group.size(), bytes);
    for (var i = 0; i < group.size(); i++) {
      group.get(i).done().complete(null);
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
          trim.gone().forEach(database::removeLog);
          trim.rest().forEach(database::putLog);
        }
        case Write.Remove remove -> {
          put(
              appends,
              documents); // The removal covers earlier writes of the group and not later ones.
          appends.clear();
          documents.remove(remove.document(), database);
        }
        case Write.Batch batch -> batch.apply(database);
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
    if (backlog.isEmpty()) {
      return true;
    }
    var documents = index.begin();
    try {
      backlog.putInto(documents, database);
      database.commit();
    } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
      undo();
      return refusalOfDisk(e) == null ? absorbWithoutTheDamaged(e) : keepInLog(e);
    }
    absorbed(documents);
    return true;
  }

  private void absorbed(DocumentIndex.Group documents) {
    index.publish(documents);
    backlog.absorbed();
    refusedToAbsorb = false;
    backlogTrouble = null;
  }

  private boolean keepInLog(Throwable cause) {
    if (backlogTrouble == null) {
      LOG.error("the entries of the change log cannot be written to the store's file yet", cause);
    }
    backlogTrouble = String.valueOf(cause.getMessage());
    refusedToAbsorb = true;
    absorbAgainAt = System.nanoTime() + RETRY_NANOS;
    return false;
  }

  /** Quarantines the documents that a damaged tree keeps from being written. */
  private boolean absorbWithoutTheDamaged(Throwable cause) {
    var bad = new ArrayList<DocumentIndex.Entry>();
    for (var entry : backlog.documents()) {
      try {
        backlog.putInto(index.begin(), entry, database);
      } catch (IOException | RuntimeException | AssertionError | IllegalAccessError e) {
        if (refusalOfDisk(e) != null) {
          return keepInLog(e);
        }
        bad.add(entry);
      } finally {
        undo();
      }
    }
    if (bad.isEmpty()) {
      return keepInLog(cause);
    }
    try {
      setAside("its place on disk is damaged: " + bad.stream().map(one -> one.document()).toList());
    } catch (IOException e) {
      return keepInLog(e);
    }
    for (var entry : bad) {
      backlog.giveUp(entry, "its log cannot be written (" + cause + ")");
    }
    return absorb();
  }

  private void setAside(String why) throws IOException {
    var copy = directory.setAside(backlog.sequence());
    LOG.error("{}; a copy of the change log is kept as {}", why, copy);
    Files.copy(directory.changeLog(), copy, StandardCopyOption.REPLACE_EXISTING);
    try (var channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    keptAside = directory.setAside();
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

  private static @Nullable IOException refusalOfDisk(Throwable e) {
    if (e instanceof DBException.VolumeIOError && e.getCause() instanceof IOException disk) {
      return disk;
    }
    return e instanceof IOException disk && !(e instanceof CorruptDocumentException) ? disk : null;
  }
}
