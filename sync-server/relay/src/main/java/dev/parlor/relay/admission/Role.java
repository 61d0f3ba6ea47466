package dev.parlor.relay.admission;

/** The role of a caller. Each role includes the permissions of the roles after it. */
public enum Role {
  HOST,
  PLAYER,
  SPECTATOR;

  /** Whether this role may add changes to the document [AD5]. */
  public boolean mayWrite() {
    return this != SPECTATOR;
  }
}
