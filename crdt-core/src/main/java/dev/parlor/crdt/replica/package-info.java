/**
 * The materialised document: change chunks go in, neutral values come out, server-made edits become
 * change chunks.
 *
 * <p>The only package that imports {@code org.automerge}; nothing of the bindings' types crosses
 * its edge. A {@link dev.parlor.crdt.replica.Replica} holds native memory and is used by one owner
 * thread at a time, a platform thread, off the relay's hot path. It is fed only with changes that
 * admission has proved well formed: a crafted change can abort the native library and with it the
 * process. No sockets, files or clocks here.
 */
@NullMarked
package dev.parlor.crdt.replica;

import org.jspecify.annotations.NullMarked;
