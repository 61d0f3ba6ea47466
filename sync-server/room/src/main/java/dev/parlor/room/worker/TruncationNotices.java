package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.RoomView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Notifies a room when a text exceeds its limit and is shown truncated [RM5]. The room gets one
 * ephemeral message, which names the authors, and no message for further keystrokes. Used on the
 * room's thread.
 */
final class TruncationNotices {

  private final Consumer<Bytes> broadcast;
  private Set<String> truncatedPaths = Set.of();

  TruncationNotices(Consumer<Bytes> broadcast) {
    this.broadcast = broadcast;
  }

  /**
   * Takes the opened room as the first state. Texts that are already truncated cause no message.
   */
  void begin(RoomView view) {
    truncatedPaths = truncatedPaths(view);
  }

  /**
   * Sends a message about each newly truncated text.
   *
   * @param by authors of all changes since the last call
   */
  void settled(RoomView view, List<String> by) {
    Set<String> before = truncatedPaths;
    truncatedPaths = truncatedPaths(view);
    if (by.isEmpty() || before.containsAll(truncatedPaths)) {
      return;
    }
    view.problems().stream()
        .filter(problem -> problem.lengthMax() > 0 && !before.contains(problem.path()))
        .limit(FixedServiceLimits.TRUNCATED_TEXTS_REPORTED_MAX)
        .forEach(problem -> broadcast.accept(message(problem, by)));
  }

  private static Set<String> truncatedPaths(RoomView view) {
    Set<String> paths = new HashSet<>();
    for (Problem problem : view.problems()) {
      if (problem.lengthMax() > 0) {
        paths.add(problem.path());
      }
    }
    return paths;
  }

  private static Bytes message(Problem problem, List<String> by) {
    List<String> named =
        by.subList(0, Math.min(by.size(), FixedServiceLimits.TRUNCATION_AUTHORS_MAX));
    CborWriter message =
        new CborWriter()
            .map(4)
            .text("type")
            .text("text-cut")
            .text("path")
            .text(problem.path())
            .text("lengthMax")
            .integer(problem.lengthMax())
            .text("by")
            .list(named.size());
    named.forEach(message::text);
    return message.toBytes();
  }
}
