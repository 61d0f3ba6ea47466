package dev.parlor.crdt.room;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a host sets for the whole room.
 *
 * @param maxPlayers seats for players, at least 1; further people are spectators
 * @param model the model asked for, or null for the server's default
 * @param systemPrompt comes before every card; may be empty
 * @param spectatorChat whether people who watch may write into the chat
 * @param partsOff parts that the room works without and that are switched off for everybody
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

  /** What the page does beside the room itself; the server has no part in any of it. */
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
