package dev.parlor.room.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * The earlier answers that a request follows. They are linked by the field {@code after} of each
 * result. A pure function of the room.
 *
 * <p>The path ends at a fresh start, at a result without the field {@code after}, or at an unknown
 * id. It skips results with a blank query or answer.
 *
 * @param pairs results with a query and an answer, oldest first
 * @param omitted number of older pairs that are left out, since all pairs together are longer than
 *     the budget [PF11]
 */
public record AnswerPath(List<Result> pairs, int omitted) {
  /** The path of a fresh start. */
  public static final AnswerPath NONE = new AnswerPath(List.of(), 0);

  public AnswerPath {
    pairs = List.copyOf(pairs);
  }

  /** The path with the largest budget. */
  public static AnswerPath of(RoomView room, String after) {
    return of(room, after, RoomLimits.PATH_LENGTH_MAX);
  }

  /**
   * The path that ends at a result.
   *
   * @param after the request of that result, empty for a fresh start
   * @param lengthMax the budget: UTF-16 units of all questions and answers together
   */
  public static AnswerPath of(RoomView room, String after, long lengthMax) {
    if (after.isEmpty()) {
      return NONE;
    }
    var byRequest = new HashMap<String, Result>();
    room.results().forEach(result -> byRequest.put(result.request(), result));
    var visited = new HashSet<String>(); // an imported file may contain a cycle
    var pairs = new ArrayList<Result>();
    var omitted = 0;
    var length = 0L;
    var next = byRequest.get(after);
    while (next != null && visited.add(next.request())) {
      if (!next.query().isBlank() && !next.text().isBlank()) {
        length += next.question().length() + next.text().length();
        if (length > lengthMax) {
          omitted++;
        } else {
          pairs.add(next);
        }
      }
      var before = next.after();
      next = before == null || before.isEmpty() ? null : byRequest.get(before);
    }
    Collections.reverse(pairs);
    return new AnswerPath(pairs, omitted);
  }
}
