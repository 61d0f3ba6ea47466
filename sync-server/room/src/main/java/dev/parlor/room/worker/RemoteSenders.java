package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The peers of other nodes, whose ephemeral messages arrive without their identity. The last
 * message of a peer that is not known yet is kept until it is known. Used on the room's thread.
 */
final class RemoteSenders {

  /** Peers whose last message is kept; above: the oldest message is lost. */
  private static final int UNKNOWN_MAX = 64;

  private final Map<PeerId, Caller> known = new HashMap<>();
  private final Map<PeerId, Bytes> unknown = new LinkedHashMap<>();

  /** The caller of a peer; if it is unknown, keeps the message. */
  Optional<Caller> callerOf(PeerId sender, Bytes data) {
    var caller = known.get(sender);
    if (caller == null) {
      unknown.remove(sender);
      unknown.put(sender, data);
      if (unknown.size() > UNKNOWN_MAX) {
        unknown.remove(unknown.keySet().iterator().next());
      }
    }
    return Optional.ofNullable(caller);
  }

  /** A peer is known from now on. Returns its message that was kept. */
  Optional<Bytes> arrived(PeerId peer, Caller caller) {
    known.put(peer, caller);
    return Optional.ofNullable(unknown.remove(peer));
  }

  void left(PeerId peer) {
    known.remove(peer);
  }
}
