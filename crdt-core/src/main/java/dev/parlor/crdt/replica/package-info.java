/**
 * The materialised document. It takes change chunks, returns values without the bindings' types,
 * and turns edits of the server into change chunks.
 *
 * <p>The only package that imports {@code org.automerge}; it exposes no types of the bindings. A
 * {@link dev.parlor.crdt.replica.Replica} holds native memory. One owner thread at a time uses it,
 * a platform thread off the relay's hot path. It receives only changes that admission has accepted,
 * since a crafted change can abort the native library and the process. No sockets, files or clocks.
 */
@NullMarked
package dev.parlor.crdt.replica;

import org.jspecify.annotations.NullMarked;
