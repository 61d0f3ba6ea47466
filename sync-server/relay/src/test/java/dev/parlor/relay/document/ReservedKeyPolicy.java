package dev.parlor.relay.document;

import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import org.jspecify.annotations.Nullable;

/**
 * A policy in which every author may write all keys except one, which only the server may write.
 */
final class ReservedKeyPolicy implements ChangePolicy {

  static final String RESERVED = "reserved";

  private final OperationIndex index;

  /** Whether the current change is the server's own. */
  private boolean isServersChange;

  ReservedKeyPolicy(OperationIndex index) {
    this.index = index;
  }

  @Override
  public void beginChange(String identity, Role role) {
    isServersChange = false;
  }

  @Override
  public void beginServerChange() {
    isServersChange = true;
  }

  @Override
  public void admitted() {}

  @Override
  public boolean spectatorsMayWrite() {
    return false;
  }

  @Override
  public @Nullable String checkOperation(OperationReader operation, int object, int key, int made) {
    return !isServersChange
            && object == OperationIndex.ROOT
            && index.key(key).toUtf8().equals(RESERVED)
        ? "only the server writes here"
        : null;
  }

  @Override
  public boolean coversRepeats() {
    return false;
  }

  @Override
  public @Nullable String checkEnd() {
    return null;
  }
}
