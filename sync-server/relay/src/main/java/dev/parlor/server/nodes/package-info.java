/**
 * Fan-out between processes that serve the same documents: the port {@link
 * dev.parlor.server.nodes.NodeBus}, and {@link dev.parlor.server.nodes.MemoryNodes}, which joins
 * nodes of one process, for tests and as the reference.
 *
 * <p>Frames come in and go out as opaque bytes. A document's worker publishes; the bus delivers on
 * its own thread; neither waits for the other. This package knows no documents, changes or stores,
 * and never imports {@code relay}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.server.nodes;

import org.jspecify.annotations.NullMarked;
