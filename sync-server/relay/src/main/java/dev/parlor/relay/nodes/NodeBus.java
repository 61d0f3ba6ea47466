package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/**
 * The port to the other nodes that serve the same documents: a publish-subscribe bus with one
 * subject per document. Every node that has the document open receives the frames of the other
 * nodes. Safe from any thread.
 *
 * <h2>Guarantees</h2>
 *
 * They are those of a message broker's subjects without persistence, so that a broker can implement
 * this port:
 *
 * <ul>
 *   <li>A frame that is not lost reaches every other open channel of its document, possibly more
 *       than once and in any order. It never reaches the channel that published it.
 *   <li>Frames may be lost, for all channels or for some. If the bus notices a possible loss, it
 *       calls {@link Listener#resumed} on each affected channel as soon as it delivers frames
 *       again. A loss that the bus does not notice is repaired too, because each document announces
 *       its heads periodically.
 *   <li>Frames are delivered complete and unchanged.
 * </ul>
 *
 * Nodes trust each other like the store: each node accepts the changes that another node admitted.
 * Between machines an implementation must encrypt and authenticate.
 *
 * <p>{@code NodeBusContract} tests these guarantees; the test of an implementation extends it.
 */
public interface NodeBus {

  /** The bus of a server without other nodes: it delivers no frames. */
  static NodeBus singleNode() {
    return new SingleNodeBus();
  }

  /** Whether this bus never has other nodes, so that no work is needed for them. */
  default boolean isAlone() {
    return false;
  }

  /** Opens a channel, which receives frames that are published from now on. */
  Channel join(DocumentId document, Listener listener);

  /** One node's channel for one document. */
  interface Channel extends AutoCloseable {

    /** Passes the frame to the bus. Never blocks; delivery is not confirmed. */
    void publish(Bytes frame);

    /** Closes the channel. A frame that is being delivered may still arrive. */
    @Override
    void close();
  }

  /** Receives the frames of a channel on a thread of the bus. Methods must only enqueue. */
  interface Listener {

    /** A frame of another node was delivered. */
    void received(Bytes frame);

    /** Frames may have been lost in both directions; the bus delivers frames again. */
    void resumed();
  }
}
