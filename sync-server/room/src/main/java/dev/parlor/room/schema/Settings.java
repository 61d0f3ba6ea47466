package dev.parlor.room.schema;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a room, which its hosts can change.
 *
 * @param maxPlayers number of seats, at least 1; people without a seat are spectators
 * @param model the model of the room, or null for the server's default
 * @param systemPrompt comes before all cards in the prompt; may be empty
 * @param spectatorChat whether spectators may write in the chat
 * @param slots number of runs at the same time, 1 to {@link RoomLimits#SLOTS_MAX}
 * @param extrasOff extras of the page that are switched off for all participants
 */
public record Settings(
    TurnMode turnMode,
    int maxPlayers,
    Status status,
    StackRule stackRule,
    @Nullable String model,
    String systemPrompt,
    boolean spectatorChat,
    int slots,
    Set<Extra> extrasOff) {

  public Settings {
    extrasOff = Set.copyOf(extrasOff);
  }

  /** Settings with one slot. */
  public Settings(
      TurnMode turnMode,
      int maxPlayers,
      Status status,
      StackRule stackRule,
      @Nullable String model,
      String systemPrompt,
      boolean spectatorChat,
      Set<Extra> extrasOff) {
    this(turnMode, maxPlayers, status, stackRule, model, systemPrompt, spectatorChat, 1, extrasOff);
  }

  /** Settings with all extras on. */
  public Settings(
      TurnMode turnMode,
      int maxPlayers,
      Status status,
      StackRule stackRule,
      @Nullable String model,
      String systemPrompt,
      boolean spectatorChat) {
    this(turnMode, maxPlayers, status, stackRule, model, systemPrompt, spectatorChat, 1, Set.of());
  }

  /** Optional features of the page. The server does not act on them. */
  public enum Extra implements Named {
    /** Other people's mouse pointers. */
    CURSORS("cursors"),

    /** Other people's carets and names in texts. */
    CARETS("carets"),

    /** The people who are writing at present. */
    TYPING("typing"),

    /** Windows that draw waves. */
    PATTERNS("patterns");

    private final String wire;

    Extra(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }

  /** Whether people play in turns or at any time. */
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

  /** The state of the room as shown to people. It forbids nothing. */
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

  /** Whether only the topmost role and tone card go into the prompt, or all of them. */
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
