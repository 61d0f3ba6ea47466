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

  /** Whether {@link #opened} is called. */
  default boolean needsContent() {
    return true;
  }

  /**
   * The content of the document; called once, before all other events.
   *
   * @param snapshot an Automerge document chunk; empty if the document has no snapshot
   * @param changes the changes that the snapshot does not contain, in causal order; some may be in
   *     the snapshot too
   */
  void opened(Optional<Bytes> snapshot, List<Bytes> changes);

  /**
   * Changes, including the server's own, were added to the graph. They are in causal order and not
   * yet on disk.
   */
  void changed(List<Bytes> changes, ChangeOrigin origin);

  /**
   * A connection opened this document. Also called after {@link #opened}, for each connection that
   * has the document open already.
   */
  void peerJoined(PeerId peer, Caller caller);

  /** A connection that had this document open has ended. */
  void peerLeft(PeerId peer, Caller caller);

  /**
   * A peer's ephemeral message was sent to the other peers. By default nothing happens.
   *
   * @param data one unchecked CBOR value
   */
  default void ephemeral(PeerId sender, Caller caller, Bytes data) {}

  /**
   * The server sent an ephemeral message to the peers on another node. By default nothing happens.
   *
   * @param data one CBOR value
   */
  default void messageOfNode(Bytes data) {}

  /**
   * An ephemeral message of a peer of another node was sent to the peers. By default nothing
   * happens.
   *
   * @param data one CBOR value
   */
  default void ephemeralFromNode(PeerId sender, Bytes data) {}

  /**
   * The document failed and left memory, or it was deleted; no event follows. A new call of {@link
   * ServerDocumentHandle#observe} reads the document from the disk.
   */
  void failed(Throwable cause);
}
