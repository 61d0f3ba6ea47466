package dev.parlor.room.schema;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request is valid in a room (rules GE2 and GE3 of {@code docs/room.md}). Other
 * requests play no part: a valid request runs or waits. Pure.
 */
public final class LockRules {

  /** The reason for a request of an identity without a seat. */
  public static final String NOT_ALLOWED = "not-allowed";

  /** The beginning of the reason for an invalid request; a sentence follows. */
  public static final String INVALID = "invalid: ";

  /** Valid request ids. An id becomes a key in {@code results}, so other ids are ignored. */
  private static final Pattern REQUEST = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  private LockRules() {}

  /** Whether an id can be the id of a request. */
  public static boolean isUsableId(String request) {
    return REQUEST.matcher(request).matches();
  }

  /** Whether an identity has a seat, so that it may ask. */
  public static boolean isSeated(String identity, RoomView room) {
    return TurnOrder.of(room, Set.of()).players().contains(identity);
  }

  /**
   * The reason why the request is refused; empty if it is valid.
   *
   * @param isWaiting whether a request waits, so that another request may follow it
   */
  public static Optional<String> refusalReason(
      Lock lock, RoomView room, Predicate<String> isWaiting) {
    return isSeated(lock.by(), room)
        ? invalidReason(lock, room, isWaiting).map(INVALID::concat)
        : Optional.of(NOT_ALLOWED);
  }

  /** The reason why a request itself is invalid, as a sentence; empty for a valid request. */
  public static Optional<String> invalidReason(
      Lock lock, RoomView room, Predicate<String> isWaiting) {
    return Optional.ofNullable(invalid(lock, room, isWaiting))
        .or(() -> Optional.ofNullable(invalidAttachments(lock, room)));
  }

  private static @Nullable String invalid(Lock lock, RoomView room, Predicate<String> isWaiting) {
    if (lock.query().isBlank()) {
      return "query is empty";
    }
    if (lock.query().length() > RoomLimits.QUERY_LENGTH_MAX) {
      return "query is longer than " + RoomLimits.QUERY_LENGTH_MAX + " characters";
    }
    if (lock.cards().size() > RoomLimits.REQUEST_CARDS_MAX) {
      return "cards are more than " + RoomLimits.REQUEST_CARDS_MAX;
    }
    for (var id : lock.cards()) {
      if (room.card(id).isEmpty()) {
        return "cards names a card that is not in the room";
      }
    }
    if (!lock.after().isEmpty() && !isWaiting.test(lock.after())) {
      var followed = room.result(lock.after());
      if (followed.isEmpty() || followed.get().status() == Result.Status.REFUSED) {
        return "after names no answer of this room";
      }
    }
    return null;
  }

  private static @Nullable String invalidAttachments(Lock lock, RoomView room) {
    if (lock.attach().size() > RoomLimits.ATTACHMENTS_MAX) {
      return "attach has more than " + RoomLimits.ATTACHMENTS_MAX + " entries";
    }
    var length = 0L;
    for (var attachment : lock.attach()) {
      switch (attachment.kind()) {
        case NOTE -> {
          var note = room.note(attachment.id());
          if (note.isEmpty()) {
            return "attach names a note that is not in the room";
          }
          length += note.get().text().length();
        }
        case IMAGE -> {
          if (attachment.id().isEmpty()) {
            return "attach names an image without its id";
          }
          if (attachment.text().length() > RoomLimits.ALT_LENGTH_MAX) {
            return "attach describes an image in more than "
                + RoomLimits.ALT_LENGTH_MAX
                + " characters";
          }
          length += attachment.text().length();
        }
        case TEXT -> {
          if (attachment.text().length() > RoomLimits.QUOTE_LENGTH_MAX) {
            return "attach has a text longer than " + RoomLimits.QUOTE_LENGTH_MAX + " characters";
          }
          length += attachment.text().length();
        }
      }
    }
    return length > RoomLimits.ATTACHED_LENGTH_MAX
        ? "attach has "
            + length
            + " characters together; at most "
            + RoomLimits.ATTACHED_LENGTH_MAX
            + " fit"
        : null;
  }
}
