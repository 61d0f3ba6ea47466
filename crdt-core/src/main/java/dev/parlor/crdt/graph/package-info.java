/**
 * The changes of a document: the log of admitted changes with their dependencies and heads, and the
 * changes that wait for missing dependencies.
 *
 * <p>Decoded {@link dev.parlor.crdt.format.ChangeChunk}s come in; positions, hashes and bytes go
 * out. One thread at a time (the document's worker) uses a graph and its pending changes. There is
 * no clock and no I/O, and no knowledge of peers, sockets or Automerge's bindings.
 */
@NullMarked
package dev.parlor.crdt.graph;

import org.jspecify.annotations.NullMarked;
