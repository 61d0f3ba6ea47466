package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import java.util.function.Predicate;

/**
 * The open connections to a room: sockets and event streams. A host's decision about access takes
 * effect on them at once.
 */
@FunctionalInterface
public interface LiveConnections {

  /**
   * Closes every connection to the room whose caller matches; does not wait for the closes.
   *
   * @param code the WebSocket close code
   * @param rule the rule in {@code docs/http-api.md}
   * @param reason a sentence for people
   */
  void close(DocumentId room, Predicate<Caller> callers, int code, String rule, String reason);
}
