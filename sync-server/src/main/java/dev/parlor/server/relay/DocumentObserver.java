package dev.parlor.server.relay;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Caller;
import java.util.List;
import java.util.Optional;

/**
 * Hears what happens in a room, in order. Every method is called on the room's thread and must only
 * enqueue: whatever it does delays every peer of the room. An observer keeps its room in memory.
 */
public interface DocumentObserver {

  /**
   * Everything there is, once, before anything else.
   *
   * @param snapshot an Automerge document chunk, when one is at hand
   * @param changes what the snapshot does not hold, in causal order; may overlap it
   */
  void opened(Optional<Bytes> snapshot, List<Bytes> changes);

  /**
   * Changes that entered the graph, in causal order, the server's own included; not yet on disk.
   */
  void changed(List<Bytes> changes, ChangeOrigin origin);

  /** A connection opened this document. Also told for those that were there before. */
  void peerJoined(PeerId peer, Caller caller);

  /** A connection that had opened this document is gone. */
  void peerLeft(PeerId peer, Caller caller);

  /**
   * The room failed and is gone; nothing follows. Observing again opens it anew from what is on
   * disk.
   */
  void failed(Throwable cause);
}
