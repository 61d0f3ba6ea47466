package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.cluster.NodeMessages;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connection that holds each peer id [HS4]. Peers choose their ids, so an id counts only within
 * the document that its connection is scoped to. A peer therefore cannot replace a peer in a room
 * that it cannot enter. Safe from any thread.
 */
final class PeerRegistry {

  /**
   * The holder of an id.
   *
   * @param join the place of its join among those of all nodes; null on one machine
   */
  private record Holder(Connection connection, SharedPeers.@Nullable Join join) {}

  private final Map<SharedPeers.Key, Holder> holders = new ConcurrentHashMap<>();
  private volatile @Nullable SharedPeers others;

  /**
   * Shares the ids with other nodes; called once, before the first connection.
   *
   * @param self the name of this node
   */
  void share(NodeMessages messages, String self) {
    var shared = new SharedPeers(messages, self, new OtherNodes());
    others = shared;
    shared.start();
  }

  /**
   * Registers a connection as the holder of an id, and tells the other nodes.
   *
   * @return the previous holder of the id on this node
   */
  Optional<Connection> take(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    var key = new SharedPeers.Key(scope, peer);
    var shared = others;
    var join = shared == null ? null : shared.next();
    var previous = holders.put(key, new Holder(connection, join));
    if (shared != null && join != null) {
      shared.tellJoined(key, join, connection.caller());
    }
    return Optional.ofNullable(previous).map(Holder::connection);
  }

  /** The connection that holds the id now. */
  Optional<Connection> holder(Optional<DocumentId> scope, PeerId peer) {
    return Optional.ofNullable(holders.get(new SharedPeers.Key(scope, peer)))
        .map(Holder::connection);
  }

  /** Releases the id; false if a newer connection, of this node or of another, holds it already. */
  boolean release(Optional<DocumentId> scope, PeerId peer, Connection connection) {
    var key = new SharedPeers.Key(scope, peer);
    var holder = holders.get(key);
    return holder != null && holder.connection.equals(connection) && holders.remove(key, holder);
  }

  /**
   * Whether a caller may take over the peer id of an open connection. Guests have no identity, so a
   * guest takes over from a guest only with the same role. Otherwise a spectator could disconnect a
   * player.
   */
  static boolean mayReplace(Caller holder, Caller caller) {
    return holder.identity().equals(caller.identity())
        && (caller.identity().isPresent() || holder.role() == caller.role());
  }

  private final class OtherNodes implements SharedPeers.Holders {
    @Override
    public void joined(SharedPeers.Key key, SharedPeers.Join join, Caller caller) {
      var holder = holders.get(key);
      var shared = others;
      if (holder == null
          || shared == null
          || holder.join == null
          || join.compareTo(holder.join) < 0) {
        return; // the node of an earlier join receives the message of the later one
      }
      if (!mayReplace(holder.connection.caller(), caller)) {
        shared.tellRefused(key, join);
      } else if (holders.remove(key, holder)) {
        holder.connection.replaced();
      }
    }

    @Override
    public void refused(SharedPeers.Key key, SharedPeers.Join join) {
      var holder = holders.get(key);
      if (holder != null && join.equals(holder.join)) {
        holder.connection.refuseForeignId();
      }
    }
  }
}
