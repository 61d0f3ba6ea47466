/**
 * The port {@link dev.parlor.relay.nodes.NodeBus} between processes that serve the same documents.
 * The relay has only an implementation for a single node. The module {@code nats} has one for nodes
 * on several machines. The tests have {@code MemoryNodeBus}, a bus between nodes of one process.
 *
 * <p>Frames are opaque bytes. A document's worker publishes frames, and the bus delivers frames on
 * its own threads; neither waits for the other. This package never imports {@code document}, {@code
 * storage} or Automerge.
 */
@NullMarked
package dev.parlor.relay.nodes;

import org.jspecify.annotations.NullMarked;
