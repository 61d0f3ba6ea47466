package dev.parlor.room.schema;

import java.util.Arrays;
import java.util.Optional;

/** A choice that the document spells in lower case, for example {@code token-limit}. */
public sealed interface Named
    permits CardType,
        ChatEntry.Kind,
        Ending,
        Participant.Role,
        Result.Status,
        RoomWindow.State,
        RoomWindow.Type,
        Settings.Extra,
        Settings.StackRule,
        Settings.Status,
        Settings.TurnMode {

  /** The spelling in the document. */
  String wire();

  /** The choice with that spelling. */
  static <T extends Named> Optional<T> find(T[] choices, String wire) {
    return Arrays.stream(choices).filter(choice -> choice.wire().equals(wire)).findFirst();
  }
}
