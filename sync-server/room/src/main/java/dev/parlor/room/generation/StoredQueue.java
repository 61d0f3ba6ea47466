package dev.parlor.room.generation;

import dev.parlor.room.schema.Paused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a room as the ledger has it: the requests, and a small record that changes often.
 *
 * @param requests the waiting requests in order
 */
record StoredQueue(List<QueuedRequest> requests, @Nullable Paused paused) {
  static final StoredQueue EMPTY = new StoredQueue(List.of(), null);

  StoredQueue {
    requests = List.copyOf(requests);
  }

  /**
   * The record that changes with each command.
   *
   * @param order the waiting requests in order
   * @param confirmed old requests that their authors have confirmed
   */
  record Order(List<String> order, Set<String> confirmed, @Nullable Paused paused) {
    static final Order EMPTY = new Order(List.of(), Set.of(), null);

    Order {
      order = List.copyOf(order);
      confirmed = Set.copyOf(confirmed);
    }
  }

  /**
   * Joins the rows of the ledger. A crash may have kept the newest order from the disk: requests
   * that the order does not name come last, by the time at which they were accepted.
   */
  static StoredQueue of(List<QueuedRequest> rows, Order order) {
    Map<String, QueuedRequest> left = new LinkedHashMap<>();
    rows.stream()
        .sorted(
            Comparator.comparingLong(QueuedRequest::acceptedAt)
                .thenComparing(QueuedRequest::request))
        .forEach(row -> left.put(row.request(), row));
    List<QueuedRequest> requests = new ArrayList<>();
    Set<String> all = new LinkedHashSet<>(order.order());
    all.addAll(left.keySet());
    for (String request : all) {
      QueuedRequest row = left.get(request);
      if (row != null) {
        requests.add(order.confirmed().contains(request) ? row.confirmed() : row);
      }
    }
    return new StoredQueue(requests, order.paused());
  }
}
