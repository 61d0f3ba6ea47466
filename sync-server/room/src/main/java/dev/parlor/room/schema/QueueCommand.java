package dev.parlor.room.schema;

/**
 * A command for the queue, written by a peer into {@code generation/command} (rule GE12 of {@code
 * docs/room.md}).
 *
 * @param id a fresh id; the server carries out one command of each id
 * @param request the waiting request; empty for {@link Action#RESUME}
 * @param before for {@link Action#MOVE}: the waiting request before which to place it; empty means
 *     at the end
 */
public record QueueCommand(
    String id, Action action, String request, String before, String by, long at) {

  /** The kinds of commands. */
  public enum Action implements Named {
    CANCEL("cancel"),
    MOVE("move"),
    CONFIRM("confirm"),
    RESUME("resume"),

    /** A command of a later version; it changes nothing. */
    UNKNOWN("unknown");

    private final String wire;

    Action(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }
}
