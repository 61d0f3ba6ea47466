package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.RoomSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests of one room in order, and the pause of the queue [GE12, GE13, GE14]. A
 * request stays in the queue until the document shows its run or its result. A part of {@link
 * GenerationState}.
 */
final class RequestQueue {

  private enum Step {
    /** The request is being stored. */
    STORING,

    /** The request is on disk, and the document shows it. */
    WAITING,

    /** A grant or a final record of the request is being stored. */
    LEAVING
  }

  private static final class Place {
    QueuedRequest queued;
    Step step;

    Place(QueuedRequest queued, Step step) {
      this.queued = queued;
      this.step = step;
    }
  }

  private final List<Place> places = new ArrayList<>();
  private final Set<String> confirmed = new HashSet<>();
  private @Nullable Paused paused;

  RequestQueue(StoredQueue stored) {
    stored.requests().forEach(each -> places.add(new Place(each, Step.WAITING)));
    paused = stored.paused();
  }

  /** Adds a request at the end; it cannot start before {@link #stored}. */
  void add(QueuedRequest queued) {
    places.add(new Place(queued, Step.STORING));
  }

  /** The request is on disk. */
  void stored(String request) {
    find(request)
        .filter(place -> place.step == Step.STORING)
        .ifPresent(place -> place.step = Step.WAITING);
  }

  /** A grant or a final record of the request is being stored. */
  void leaves(String request) {
    find(request).ifPresent(place -> place.step = Step.LEAVING);
  }

  /** Removes the requests whose run or result the document shows. */
  void leftIf(Predicate<String> isShown) {
    places.removeIf(place -> isShown.test(place.queued.request()));
    confirmed.removeIf(isShown);
  }

  private Optional<Place> find(String request) {
    return places.stream().filter(place -> place.queued.request().equals(request)).findFirst();
  }

  boolean contains(String request) {
    return find(request).isPresent();
  }

  /** Whether the document shows the request, so that its lock can be removed. */
  boolean isShown(String request) {
    return find(request).filter(place -> place.step != Step.STORING).isPresent();
  }

  /** A request that neither runs nor has ended. */
  Optional<QueuedRequest> waiting(String request) {
    return find(request).filter(place -> place.step != Step.LEAVING).map(place -> place.queued);
  }

  /** All requests that neither run nor have ended, in order. */
  Stream<QueuedRequest> waiting() {
    return places.stream().filter(place -> place.step != Step.LEAVING).map(place -> place.queued);
  }

  /** Whether a request waits that starts without a confirmation. */
  boolean hasStartable() {
    return waiting().anyMatch(queued -> !queued.old());
  }

  /**
   * The first request that may start; empty if the first of them is still being stored.
   *
   * @param isBlocked whether a request that this request follows runs now
   */
  Optional<QueuedRequest> first(Predicate<QueuedRequest> isBlocked) {
    Set<String> ahead = new HashSet<>();
    for (Place place : places) {
      QueuedRequest queued = place.queued;
      if (place.step == Step.LEAVING || queued.old()) {
        continue;
      }
      boolean followsOneAhead = ahead.contains(queued.lock().after());
      ahead.add(queued.request());
      if (!followsOneAhead && !isBlocked.test(queued)) {
        return place.step == Step.WAITING ? Optional.of(queued) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** The place of a request that waits, from 1; 0 for another request. */
  int placeOf(String request) {
    return 1 + waiting().map(QueuedRequest::request).toList().indexOf(request);
  }

  /**
   * Moves a request before another one, or to the end.
   *
   * @param before null for the end
   */
  void move(String request, @Nullable String before) {
    find(request)
        .ifPresent(
            place -> {
              places.remove(place);
              Optional<Place> next = before == null ? Optional.empty() : find(before);
              places.add(next.map(places::indexOf).orElse(places.size()), place);
            });
  }

  /**
   * Whether a move makes a request of another identity wait longer.
   *
   * @param before null for the end
   */
  boolean overtakesAnother(QueuedRequest moved, @Nullable String before) {
    List<QueuedRequest> all = waiting().toList();
    int from = all.indexOf(moved);
    int to =
        before == null
            ? all.size()
            : all.stream().map(QueuedRequest::request).toList().indexOf(before);
    return to >= 0
        && to < from
        && all.subList(to, from).stream()
            .anyMatch(each -> !each.lock().by().equals(moved.lock().by()));
  }

  /** An old request may start from now on; it goes to the end. */
  void confirm(String request) {
    find(request)
        .ifPresent(
            place -> {
              place.queued = place.queued.confirmed();
              confirmed.add(request);
              move(request, null);
            });
  }

  @Nullable Paused paused() {
    return paused;
  }

  void pause(@Nullable Paused pause) {
    paused = pause;
  }

  /** The record for the ledger. */
  StoredQueue.Order order() {
    return new StoredQueue.Order(waiting().map(QueuedRequest::request).toList(), confirmed, paused);
  }

  /** The requests that the document shows, as values by their ids, in order. */
  Map<String, Value> shown() {
    Map<String, Value> shown = new LinkedHashMap<>();
    for (Place place : places) {
      if (place.step != Step.STORING) {
        shown.put(
            place.queued.request(),
            ServerFields.normalized(RoomSchema.queued(place.queued.shown())));
      }
    }
    return shown;
  }
}
