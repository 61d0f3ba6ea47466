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
 * One node's side of the lease on a room's generation. All of it runs on the room's thread.
 *
 * <h2>Time</h2>
 *
 * No clock is compared with another node's clock. The holder counts from the start of its last
 * renewal that is on disk. A waiting node counts from the moment at which it first saw the present
 * record. So the holder's time ends before another node's time begins, if all clocks run at about
 * the same rate. If they do not, the record itself is the fence: a grant, a renewal or a takeover
 * replaces only the record that the node has read.
 */
final class RoomLease {
  private static final Logger log = LoggerFactory.getLogger(RoomLease.class);

  /** Checks during one lease. */
  private static final int LOOKS = 4;

  /** Callbacks on changes of the lease. */
  interface Holder {
    /**
     * This node runs generation in this room from now on.
     *
     * @param epoch of the last grant
     */
    void held(long epoch);

    /** This node no longer runs generation in this room. */
    void lost();

    /** This node does not hold the lease, and the state may have changed. */
    void waited();
  }

  /**
   * Settings shared by all leases of a node.
   *
   * @param node a unique name of this run of the process, without spaces
   * @param millis see {@link dev.parlor.room.limits.ServiceLimits.Nodes#leaseMillis}
   */
  record Terms(RecordTable table, String node, int millis) {}

  /** This node does not hold the lease. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  private final Terms terms;
  private final DocumentId document;
  private final RoomScope scope;
  private final Holder holder;

  /** The last known record of this node's hold; null if it holds nothing. */
  private @Nullable LeaseRecord mine;

  /** The start of the last renewal that is on disk. */
  private long renewedAt;

  private @Nullable LeaseRecord seen;
  private long seenAt;
  private boolean taking;
  private boolean closed;

  RoomLease(Terms terms, DocumentId document, RoomScope scope, Holder holder) {
    this.terms = terms;
    this.document = document;
    this.scope = scope;
    this.holder = holder;
  }

  /** Starts the checks, which run as long as the room is open. */
  void begin(long ownEpoch) {
    look(ownEpoch);
  }

  boolean isHeld() {
    return mine != null && scope.now() - renewedAt < terms.millis();
  }

  /**
   * Stores the next epoch in the record.
   *
   * @return completes when it is on disk; with {@link LostException} if another node holds the
   *     lease
   */
  CompletableFuture<Void> grant(long epoch) {
    LeaseRecord last = mine;
    if (last == null || !isHeld()) {
      return CompletableFuture.failedFuture(new LostException("the lease is over"));
    }
    if (epoch <= last.epoch()) {
      return CompletableFuture.failedFuture(new LostException("the epoch is an old one"));
    }
    try {
      return replace(last, last.granting(epoch))
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
    LeaseRecord last = mine;
    if (last != null) {
      mine = null;
      try {
        var _ =
            terms.table().replace(key(), Optional.of(last.toBytes()), last.released().toBytes());
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
    if (mine != null) {
      mine = null;
      holder.lost();
    }
  }

  private void look(long ownEpoch) {
    if (closed) {
      return;
    }
    scope.after(Math.max(1, terms.millis() / LOOKS), () -> look(ownEpoch));
    try {
      if (mine == null) {
        standBy(ownEpoch);
      } else if (isHeld()) {
        renew();
      }
    } catch (UncheckedIOException unreachable) {
      log.warn("room {}: the lease cannot be read: {}", document, unreachable.getMessage());
    }
    if (mine != null && !isHeld()) {
      log.warn("room {}: the lease could not be renewed in time", document);
      abandon();
    }
  }

  private void renew() {
    LeaseRecord last = mine;
    if (last == null) {
      return;
    }
    long from = scope.now();
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
                          if (problem == null && mine != null && mine.isOfSameHold(last)) {
                            renewedAt = Math.max(renewedAt, from);
                          }
                        }));
  }

  private void standBy(long ownEpoch) {
    LeaseRecord now = LeaseRecord.of(terms.table().get(key()).orElse(null));
    if (!now.equals(seen)) {
      seen = now;
      seenAt = scope.now();
    }
    boolean may =
        now.isFree() || now.node().equals(terms.node()) || scope.now() - seenAt >= terms.millis();
    if (!taking && may) {
      take(now, ownEpoch);
    }
    holder.waited();
  }

  private void take(LeaseRecord before, long ownEpoch) {
    long from = scope.now();
    LeaseRecord next = before.takenBy(terms.node(), ownEpoch);
    var put =
        terms
            .table()
            .replace(
                key(),
                before.equals(LeaseRecord.NONE) ? Optional.empty() : Optional.of(before.toBytes()),
                next.toBytes());
    if (!put.replaced()) {
      return;
    }
    taking = true;
    var _ =
        put.committed().whenComplete((_, problem) -> scope.later(() -> taken(next, from, problem)));
  }

  private void taken(LeaseRecord next, long from, @Nullable Throwable problem) {
    taking = false;
    if (problem != null || closed || scope.now() - from >= terms.millis()) {
      return; // a later check tries again
    }
    mine = next;
    renewedAt = from;
    if (next.term() > 1) {
      log.info("room {}: this node took over the lease, term {}", document, next.term());
    }
    holder.held(next.epoch());
  }

  /** Empty if the stored record is not the expected one. */
  private Optional<CompletableFuture<Void>> replace(LeaseRecord last, LeaseRecord next) {
    Bytes expected = last.toBytes();
    var put = terms.table().replace(key(), Optional.of(expected), next.toBytes());
    if (put.replaced()) {
      mine = next;
      return Optional.of(put.committed());
    }
    // The disk refused a renewal, and the store reverted it: the stored record is still this
    // node's.
    LeaseRecord stands = LeaseRecord.of(terms.table().get(key()).orElse(null));
    if (!stands.isOfSameHold(last) || stands.epoch() > last.epoch()) {
      return Optional.empty();
    }
    put = terms.table().replace(key(), Optional.of(stands.toBytes()), next.toBytes());
    if (!put.replaced()) {
      return Optional.empty();
    }
    mine = next;
    return Optional.of(put.committed());
  }

  private String key() {
    return document.value();
  }
}
