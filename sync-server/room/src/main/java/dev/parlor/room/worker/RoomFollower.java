package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.room.schema.RoomView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows a room for connections without a CRDT. A room without followers does no work for them.
 * All methods run on the room's thread and must not block.
 */
public interface RoomFollower {

  /**
   * The first call: the present room, to which the later changes apply.
   *
   * @param revision the number of the last change
   */
  void began(RoomReading reading, Set<String> away, long revision);

  /**
   * The document changed.
   *
   * @param source the connection that made this change; null if it is unknown
   */
  void changed(RoomChange change, @Nullable Object source);

  /** The room was read after changes, or a person came or went. */
  void settled(RoomView view, Set<String> away);

  /** An event of the room was published. */
  void published(RoomEvent event);

  /** A peer of the sync protocol sent an ephemeral message. */
  void ephemeral(PeerId sender, Caller caller, Bytes data);

  /** A peer of the sync protocol left. */
  void peerLeft(PeerId peer);

  /** The last call: the room closed or failed. A new follower can open it again. */
  void closed();
}
