package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;

/** The paths of a room's collaborative texts [RM2]. */
public final class RoomTexts {

  private RoomTexts() {}

  /** The paths of all texts of a room; empty if the document is not a room yet. */
  public static List<Path> paths(Value root) {
    if (!(root instanceof Value.MapOf(var parts) && parts.containsKey(RoomFields.SCHEMA))) {
      return List.of();
    }
    var paths = new ArrayList<Path>();
    paths.add(Path.of(RoomFields.TITLE));
    paths.add(Path.of(RoomFields.SETTINGS, RoomFields.SYSTEM_PROMPT));
    for (var container : List.of(RoomFields.CARDS, RoomFields.NOTES)) {
      if (parts.get(container) instanceof Value.MapOf(var entries)) {
        entries.forEach(
            (id, entry) -> {
              if (!id.isEmpty() && entry instanceof Value.MapOf) {
                paths.add(Path.of(container, id, RoomFields.TEXT));
              }
            });
      }
    }
    return paths;
  }

  /** The separator between two merged versions of a text that have no word in common. */
  public static String separator(Path path) {
    return switch ((String) path.steps().getFirst()) {
      case RoomFields.TITLE -> " / ";
      case RoomFields.CARDS -> "\n";
      default -> "\n\n";
    };
  }
}
