package dev.parlor.room.schema;

import java.util.Arrays;
import java.util.Optional;

/** A constant that the document writes as a lower-case name, for example {@code token-limit}. */
public sealed interface Named
    permits Attachment.Kind,
        QueueCommand.Action,
        Queued.State,
        CardType,
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

  /** The name in the document. */
  String wire();

  /** The constant with this name. */
  static <T extends Named> Optional<T> find(T[] choices, String wire) {
    return Arrays.stream(choices).filter(choice -> choice.wire().equals(wire)).findFirst();
  }
}
