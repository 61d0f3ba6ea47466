package dev.parlor.server.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.rooms.RoomScope;
import dev.parlor.server.storage.RecordTable;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's side of the lease on a room's generation. Everything happens on the room's thread.
 *
 * <h2>Time</h2>
 *
 * No clock is compared with another node's. The holder counts from the moment at which it began its
 * last renewal that is on disk; who waits counts from the moment at which it first saw the record
 * as it is. So the holder's time is over before anybody else's begins, as long as clocks go at
 * about the same pace. The record itself is the fence when one did not: a grant, a renewal or a
 * takeover replaces exactly what was read, or nothing.
 */
final class RoomLease {
  private static final Logger log = LoggerFactory.getLogger(RoomLease.class);

  /** Looks so many times in one lease. */
  private static final int LOOKS = 4;

  /** What becomes of it. */
  interface Holder {
    /**
     * From now on this node runs generation here.
     *
     * @param epoch of the last grant
     */
    void held(long epoch);

    /** From now on it does not. */
    void lost();

    /** It waits; something may have changed. */
    void waited();
  }

  /**
   * What all leases of a node share.
   *
   * @param node a name of this process's run that no other run has, without spaces
   * @param millis see {@link dev.parlor.server.config.Limits.Nodes#leaseMillis}
   */
  record Terms(RecordTable table, String node, int millis) {}

  /** Not this node's to grant. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  private final Terms terms;
  private final DocumentId document;
  private final RoomScope turn;
  private final Holder holder;

  /** What stands in the record while it is held, as far as we know. */
  private @Nullable LeaseRecord mine;

  /** The time of the last renewal that is on disk. */
  private long renewedAt;

  private @Nullable LeaseRecord seen;
  private long seenAt;
  private boolean taking;
  private boolean closed;

  RoomLease(Terms terms, DocumentId document, RoomScope turn, Holder holder) {
    this.terms = terms;
    this.document = document;
    this.turn = turn;
    this.holder = holder;
  }

  /** Begins to look, now and for as long as the room is open. */
  void begin(long ownEpoch) {
    look(ownEpoch);
  }

  boolean isHeld() {
    return mine != null && turn.now() - renewedAt < terms.millis();
  }

  /**
   * Puts the next epoch into the record.
   *
   * @return completes when it is on disk; with {@link LostException} when another node holds it
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

  /** The room closes: others need not wait. */
  void close() {
    closed = true;
    LeaseRecord last = mine;
    if (last != null) {
      mine = null;
      try {
        var _ =
            terms.table().replace(key(), Optional.of(last.toBytes()), last.released().toBytes());
      } catch (UncheckedIOException unreachable) {
        log.warn("room {}: the lease is left to run out: {}", document, unreachable.getMessage());
      }
    }
  }

  /** Somebody else was seen to act as the holder. */
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
    turn.after(Math.max(1, terms.millis() / LOOKS), () -> look(ownEpoch));
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
    long from = turn.now();
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
                    turn.later(
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
      seenAt = turn.now();
    }
    boolean may =
        now.isFree() || now.node().equals(terms.node()) || turn.now() - seenAt >= terms.millis();
    if (!taking && may) {
      take(now, ownEpoch);
    }
    holder.waited();
  }

  private void take(LeaseRecord before, long ownEpoch) {
    long from = turn.now();
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
        put.committed().whenComplete((_, problem) -> turn.later(() -> taken(next, from, problem)));
  }

  private void taken(LeaseRecord next, long from, @Nullable Throwable problem) {
    taking = false;
    if (problem != null || closed || turn.now() - from >= terms.millis()) {
      return; // it is looked at again
    }
    mine = next;
    renewedAt = from;
    if (next.term() > 1) {
      log.info("room {}: this node took over the lease, term {}", document, next.term());
    }
    holder.held(next.epoch());
  }

  /** Empty when the record is not what we think. */
  private Optional<CompletableFuture<Void>> replace(LeaseRecord last, LeaseRecord next) {
    Bytes expected = last.toBytes();
    var put = terms.table().replace(key(), Optional.of(expected), next.toBytes());
    if (put.replaced()) {
      mine = next;
      return Optional.of(put.committed());
    }
    // A renewal that the disk refused was taken back: what stands there is ours still.
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
