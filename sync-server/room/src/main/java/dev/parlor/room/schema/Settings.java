package dev.parlor.room.schema;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host's settings for the whole room.
 *
 * @param maxPlayers seats for players, at least 1; other people are spectators
 * @param model the model of the room, or null for the server's default
 * @param systemPrompt comes before every card; may be empty
 * @param spectatorChat whether spectators may write in the chat
 * @param partsOff optional parts that are switched off for all participants
 */
public record Settings(
    TurnMode turnMode,
    int maxPlayers,
    Status status,
    StackRule stackRule,
    @Nullable String model,
    String systemPrompt,
    boolean spectatorChat,
    Set<Part> partsOff) {

  public Settings {
    partsOff = Set.copyOf(partsOff);
  }

  /** With every part on. */
  public Settings(
      TurnMode turnMode,
      int maxPlayers,
      Status status,
      StackRule stackRule,
      @Nullable String model,
      String systemPrompt,
      boolean spectatorChat) {
    this(turnMode, maxPlayers, status, stackRule, model, systemPrompt, spectatorChat, Set.of());
  }

  /** Features of the page beside the room itself; the server takes no part in them. */
  public enum Part implements Named {
    CURSORS("cursors"),
    CARETS("carets"),
    TYPING("typing"),
    PATTERNS("patterns");

    private final String wire;

    Part(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** The rule for whose turn it is. */
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

  /** The state of the room; it informs people and forbids nothing. */
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

  /** Whether only the topmost role and tone count, or all of them. */
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

  /** The settings of a new room. */
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
