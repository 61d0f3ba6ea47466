package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.worker.RoomScope;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires and releases one node's lease on a room's generation. Used on the room's thread.
 *
 * <p>The record of the lease names its holder. It is written when a node takes the lease, grants a
 * run or releases the lease, and not in between: the heartbeats of the nodes ({@link LiveNodes})
 * keep all leases of a node. So an idle room costs no writes.
 *
 * <h2>Time</h2>
 *
 * This node holds the lease while the record names it and it is alive without a gap since it took
 * the lease. Another node may take over when it counts the holder as gone and then finds no newer
 * heartbeat of it in the cluster. By then the holder is no longer alive, if all clocks run at about
 * the same rate. If they do not, the record itself is the fence: a grant or a takeover replaces
 * only the record that the node has read, and it counts only after its commit.
 */
final class RoomLease {
  private static final Logger log = LoggerFactory.getLogger(RoomLease.class);

  /** Checks in one lease time, besides those when the record or a node has changed. */
  private static final int CHECKS_PER_LEASE = 4;

  /** Callbacks on changes of the lease. */
  interface Listener {
    /**
     * This node holds the lease and runs generation from now on.
     *
     * @param epoch the epoch of the last grant by any node
     */
    void acquired(long epoch);

    /** This node has lost the lease and must not run generation any more. */
    void lost();

    /** Called at each check while another node may hold the lease and write results. */
    void checkedAsFollower();
  }

  /**
   * Settings shared by all leases of a node.
   *
   * @param leaseMillis see {@link dev.parlor.relay.config.Limits.Nodes#leaseMillis}
   * @param unreleased gets each document whose lease could not be released; another node cannot
   *     take it until {@link #releaseIfOwn} succeeds or this node is gone. Safe from any thread
   * @param isStopping whether this node takes no more leases
   * @param counts the leases of this node
   */
  record Settings(
      RecordTable table,
      LiveNodes nodes,
      int leaseMillis,
      Set<DocumentId> unreleased,
      BooleanSupplier isStopping,
      LeaseCounts counts) {}

  /** An operation failed because this node does not hold the lease. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  private final Settings settings;
  private final DocumentId document;
  private final RoomScope scope;
  private final Listener listener;

  /** The record that this node wrote as the holder; null if it does not hold the lease. */
  private @Nullable LeaseRecord held;

  /** The node's period in which it took the lease. */
  private long heldIn;

  private long ledgerEpoch;
  private boolean isAcquiring;
  private boolean closed;

  RoomLease(Settings settings, DocumentId document, RoomScope scope, Listener listener) {
    this.settings = settings;
    this.document = document;
    this.scope = scope;
    this.listener = listener;
  }

  /**
   * Starts the checks, which run as long as the room is open.
   *
   * @param epochInLedger the last epoch in this node's ledger
   */
  void begin(long epochInLedger) {
    ledgerEpoch = epochInLedger;
    checkRegularly();
  }

  boolean isHeld() {
    return held != null && isAliveSince(heldIn);
  }

  /**
   * Whether this node will not decide in the next moments: another node holds the lease, or this
   * node may not take it.
   */
  boolean isWithOthers() {
    try {
      LeaseRecord stored = stored();
      return held == null
          && (settings.isStopping().getAsBoolean()
              || !settings.nodes().isSelfAlive()
              || !(stored.isFree()
                  || stored.node().equals(settings.nodes().self())
                  || settings.nodes().isGone(stored.node())));
    } catch (UncheckedIOException unreachable) {
      return true;
    }
  }

  private boolean isAliveSince(long period) {
    return settings.nodes().isSelfAlive() && settings.nodes().period() == period;
  }

  /**
   * Stores the epoch of a new grant in the lease record.
   *
   * @return completes when it is on disk; with {@link LostException} if another node holds the
   *     lease
   */
  CompletableFuture<Void> grant(long epoch) {
    LeaseRecord last = held;
    if (last == null || !isHeld()) {
      return CompletableFuture.failedFuture(new LostException("the lease has expired or is lost"));
    }
    if (epoch <= last.epoch()) {
      return CompletableFuture.failedFuture(new LostException("the epoch was granted before"));
    }
    try {
      return replace(last, last.withEpoch(epoch))
          .map(committed -> committed.exceptionallyCompose(problem -> failedGrant(last, problem)))
          .orElseGet(
              () ->
                  CompletableFuture.failedFuture(
                      new LostException("another node holds the lease")));
    } catch (UncheckedIOException unreachable) {
      return CompletableFuture.failedFuture(unreachable);
    }
  }

  /** Tells a grant that another node was faster from one that could not be stored. */
  private CompletableFuture<Void> failedGrant(LeaseRecord last, Throwable problem) {
    try {
      if (!stored().isOfSameTerm(last)) {
        return CompletableFuture.failedFuture(new LostException("another node took the lease"));
      }
    } catch (UncheckedIOException unreachable) {
      log.debug("room {}: the lease cannot be read", document, unreachable);
    }
    return CompletableFuture.failedFuture(problem);
  }

  /** Releases the lease when the room closes, so that other nodes need not wait. */
  void close() {
    closed = true;
    release();
  }

  /** Releases the lease, because this node is stopping; no later check takes it. */
  void resign() {
    if (held != null) {
      listener.lost();
    }
    release();
  }

  /** Releases the lease if the record names this node, even if it is not committed yet. */
  private void release() {
    forget();
    releaseIfOwn(settings, document)
        .exceptionally(
            problem -> {
              log.warn("room {}: the lease could not be released yet: {}", document, problem);
              settings.unreleased().add(document);
              return null;
            });
  }

