package dev.parlor.room.generation;

import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Limits the accepted requests per minute of each identity and of one room, and the requests that
 * wait [GE3]. Used by one thread at a time.
 */
final class RequestRate {
  private static final long MINUTE_MILLIS = 60_000;
  private static final String KIND = "too-many";

  /** The estimated time until a place in a full queue is free. */
  private static final long FULL_QUEUE_MILLIS = 15_000;

  private final ServiceLimits.Generation limits;
  private final Map<String, Deque<Long>> byIdentity = new HashMap<>();
  private final Deque<Long> ofRoom = new ArrayDeque<>();

  /**
   * A limit that refuses a request.
   *
   * @param at the time from which the request is permitted
   * @param most the limit
   * @param of the kind of the limit in the reason; empty for the requests of an identity
   */
  record Excess(long at, int most, String of) {

    /** The reason in the request's result. */
    String reason() {
      return KIND + " " + at + " " + most + (of.isEmpty() ? "" : " " + of);
    }

    /** Reads {@link #reason}; empty for a reason of another kind. */
    static Optional<Excess> ofReason(String reason) {
      String[] words = reason.split(" ", 4);
      if (words.length < 3 || !words[0].equals(KIND)) {
        return Optional.empty();
      }
      return Optional.of(
          new Excess(
              Long.parseLong(words[1]),
              Integer.parseInt(words[2]),
              words.length == 4 ? words[3] : ""));
    }

    /** The limit in words. */
    String sentence() {
      return switch (of) {
        case "room" -> "at most " + most + " questions a minute in a room";
        case "waiting" -> "at most " + most + " of your questions wait at a time";
        case "queue" -> "at most " + most + " questions wait in a room";
        default -> "at most " + most + " questions a minute";
      };
    }
  }

  RequestRate(ServiceLimits.Generation limits) {
    this.limits = limits;
  }

  /** A request that was accepted before this object existed. */
  private record Accepted(String by, long at) {}

  /** The accepted requests that a room shows, for a node that does not decide there. */
  static RequestRate shownIn(RoomView room, ServiceLimits.Generation limits, long now) {
    RequestRate rate = new RequestRate(limits);
    rate.countEarlier(
        Stream.concat(
            room.results().stream()
                .filter(result -> result.status() != Result.Status.REFUSED && result.epoch() > 0)
                .map(result -> new Accepted(result.by(), result.startedAt())),
            room.generation().queue().stream()
                .filter(queued -> queued.state() == Queued.State.WAITING)
                .map(queued -> new Accepted(queued.by(), queued.at()))),
        now);
    return rate;
  }

  /**
   * Counts the requests of the last minute that another node, or an earlier process, accepted. A
   * request that ran counts from its start, since its record has no earlier time. Imported results
   * have no epoch and do not count.
   *
   * @param records the requests that ran
   */
  void countEarlier(Collection<RunRecord> records, RequestQueue queue, long now) {
    countEarlier(
        Stream.concat(
            records.stream()
                .filter(record -> record.status() != Result.Status.REFUSED && record.epoch() > 0)
                .map(record -> new Accepted(record.by(), record.startedAt())),
            queue
                .waiting()
                .filter(each -> !each.old())
                .map(each -> new Accepted(each.lock().by(), each.acceptedAt()))),
        now);
  }

  /** A time in the future is of a node whose clock is wrong, and does not count. */
  private void countEarlier(Stream<Accepted> earlier, long now) {
    earlier
        .filter(accepted -> accepted.at() > now - MINUTE_MILLIS && accepted.at() <= now)
        .sorted(Comparator.comparingLong(Accepted::at))
        .forEach(accepted -> count(accepted.by(), accepted.at()));
  }

  /** The limit that refuses this identity's request now. */
  Optional<Excess> excess(String identity, RequestQueue queue, long now) {
    @Nullable Excess found = minute(byIdentity.get(identity), limits.perMinuteMax(), "", now);
    if (found == null) {
      found = minute(ofRoom, limits.perMinuteOfRoomMax(), "room", now);
    }
    if (found == null
        && queue.waiting().filter(each -> each.lock().by().equals(identity)).count()
            >= limits.waitingMax()) {
      found = new Excess(now + FULL_QUEUE_MILLIS, limits.waitingMax(), "waiting");
    }
    if (found == null
        && queue.waiting().filter(each -> !each.old()).count() >= limits.waitingOfRoomMax()) {
      found = new Excess(now + FULL_QUEUE_MILLIS, limits.waitingOfRoomMax(), "queue");
    }
    return Optional.ofNullable(found);
  }

  private static @Nullable Excess minute(
      @Nullable Deque<Long> times, int most, String of, long now) {
    if (times == null) {
      return null;
    }
    while (!times.isEmpty() && times.getFirst() <= now - MINUTE_MILLIS) {
      times.removeFirst();
    }
    return times.size() < most ? null : new Excess(times.getFirst() + MINUTE_MILLIS, most, of);
  }

  /** Counts an accepted request. */
  void count(String identity, long now) {
    byIdentity
        .values()
        .removeIf(times -> times.isEmpty() || times.getLast() <= now - MINUTE_MILLIS);
    byIdentity.computeIfAbsent(identity, _ -> new ArrayDeque<>()).addLast(now);
    ofRoom.addLast(now);
  }
}
