package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * A person who joined the room. A player without a seat is a spectator, see {@link TurnOrder}.
 *
 * @param identity the key in {@code participants}
 * @param joinedAt milliseconds since the epoch
 */
public record Participant(
    String identity,
    String name,
    @Nullable String avatar,
    @Nullable String color,
    Role role,
    long joinedAt) {

  /** The rights of a participant. */
  public enum Role implements Named {
    HOST("host"),
    PLAYER("player"),
    SPECTATOR("spectator");

    private final String wire;

    Role(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }
}
