package dev.parlor.room.worker;

import dev.parlor.room.schema.RoomWindow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes of a room's windows by comparison with their previous state. Used on the room's
 * thread.
 */
final class WindowDiff {
  private Map<String, RoomWindow> last = Map.of();

  /** Takes the present windows as the first state; they cause no events. */
  void begin(List<RoomWindow> windows) {
    last = byId(windows);
  }

  /** The data of an event for each change since the last call. */
  List<Map<String, Object>> settled(List<RoomWindow> windows) {
    Map<String, RoomWindow> removed = new LinkedHashMap<>(last);
    List<Map<String, Object>> changes = new ArrayList<>();
    for (RoomWindow window : windows) {
      RoomWindow before = removed.remove(window.id());
      kindsOfChange(before, window).forEach(change -> changes.add(data(window, change)));
    }
    removed.keySet().forEach(id -> changes.add(new LinkedHashMap<>(removed(id))));
    last = byId(windows);
    return changes;
  }

  /** The kinds of change of one window; {@code changed} if no other kind fits. */
  private static List<String> kindsOfChange(@Nullable RoomWindow before, RoomWindow after) {
    if (before == null) {
      return List.of("opened");
    }
    if (before.equals(after)) {
      return List.of();
    }
    List<String> changes = new ArrayList<>();
    if (before.state() != after.state()) {
      changes.add(
          switch (after.state()) {
            case OPEN -> "opened";
            case MINIMIZED -> "minimized";
            case CLOSED -> "closed";
          });
    }
    if (before.x() != after.x() || before.y() != after.y()) {
      changes.add("moved");
    }
    if (before.width() != after.width() || before.height() != after.height()) {
      changes.add("resized");
    }
    if (!before.props().equals(after.props())) {
      changes.add("parameters");
    }
    if (!before.title().equals(after.title())) {
      changes.add("renamed");
    }
    return changes.isEmpty() ? List.of("changed") : changes;
  }

  private static Map<String, Object> data(RoomWindow window, String change) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("window", window.id());
    data.put("change", change);
    data.put("type", window.type().wire());
    data.put("title", window.title());
    data.put("state", window.state().wire());
    data.put("pos", RoomWindow.pos(window.x(), window.y()));
    data.put("size", RoomWindow.size(window.width(), window.height()));
    return data;
  }

  private static Map<String, Object> removed(String id) {
    return Map.of("window", id, "change", "removed");
  }

  private static Map<String, RoomWindow> byId(List<RoomWindow> windows) {
    return windows.stream().collect(Collectors.toMap(RoomWindow::id, Function.identity()));
  }
}
