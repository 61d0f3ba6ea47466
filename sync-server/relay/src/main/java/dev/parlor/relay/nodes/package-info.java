/**
 * Fan-out between processes that serve the same documents: the port {@link
 * dev.parlor.relay.nodes.NodeBus}. The server has only the bus of a single node today. The tests
 * have a bus that joins nodes of one process, {@code MemoryNodes}.
 *
 * <p>Frames come in and go out as opaque bytes. A document's worker publishes; the bus delivers on
 * its own thread; neither waits for the other. This package knows no documents, changes or stores,
 * and never imports {@code document}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.relay.nodes;

import org.jspecify.annotations.NullMarked;
