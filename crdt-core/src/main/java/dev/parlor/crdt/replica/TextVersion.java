package dev.parlor.crdt.replica;

import java.util.Optional;
import org.automerge.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A string that was written at a place of the document: a collaborative text or a scalar. Belongs
 * to the replica that gave it and stays usable after another value has taken its place.
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

  /** The operation that wrote it, as {@code counter@actor}: the same on every replica. */
  public String operation() {
    return operation;
  }

  /** True for a collaborative text, which may still grow after it has been replaced. */
  public boolean isText() {
    return text != null;
  }

  /** The words of a scalar; empty for a text, whose words {@link Replica#words} reads. */
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
