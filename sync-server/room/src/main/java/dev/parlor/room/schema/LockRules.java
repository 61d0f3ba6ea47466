package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which request in the lock is granted, and why each other request is refused (rules GE2
 * and GE3 of {@code docs/room.md}). At most one request is granted. Pure.
 */
public final class LockRules {

  /**
   * The state of generation in the server's ledger. The document may contain forged values.
   *
   * @param epoch the current epoch
   * @param running the request that holds the grant, or null
   * @param decided requests that were granted or refused before
   */
  public record ServerState(
      long epoch, @Nullable String running, Set<String> decided, long nowMillis) {
    public ServerState {
      decided = Set.copyOf(decided);
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

  /**
   * A decision with at most one grant.
   *
   * @param lock the granted request, or null
   * @param refusals the other requests that were not decided before
   */
  public record Decision(@Nullable Lock lock, List<Refusal> refusals) {
    public Decision {
      refusals = List.copyOf(refusals);
    }

    public Optional<Lock> granted() {
      return Optional.ofNullable(lock);
    }
  }

  /** Valid request ids. An id becomes a key in {@code results}, so other ids are ignored. */
  private static final Pattern REQUEST = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  private LockRules() {}

  /**
   * Decides all concurrent requests at once.
   *
   * @param locks every concurrent value of {@code generation/lock}, the winner first
   */
  public static Decision decide(ServerState server, List<Lock> locks, RoomView room) {
    var seats = Set.copyOf(TurnOrder.of(room, Set.of()).players());
    var requests = new HashSet<String>();
    var undecided = new ArrayList<Lock>();
    for (var lock : locks) {
      var isDecided =
          server.decided().contains(lock.request()) || lock.request().equals(server.running());
      if (!isDecided && REQUEST.matcher(lock.request()).matches() && requests.add(lock.request())) {
        undecided.add(lock);
      }
    }
    Lock granted = null;
    var refusals = new ArrayList<Refusal>();
    for (var lock : undecided) {
      var reason = reason(server, lock, room, seats);
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
  private static @Nullable String reason(
      ServerState server, Lock lock, RoomView room, Set<String> seats) {
    if (!seats.contains(lock.by())) {
      return "not-allowed";
    }
    var invalid = invalid(lock, room);
    if (invalid != null) {
      return "invalid: " + invalid;
    }
    if (server.running() != null) {
      if (lock.seen() == server.epoch()) {
        return "busy";
      }
      // A request of the epoch before the running one was concurrent with the granted request.
      return lock.seen() == server.epoch() - 1 ? "lost-to " + server.running() : "stale";
    }
    if (lock.seen() != server.epoch()
        || server.nowMillis() - lock.at() > RoomLimits.REQUEST_AGE_MILLIS_MAX) {
      return "stale";
    }
    return null;
  }

  /** The reason why a request itself is invalid, as a sentence; empty for a valid request. */
  public static Optional<String> invalidReason(Lock lock, RoomView room) {
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
