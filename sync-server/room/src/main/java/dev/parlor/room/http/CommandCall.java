package dev.parlor.room.http;

import dev.parlor.relay.admission.Caller;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.worker.EditAuthor;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of a {@link Command}: its caller and its fields.
 *
 * @param visitor the caller's role in the room, which the transport has authorized
 * @param requireIdentity the caller's proved identity; refuses with 401 if there is none
 * @param source the connection of the call, see {@link EditAuthor}
 */
record CommandCall(
    RequestAuthorizer.Visitor visitor,
    Supplier<String> requireIdentity,
    RequestFields fields,
    @Nullable Object source) {

  RoomInfo room() {
    return visitor.room();
  }

  String identity() {
    return requireIdentity.get();
  }

  /** The caller as the author of edits. */
  EditAuthor author() {
    return new EditAuthor(
        new Caller(
            Optional.of(identity()),
            visitor.role(),
            Optional.of(room().documentId()),
            visitor.link()),
        source);
  }
}
