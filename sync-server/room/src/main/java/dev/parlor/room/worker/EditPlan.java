package dev.parlor.room.worker;

import dev.parlor.crdt.replica.Edit;
import java.util.List;

/** The edits that become one change, and the answer that the caller gets after its commit. */
public record EditPlan<T>(List<Edit> edits, T answer) {
  public EditPlan {
    edits = List.copyOf(edits);
  }

  /** A plan without edits. */
  public static <T> EditPlan<T> withoutEdits(T answer) {
    return new EditPlan<>(List.of(), answer);
  }
}
