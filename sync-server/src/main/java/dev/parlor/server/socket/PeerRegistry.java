package dev.parlor.server.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which connection holds which peer id [HS4]. Ids are chosen by the peers, so they count within the
 * document that a connection is scoped to: nobody can push a peer out of a room that he cannot
 * enter himself. Safe from any thread.
 */
final class PeerRegistry {

  private record Key(Optional<DocumentId> scope, PeerId peer) {}

  private final Map<Key, Connection> connections = new ConcurrentHashMap<>();

  /**
   * Gives the id to a connection.
   *
   * @return the connection that held it before
   */
  Optional<Connection> take(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    return Optional.ofNullable(connections.put(new Key(scope, peer), connection));
  }

  /** Who holds the id now. */
  Optional<Connection> holder(Optional<DocumentId> scope, PeerId peer) {
    return Optional.ofNullable(connections.get(new Key(scope, peer)));
  }

  /** Gives the id back; false when a newer connection holds it. */
  boolean release(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    return connections.remove(new Key(scope, peer), connection);
  }
}
