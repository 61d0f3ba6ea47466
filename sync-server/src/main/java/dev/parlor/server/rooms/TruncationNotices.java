package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.room.Problem;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.server.config.FixedLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells those who wrote a text that became too long that it is shown cut [RM5]: one ephemeral
 * message to the room when it happens, not for each further key. Used on the room's thread.
 */
final class TruncationNotices {

  private final Consumer<Bytes> broadcast;
  private Set<String> known = Set.of();

  TruncationNotices(Consumer<Bytes> broadcast) {
    this.broadcast = broadcast;
  }

  /** The room as it was found: whoever wrote in it then is not told. */
  void begin(RoomView view) {
    known = paths(view);
  }

  /**
   * @param by everybody who changed something since the last look
   */
  void settled(RoomView view, List<String> by) {
    Set<String> before = known;
    known = paths(view);
    if (by.isEmpty() || before.containsAll(known)) {
      return;
    }
    view.problems().stream()
        .filter(problem -> problem.lengthMax() > 0 && !before.contains(problem.path()))
        .limit(FixedLimits.CUT_TEXTS_TOLD_MAX)
        .forEach(problem -> broadcast.accept(message(problem, by)));
  }

  private static Set<String> paths(RoomView view) {
    Set<String> paths = new HashSet<>();
    for (Problem problem : view.problems()) {
      if (problem.lengthMax() > 0) {
        paths.add(problem.path());
      }
    }
    return paths;
  }

  private static Bytes message(Problem problem, List<String> by) {
    List<String> named = by.subList(0, Math.min(by.size(), FixedLimits.CUT_TEXTS_NAMED_MAX));
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