  /**
   * Releases a lease if its record names this node.
   *
   * @return the commit
   */
  static CompletableFuture<Void> releaseIfOwn(Settings settings, DocumentId document) {
    try {
      var table = settings.table();
      LeaseRecord stored = LeaseRecord.of(table.get(document.value()).orElse(null));
      return stored.node().equals(settings.nodes().self())
          ? table
              .replace(document.value(), Optional.of(stored.toBytes()), stored.released().toBytes())
              .committed()
          : CompletableFuture.completedFuture(null);
    } catch (UncheckedIOException unreachable) {
      return CompletableFuture.failedFuture(unreachable);
    }
  }

  /** Gives up the lease, since another node may act as the holder. */
  void abandon() {
    if (forget()) {
      listener.lost();
    }
  }

  /** This node holds the lease no longer; returns whether it did before. */
  private boolean forget() {
    if (held == null) {
      return false;
    }
    held = null;
    settings.counts().ended();
    return true;
  }

  private void checkRegularly() {
    if (!closed) {
      scope.after(Math.max(1, settings.leaseMillis() / CHECKS_PER_LEASE), this::checkRegularly);
      check();
    }
  }

  /** Looks at the record and at the nodes: takes a free lease, gives up a lost one. */
  void check() {
    if (closed) {
      return;
    }
    try {
      if (held == null) {
        acquireIfFree();
      } else if (!stored().isOfSameTerm(held)) {
        log.warn("room {}: another node took the lease", document);
        abandon();
      }
    } catch (UncheckedIOException unreachable) {
      log.warn("room {}: the lease cannot be read: {}", document, unreachable.getMessage());
    }
    if (held != null && !isHeld()) {
      log.warn("room {}: this node was cut off and gives up the lease", document);
      abandon();
    }
  }

  private LeaseRecord stored() {
    return LeaseRecord.of(settings.table().get(key()).orElse(null));
  }

  private void acquireIfFree() {
    LeaseRecord stored = stored();
    if (!isAcquiring && mayAcquire()) {
      if (stored.isFree() || stored.node().equals(settings.nodes().self())) {
        acquire(stored);
      } else if (settings.nodes().isGone(stored.node())) {
        acquireFromGone(stored);
      }
    }
    listener.checkedAsFollower();
  }

  private boolean mayAcquire() {
    return !closed && !settings.isStopping().getAsBoolean() && settings.nodes().isSelfAlive();
  }

  /**
   * Acquires the lease of a node that counts as gone. The node may be back and may have taken the
   * lease since, so this node reads its last heartbeat after the record.
   */
  private void acquireFromGone(LeaseRecord stored) {
    isAcquiring = true;
    var _ =
        settings
            .nodes()
            .confirmGone(stored.node())
            .whenComplete(
                (gone, problem) ->
                    scope.later(
                        () -> {
                          isAcquiring = false;
                          if (problem == null && gone && mayAcquire()) {
                            acquireIfUnchanged(stored);
                          }
                        }));
  }

  private void acquireIfUnchanged(LeaseRecord stored) {
    try {
      acquire(stored);
    } catch (UncheckedIOException unreachable) {
      log.warn("room {}: the lease cannot be taken: {}", document, unreachable.getMessage());
    }
  }

  private void acquire(LeaseRecord before) {
    long period = settings.nodes().period();
    LeaseRecord next = before.takenBy(settings.nodes().self(), ledgerEpoch);
    var put =
        settings
            .table()
            .replace(
                key(),
                before.equals(LeaseRecord.NONE) ? Optional.empty() : Optional.of(before.toBytes()),
                next.toBytes());
    if (!put.replaced()) {
      return;
    }
    isAcquiring = true;
    var _ =
        put.committed()
            .whenComplete(
                (_, problem) -> scope.later(() -> acquired(before, next, period, problem)));
  }

  private void acquired(
      LeaseRecord before, LeaseRecord next, long period, @Nullable Throwable problem) {
    isAcquiring = false;
    if (problem != null || closed || !isAliveSince(period)) {
      return; // a later check tries again
    }
    if (settings.isStopping().getAsBoolean()) {
      release();
      return;
    }
    held = next;
    heldIn = period;
    settings.counts().acquired(!before.isFree() && !before.node().equals(settings.nodes().self()));
    if (next.term() > 1) {
      log.info("room {}: this node took over the lease, term {}", document, next.term());
    }
    listener.acquired(next.epoch());
  }

  /**
   * Replaces the stored record; empty if another node has changed it. The future completes when the
   * new record is on disk.
   */
  private Optional<CompletableFuture<Void>> replace(LeaseRecord last, LeaseRecord next) {
    Bytes expected = last.toBytes();
    var put = settings.table().replace(key(), Optional.of(expected), next.toBytes());
    if (put.replaced()) {
      held = next;
      return Optional.of(put.committed());
    }
    // The store may have refused an earlier grant. It then has an older record of this node.
    LeaseRecord stored = stored();
    if (!stored.isOfSameTerm(last) || stored.epoch() > last.epoch()) {
      return Optional.empty();
    }
    put = settings.table().replace(key(), Optional.of(stored.toBytes()), next.toBytes());
    if (!put.replaced()) {
      return Optional.empty();
    }
    held = next;
    return Optional.of(put.committed());
  }

  private String key() {
    return document.value();
  }
}
