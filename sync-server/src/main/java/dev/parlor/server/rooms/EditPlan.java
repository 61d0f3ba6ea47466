package dev.parlor.server.rooms;

import dev.parlor.crdt.replica.Edit;
import java.util.List;

/**
 * What an edit comes to after it saw the room: edits that are made as one change, and the answer
 * for the caller once they are on disk.
 */
public record EditPlan<T>(List<Edit> edits, T answer) {
  public EditPlan {
    edits = List.copyOf(edits);
  }

  /** Nothing is to be changed. */
  public static <T> EditPlan<T> nothing(T answer) {
    return new EditPlan<>(List.of(), answer);
  }
}
