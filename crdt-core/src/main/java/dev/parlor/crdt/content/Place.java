package dev.parlor.crdt.content;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A place in an object to which an operation writes. */
public sealed interface Place {

  /** The object; null for the root map. */
  @Nullable OperationId object();

  /** The operations whose values are there now and are overwritten, ascending. */
  List<OperationId> predecessors();

  /** A key of a map. */
  record Key(@Nullable OperationId object, String key, List<OperationId> predecessors)
      implements Place {
    public Key {
      predecessors = List.copyOf(predecessors);
    }
  }

  /** An element of a list or a text. */
  record Element(@Nullable OperationId object, OperationId element, List<OperationId> predecessors)
      implements Place {
    public Element {
      predecessors = List.copyOf(predecessors);
    }
  }

  /**
   * A new element of a list or a text.
   *
   * @param before the element before it; null for the beginning
   */
  record After(@Nullable OperationId object, @Nullable OperationId before) implements Place {
    @Override
    public List<OperationId> predecessors() {
      return List.of();
    }
  }
}
