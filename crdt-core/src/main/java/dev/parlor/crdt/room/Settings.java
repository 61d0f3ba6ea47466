package dev.parlor.crdt.room;

import org.jspecify.annotations.Nullable;

/**
 * What a host sets for the whole room.
 *
 * @param maxPlayers seats for players, at least 1; further people are spectators
 * @param model the model asked for, or null for the server's default
 * @param systemPrompt comes before every card; may be empty
 * @param spectatorChat whether people who watch may write into the chat
 */
public record Settings(
    TurnMode turnMode,
    int maxPlayers,
    Status status,
    StackRule stackRule,
    @Nullable String model,
    String systemPrompt,
    boolean spectatorChat) {

  /** Who may play when. */
  public enum TurnMode implements Named {
    FREE("free"),
    TURNS("turns");

    private final String wire;

    TurnMode(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** Where the room is in its life; informs people, forbids nothing. */
  public enum Status implements Named {
    WAITING("waiting"),
    ACTIVE("active"),
    COMPLETED("completed");

    private final String wire;

    Status(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** Whether the newest role and tone win or all of them count. */
  public enum StackRule implements Named {
    LATEST("latest"),
    COMBINE("combine");

    private final String wire;

    StackRule(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** What a fresh room has. */
  public static Settings standard() {
    return new Settings(
        TurnMode.FREE,
        RoomLimits.PLAYERS_DEFAULT,
        Status.WAITING,
        StackRule.LATEST,
        null,
        "",
        false);
  }
}
