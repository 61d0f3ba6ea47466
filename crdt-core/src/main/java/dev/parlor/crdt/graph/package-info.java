/**
 * Which changes a document consists of: the log of admitted changes with their dependencies and
 * heads, and the holding area for changes whose dependencies have not come yet.
 *
 * <p>In come decoded {@link dev.parlor.crdt.format.ChangeChunk}s, out come positions, hashes and
 * bytes. A graph and its pending changes belong to one thread at a time (the room's writer); there
 * is no clock and no I/O. Knows nothing of peers, sockets or Automerge's bindings.
 */
@NullMarked
package dev.parlor.crdt.graph;

import org.jspecify.annotations.NullMarked;
