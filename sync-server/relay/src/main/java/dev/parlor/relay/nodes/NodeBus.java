package dev.parlor.relay.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/**
 * The port to the other nodes that serve the same documents: one subject per document. Every node
 * that has the document open receives the frames of the other nodes. Safe from any thread.
 *
 * <h2>What it promises</h2>
 *
 * No more than a message broker's plain subjects, so that a broker can implement it:
 *
 * <ul>
 *   <li>A frame reaches each other open channel of its document at least once, in any order, and
 *       never the channel that published it.
 *   <li>Frames may be lost, also between some channels only. If the bus knows that it may have lost
 *       frames, it calls {@link Listener#resumed} on each affected channel once it carries frames
 *       again. It need not know: each document checks for missed changes from time to time.
 *   <li>Frames arrive whole and unchanged.
 * </ul>
 *
 * A publisher is trusted like the store: the other nodes accept a change that one node admitted.
 * Between machines the implementation must encrypt and authenticate.
 *
 * <p>{@code NodeBusContract} has a test for each of these; a new implementation subclasses it.
 */
public interface NodeBus {

  /** The bus of a single server: no node publishes or listens. */
  static NodeBus singleNode() {
    return new SingleNodeBus();
  }

  /** Whether there are no other nodes, so that no work is needed for them. */
  default boolean isAlone() {
    return false;
  }

  /** Opens a channel; it receives no frame that was published before. */
  Channel join(DocumentId document, Listener listener);

  /** One node's channel for one document. */
  interface Channel extends AutoCloseable {

    /** Passes the frame to the bus; never blocks and never confirms delivery. */
    void publish(Bytes frame);

    /** Closes the channel. A frame that is being delivered may still arrive. */
    @Override
    void close();
  }

  /** Receives the frames of a channel, on a thread of the bus; must only enqueue. */
  interface Listener {

    void received(Bytes frame);

    /** Frames may have been lost in either direction; from now on they arrive again. */
    void resumed();
  }
}
