package dev.parlor.room.schema;

import dev.parlor.crdt.replica.Edit;
import java.util.ArrayList;
import java.util.List;

/** Collects the edits of a large write and divides them into changes of bounded size. */
final class EditBatches {

  /** Approximate number of operations in one change. Each character of a text is an operation. */
  private static final int CHANGE_OPERATIONS_MAX = 200_000;

  private final List<List<Edit>> changes = new ArrayList<>();
  private List<Edit> change = new ArrayList<>();
  private int operations;

  /**
   * Adds an edit after all earlier ones.
   *
   * @param operationsOfEdit its approximate number of operations
   */
  void add(Edit edit, int operationsOfEdit) {
    if (!change.isEmpty() && operations + operationsOfEdit > CHANGE_OPERATIONS_MAX) {
      endChange();
    }
    change.add(edit);
    operations += operationsOfEdit;
  }

  /** The edits of each change. */
  List<List<Edit>> changes() {
    if (!change.isEmpty()) {
      endChange();
    }
    return List.copyOf(changes);
  }

  private void endChange() {
    changes.add(List.copyOf(change));
    change = new ArrayList<>();
    operations = 0;
  }
}
