package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.worker.RoomScope;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires, renews and releases one node's lease on a room's generation. Used on the room's thread.
 *
 * <h2>Time</h2>
 *
 * No clock is compared with another node's clock. The holder's lease expires one lease time after
 * the start of its last renewal that is on disk. Another node may take over one lease time after it
 * first read the present record. So the lease expires before a takeover, if all clocks run at about
 * the same rate. If they do not, the record itself is the fence: a grant, a renewal or a takeover
 * replaces only the record that the node has read.
 */
final class RoomLease {
  private static final Logger log = LoggerFactory.getLogger(RoomLease.class);

  /** Checks of the lease record in one lease time. */
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
   * @param node a unique name of this run of the process, without spaces
   * @param leaseMillis see {@link dev.parlor.room.limits.ServiceLimits.Nodes#leaseMillis}
   */
  record Settings(RecordTable table, String node, int leaseMillis) {}

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

  /** The start of the last renewal that is on disk. */
  private long renewedAt;

  /** The record at the last check as a follower. */
  private @Nullable LeaseRecord lastRead;

  /** Time at which {@code lastRead} was first read. */
  private long firstReadAt;

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
   * @param ledgerEpoch the last epoch in this node's ledger
   */
  void begin(long ledgerEpoch) {
    check(ledgerEpoch);
  }

  boolean isHeld() {
    return held != null && scope.now() - renewedAt < settings.leaseMillis();
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
          .orElseGet(
              () ->
                  CompletableFuture.failedFuture(
                      new LostException("another node holds the lease")));
    } catch (UncheckedIOException unreachable) {
      return CompletableFuture.failedFuture(unreachable);
    }
  }

  /** Releases the lease when the room closes, so that other nodes need not wait. */
  void close() {
    closed = true;
    LeaseRecord last = held;
    if (last != null) {
      held = null;
      try {
        var _ =
            settings.table().replace(key(), Optional.of(last.toBytes()), last.released().toBytes());
      } catch (UncheckedIOException unreachable) {
        log.warn(
            "room {}: the lease could not be released and will expire: {}",
            document,
            unreachable.getMessage());
      }
    }
  }

  /** Gives up the lease, since another node may act as the holder. */
  void abandon() {
    if (held != null) {
      held = null;
      listener.lost();
    }
  }

  private void check(long ledgerEpoch) {
    if (closed) {
      return;
    }
    scope.after(Math.max(1, settings.leaseMillis() / CHECKS_PER_LEASE), () -> check(ledgerEpoch));
    try {
      if (held == null) {
        acquireIfFree(ledgerEpoch);
      } else if (isHeld()) {
        renew();
      }
    } catch (UncheckedIOException unreachable) {
      log.warn("room {}: the lease cannot be read: {}", document, unreachable.getMessage());
    }
    if (held != null && !isHeld()) {
      log.warn("room {}: the lease could not be renewed in time", document);
      abandon();
    }
  }

  private void renew() {
    LeaseRecord last = held;
    if (last == null) {
      return;
    }
    long startedAt = scope.now();
    var put = replace(last, last.renewed());
    if (put.isEmpty()) {
      log.warn("room {}: another node took the lease", document);
      abandon();
      return;
    }
    var _ =
        put.get()
            .whenComplete(
                (_, problem) ->
                    scope.later(
                        () -> {
                          if (problem == null && held != null && held.isOfSameTerm(last)) {
                            renewedAt = Math.max(renewedAt, startedAt);
                          }
                        }));
  }

  private void acquireIfFree(long ledgerEpoch) {
    LeaseRecord stored = LeaseRecord.of(settings.table().get(key()).orElse(null));
    if (!stored.equals(lastRead)) {
      lastRead = stored;
      firstReadAt = scope.now();
    }
    boolean isAvailable =
        stored.isFree()
            || stored.node().equals(settings.node())
            || scope.now() - firstReadAt >= settings.leaseMillis();
    if (!isAcquiring && isAvailable) {
      acquire(stored, ledgerEpoch);
    }
    listener.checkedAsFollower();
  }

  private void acquire(LeaseRecord before, long ledgerEpoch) {
    long startedAt = scope.now();
    LeaseRecord next = before.takenBy(settings.node(), ledgerEpoch);
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
            .whenComplete((_, problem) -> scope.later(() -> acquired(next, startedAt, problem)));
  }

  private void acquired(LeaseRecord next, long startedAt, @Nullable Throwable problem) {
    isAcquiring = false;
    if (problem != null || closed || scope.now() - startedAt >= settings.leaseMillis()) {
      return; // a later check tries again
    }
    held = next;
    renewedAt = startedAt;
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
    // The disk may have refused an earlier renewal. The store then has an older record of this
    // node.
    LeaseRecord stored = LeaseRecord.of(settings.table().get(key()).orElse(null));
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
