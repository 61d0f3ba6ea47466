/**
 * Fan-out between processes that serve the same documents: the port {@link
 * dev.parlor.server.nodes.NodeBus}, and {@link dev.parlor.server.nodes.MemoryNodes}, which joins
 * nodes of one process, for tests and as the reference.
 *
 * <p>In come and out go frames, which mean nothing here. A room's worker publishes, the bus's own
 * thread delivers; neither waits for the other. This package knows nothing of rooms, changes or
 * stores, and never imports {@code relay}, {@code storage} or Automerge.
 */
@NullMarked
package dev.parlor.server.nodes;

import org.jspecify.annotations.NullMarked;
