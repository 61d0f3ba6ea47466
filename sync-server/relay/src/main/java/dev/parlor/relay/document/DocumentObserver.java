package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import java.util.List;
import java.util.Optional;

/**
 * Receives the events of a document, in order. Every method is called on the worker's thread and
 * must only enqueue, since it delays every peer of the document. An observer keeps its document in
 * memory.
 */
public interface DocumentObserver {

  /**
   * The whole document, once, before all other events.
   *
   * @param snapshot an Automerge document chunk, if there is one
   * @param changes the changes that the snapshot does not contain, in causal order; may overlap the
   *     snapshot
   */
  void opened(Optional<Bytes> snapshot, List<Bytes> changes);

  /**
   * Changes that were added to the graph, in causal order, including the server's own. They are not
   * yet on disk.
   */
  void changed(List<Bytes> changes, ChangeOrigin origin);

  /**
   * A connection opened this document. Also called for connections that opened it before the
   * observer came.
   */
  void peerJoined(PeerId peer, Caller caller);

  /** A connection that had opened this document is gone. */
  void peerLeft(PeerId peer, Caller caller);

  /**
   * The document failed and left memory; no event follows. Observing it again opens it from the
   * disk.
   */
  void failed(Throwable cause);
}
