package dev.parlor.server.access;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.admission.Caller;
import java.util.function.Predicate;

/** Whatever is open to a room right now, so that a change of who may be there acts at once. */
@FunctionalInterface
public interface LiveConnections {

  /**
   * Closes every connection to the room whose caller fits; returns without waiting for it.
   *
   * @param code of the WebSocket close
   * @param rule of {@code docs/http-api.md}
   * @param reason a sentence for the person
   */
  void close(DocumentId room, Predicate<Caller> who, int code, String rule, String reason);
}
