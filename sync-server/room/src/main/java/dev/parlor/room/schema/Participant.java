package dev.parlor.room.schema;

import org.jspecify.annotations.Nullable;

/**
 * A person who joined, with the role that their link gave them. If there are more players than
 * {@code maxPlayers}, some of them are spectators, see {@link TurnOrder}.
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

  /** The rights that a link gives. */
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
