package dev.parlor.relay.admission;

/**
 * The role of a caller in the document that its connection is scoped to. Each role includes the
 * rights of the roles after it.
 */
public enum Role {
  HOST,
  PLAYER,
  SPECTATOR;

  /** Whether this role may add changes to the document [AD5]. */
  public boolean mayWrite() {
    return this != SPECTATOR;
  }
}
