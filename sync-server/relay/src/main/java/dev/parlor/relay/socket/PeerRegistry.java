package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connection that holds each peer id [HS4]. Peers choose their ids, so an id counts only within
 * the document that its connection is scoped to. A peer therefore cannot replace a peer in a room
 * that it cannot enter. Safe from any thread.
 */
final class PeerRegistry {

  private record Key(Optional<DocumentId> scope, PeerId peer) {}

  private final Map<Key, Connection> connections = new ConcurrentHashMap<>();

  /**
   * Registers a connection as the holder of an id.
   *
   * @return the previous holder of the id
   */
  Optional<Connection> take(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    return Optional.ofNullable(connections.put(new Key(scope, peer), connection));
  }

  /** The connection that holds the id now. */
  Optional<Connection> holder(Optional<DocumentId> scope, PeerId peer) {
    return Optional.ofNullable(connections.get(new Key(scope, peer)));
  }

  /** Releases the id; false if a newer connection holds it already. */
  boolean release(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    return connections.remove(new Key(scope, peer), connection);
  }
}
