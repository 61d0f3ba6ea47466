package dev.parlor.relay.admission;

import java.util.Optional;

/** What a token lets its holder do in a document. Each permission includes those before it. */
public enum Permission {
  READ,
  WRITE,
  OWN;

  /** The permission with this name in lower case. */
  public static Optional<Permission> named(String name) {
    return switch (name) {
      case "read" -> Optional.of(READ);
      case "write" -> Optional.of(WRITE);
      case "own" -> Optional.of(OWN);
      default -> Optional.empty();
    };
  }

  /** The role of the holder in the document. */
  public Role role() {
    return switch (this) {
      case READ -> Role.SPECTATOR;
      case WRITE -> Role.PLAYER;
      case OWN -> Role.HOST;
    };
  }
}
