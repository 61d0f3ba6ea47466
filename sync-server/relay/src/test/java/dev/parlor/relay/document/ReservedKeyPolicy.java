package dev.parlor.relay.document;

import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationReader;
import dev.parlor.relay.admission.ChangePolicy;
import dev.parlor.relay.admission.Role;
import org.jspecify.annotations.Nullable;

/** Lets every author write everything except one key of the root, which the server alone writes. */
final class ReservedKeyPolicy implements ChangePolicy {

  static final String RESERVED = "reserved";

  private final OperationIndex index;
  private boolean server;

  ReservedKeyPolicy(OperationIndex index) {
    this.index = index;
  }

  @Override
  public void beginChange(String identity, Role role) {
    server = false;
  }

  @Override
  public void beginServerChange() {
    server = true;
  }

  @Override
  public void admitted() {}

  @Override
  public boolean spectatorsMayWrite() {
    return false;
  }

  @Override
  public @Nullable String operation(OperationReader operation, int object, int key, int made) {
    return !server && object == OperationIndex.ROOT && index.key(key).toUtf8().equals(RESERVED)
        ? "only the server writes here"
        : null;
  }

  @Override
  public boolean coversRepeats() {
    return false;
  }

  @Override
  public @Nullable String end() {
    return null;
  }
}
