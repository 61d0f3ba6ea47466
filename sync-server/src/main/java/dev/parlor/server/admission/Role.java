package dev.parlor.server.admission;

/** What a link lets its bearer do in a room; each includes what follows it. */
public enum Role {
  HOST,
  PLAYER,
  SPECTATOR;

  /** Whether this role may add changes to the document [AD5]. */
  public boolean mayWrite() {
    return this != SPECTATOR;
  }
}
