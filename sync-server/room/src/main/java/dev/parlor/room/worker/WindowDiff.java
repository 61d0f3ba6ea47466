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

  /** The data of one event for each change since the last call. */
  List<Map<String, Object>> settled(List<RoomWindow> windows) {
    Map<String, RoomWindow> gone = new LinkedHashMap<>(last);
    List<Map<String, Object>> changes = new ArrayList<>();
    for (RoomWindow window : windows) {
      RoomWindow was = gone.remove(window.id());
      happened(was, window).forEach(change -> changes.add(data(window, change)));
    }
    gone.keySet().forEach(id -> changes.add(new LinkedHashMap<>(removed(id))));
    last = byId(windows);
    return changes;
  }

  /** The kinds of change of one window; {@code changed} if no other kind fits. */
  private static List<String> happened(@Nullable RoomWindow was, RoomWindow is) {
    if (was == null) {
      return List.of("opened");
    }
    if (was.equals(is)) {
      return List.of();
    }
    List<String> changes = new ArrayList<>();
    if (was.state() != is.state()) {
      changes.add(
          switch (is.state()) {
            case OPEN -> "opened";
            case MINIMIZED -> "minimized";
            case CLOSED -> "closed";
          });
    }
    if (was.x() != is.x() || was.y() != is.y()) {
      changes.add("moved");
    }
    if (was.width() != is.width() || was.height() != is.height()) {
      changes.add("resized");
    }
    if (!was.props().equals(is.props())) {
      changes.add("parameters");
    }
    if (!was.title().equals(is.title())) {
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
