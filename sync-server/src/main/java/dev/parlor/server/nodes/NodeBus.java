package dev.parlor.server.nodes;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;

/**
 * The port to the other nodes that serve the same documents: one subject for each document, on
 * which every node that has it open hears what the others publish. Safe from any thread.
 *
 * <h2>What it promises</h2>
 *
 * As little as a message broker's plain subjects do, so that one may stand behind it:
 *
 * <ul>
 *   <li>A frame comes to each other line of its document that is open, at least once, in any order,
 *       and never to the line that published it.
 *   <li>Frames may be lost, for a while between some lines and not others. When the bus knows that
 *       it may have lost some, it says {@link Listener#resumed} to each line concerned once it
 *       carries frames again. It need not know: rooms look for what they missed now and then.
 *   <li>Frames are whole: none comes in part or altered.
 * </ul>
 *
 * Whoever can publish is trusted as the store is: what a node admitted, the others admit. Between
 * machines an implementation has to see to that, by encryption and authentication of its own.
 *
 * <p>{@code NodeBusContract} has a test for each of these; a new implementation subclasses it.
 */
public interface NodeBus {

  /** The bus of a server that is alone: nobody publishes, nobody listens. */
  static NodeBus alone() {
    return new Alone();
  }

  /** Whether there are no other nodes, and nothing need be done for them. */
  default boolean isAlone() {
    return false;
  }

  /** Opens a line; what was published before is not heard on it. */
  Line join(DocumentId document, Listener listener);

  /** One node's line for one document. */
  interface Line extends AutoCloseable {

    /** Hands the frame to the bus; never blocks, and nothing tells whether it comes anywhere. */
    void publish(Bytes frame);

    /** Nothing is heard on it any more, but for a frame that is being delivered. */
    @Override
    void close();
  }

  /** Hears a line, on a thread of the bus; must only enqueue. */
  interface Listener {

    void heard(Bytes frame);

    /** Frames may have been lost, in either direction; from now on they come again. */
    void resumed();
  }
}
