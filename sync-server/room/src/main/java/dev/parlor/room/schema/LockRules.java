package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which request in the lock is granted, and why the others are not (rules GE2 and GE3 of
 * {@code docs/room.md}). A pure decision on the server's own knowledge. It grants at most one
 * request. Every other unsettled request gets exactly one reason.
 */
public final class LockRules {

  /**
   * The server's knowledge from its own ledger, not from the document.
   *
   * @param epoch the current epoch as stored
   * @param running the request that holds the grant, or null
   * @param settled requests that already have a result of any status
   */
  public record Own(long epoch, @Nullable String running, Set<String> settled, long nowMillis) {
    public Own {
      settled = Set.copyOf(settled);
    }
  }

  /**
   * A request that is not granted.
   *
   * @param reason {@code lost-to <request>}, {@code stale}, {@code busy}, {@code not-allowed}, or
   *     {@code invalid: } and a sentence
   */
  public record Refusal(Lock lock, String reason) {
    public String request() {
      return lock.request();
    }
  }

  /** A decision with at most one grant. The granted request is not among the refusals. */
  public record Decision(@Nullable Lock lock, List<Refusal> refusals) {
    public Decision {
      refusals = List.copyOf(refusals);
    }

    public Optional<Lock> granted() {
      return Optional.ofNullable(lock);
    }
  }

  /** Valid keys of results. A request with another id cannot be answered. */
  private static final Pattern REQUEST = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  private LockRules() {}

  /**
   * Decides on all concurrent requests at once.
   *
   * @param locks every concurrent value of {@code generation/lock}, the winner first
   */
  public static Decision decide(Own own, List<Lock> locks, RoomView room) {
    var seats = Set.copyOf(TurnOrder.of(room, Set.of()).players());
    var seen = new HashSet<String>();
    var open = new ArrayList<Lock>();
    for (var lock : locks) {
      var known = own.settled().contains(lock.request()) || lock.request().equals(own.running());
      if (!known && REQUEST.matcher(lock.request()).matches() && seen.add(lock.request())) {
        open.add(lock);
      }
    }
    Lock granted = null;
    var refusals = new ArrayList<Refusal>();
    for (var lock : open) {
      var reason = reason(own, lock, room, seats);
      if (reason != null) {
        refusals.add(new Refusal(lock, reason));
      } else if (granted == null) {
        granted = lock;
      } else {
        refusals.add(new Refusal(lock, "lost-to " + granted.request()));
      }
    }
    return new Decision(granted, refusals);
  }

  /** The reason why this request cannot run now, or null. */
  private static @Nullable String reason(Own own, Lock lock, RoomView room, Set<String> seats) {
    if (!seats.contains(lock.by())) {
      return "not-allowed";
    }
    var invalid = invalid(lock, room);
    if (invalid != null) {
      return "invalid: " + invalid;
    }
    if (own.running() != null) {
      if (lock.seen() == own.epoch()) {
        return "busy";
      }
      // made before the running request was granted: both took part in the same race
      return lock.seen() == own.epoch() - 1 ? "lost-to " + own.running() : "stale";
    }
    if (lock.seen() != own.epoch()
        || own.nowMillis() - lock.at() > RoomLimits.REQUEST_AGE_MILLIS_MAX) {
      return "stale";
    }
    return null;
  }

  /** The error in a request itself, as a sentence; empty for a valid request. */
  public static Optional<String> fault(Lock lock, RoomView room) {
    return Optional.ofNullable(invalid(lock, room));
  }

  private static @Nullable String invalid(Lock lock, RoomView room) {
    if (lock.query().isBlank()) {
      return "query is empty";
    }
    if (lock.query().length() > RoomLimits.QUERY_LENGTH_MAX) {
      return "query is longer than " + RoomLimits.QUERY_LENGTH_MAX + " characters";
    }
    if (lock.cards().size() > RoomLimits.REQUEST_CARDS_MAX) {
      return "cards are more than " + RoomLimits.REQUEST_CARDS_MAX;
    }
    for (var id : lock.cards()) {
      if (room.card(id).isEmpty()) {
        return "cards names a card that is not in the room";
      }
    }
    if (!lock.after().isEmpty()) {
      var followed = room.result(lock.after());
      if (followed.isEmpty() || followed.get().status() == Result.Status.REFUSED) {
        return "after names no answer of this room";
      }
    }
    return null;
  }
}
