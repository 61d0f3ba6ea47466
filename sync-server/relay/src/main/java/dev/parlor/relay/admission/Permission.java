package dev.parlor.relay.admission;

/** What a token lets its holder do in a document. Each permission includes those before it. */
public enum Permission {
  READ,
  WRITE,
  OWN;

  /** The role of the holder in the document. */
  public Role role() {
    return switch (this) {
      case READ -> Role.SPECTATOR;
      case WRITE -> Role.PLAYER;
      case OWN -> Role.HOST;
    };
  }
}
