package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import java.util.function.Predicate;

/**
 * The open connections to a room: sockets and event streams. The server closes a caller's
 * connections as soon as the caller's role changes or access ends.
 */
@FunctionalInterface
public interface LiveConnections {

  /**
   * Closes every connection to the room whose caller matches, without waiting until they are
   * closed.
   *
   * @param code the WebSocket close code
   * @param rule the id of the rule in {@code docs/http-api.md}
   * @param reason a sentence for the person
   */
  void close(DocumentId room, Predicate<Caller> callers, int code, String rule, String reason);
}
