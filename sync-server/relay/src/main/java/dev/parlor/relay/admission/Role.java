package dev.parlor.relay.admission;

/** The role that a link grants in a room; each role includes the roles after it. */
public enum Role {
  HOST,
  PLAYER,
  SPECTATOR;

  /** Whether this role may add changes to the document [AD5]. */
  public boolean mayWrite() {
    return this != SPECTATOR;
  }
}
