package dev.parlor.room.access;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Set;

/**
 * The open connections to rooms: sockets and event streams. The server closes a caller's
 * connections as soon as the caller's role changes or access ends. Methods return without waiting
 * until connections are closed.
 */
public interface LiveConnections {

  /** Closes the connections that an order concerns. */
  void close(ClosingOrder order);

  /**
   * Closes the connections to these rooms whose callers must leave by {@link
   * RoomAuthorizer#refusalOfOpen}.
   */
  void review(Set<DocumentId> rooms);

  /** These connections and others together. */
  default LiveConnections and(LiveConnections others) {
    var these = this;
    return new LiveConnections() {
      @Override
      public void close(ClosingOrder order) {
        these.close(order);
        others.close(order);
      }

      @Override
      public void review(Set<DocumentId> rooms) {
        these.review(rooms);
        others.review(rooms);
      }
    };
  }
}
