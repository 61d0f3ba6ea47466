package dev.parlor.room.worker;

import dev.parlor.relay.admission.Caller;
import org.jspecify.annotations.Nullable;

/**
 * The participant for whom the server makes an edit. The edit is admitted under the participant's
 * rights [AD6].
 *
 * @param caller the participant, with an identity
 * @param source the connection that gets the edit's change in its answer, so that {@link
 *     RoomFollower#changed} can leave it out; null if no connection does
 */
public record EditAuthor(Caller caller, @Nullable Object source) {
  String identity() {
    return caller.identity().orElseThrow();
  }
}
