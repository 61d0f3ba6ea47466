package dev.parlor.crdt.replica;

import java.util.Optional;
import org.automerge.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A string that was written at a path of the document: a collaborative text or a scalar. It belongs
 * to the replica that returned it. It stays usable after another value has replaced the string.
 */
public final class TextVersion {
  private final String operation;
  private final String scalar;
  private final @Nullable ObjectId text;

  TextVersion(String operation, String scalar, @Nullable ObjectId text) {
    this.operation = operation;
    this.scalar = scalar;
    this.text = text;
  }

  /**
   * The id of the operation that wrote the string, {@code counter@actor}: equal on all replicas.
   */
  public String operation() {
    return operation;
  }

  /** Whether it is a collaborative text, which may still be edited after it was replaced. */
  public boolean isText() {
    return text != null;
  }

  /** The value of a scalar; empty for a text, which {@link Replica#textOf} reads. */
  String scalar() {
    return scalar;
  }

  Optional<ObjectId> object() {
    return Optional.ofNullable(text);
  }

  @Override
  public String toString() {
    return operation;
  }
}
