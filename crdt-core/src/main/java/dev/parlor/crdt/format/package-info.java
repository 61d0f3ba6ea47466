/**
 * Reads Automerge's change chunks: their bytes and header fields.
 *
 * <p>Untrusted bytes come in; {@link dev.parlor.crdt.format.ChangeChunk}s or {@link
 * dev.parlor.crdt.identity.Decoding.Malformed} go out. No method throws on input of a peer or
 * allocates more than a constant times its input; {@link dev.parlor.crdt.format.FormatLimits}
 * bounds a deflated chunk. No other package knows the byte layout. There is no state, so any thread
 * may call. Imports only {@code identity}, never Automerge's bindings.
 */
@NullMarked
package dev.parlor.crdt.format;

import org.jspecify.annotations.NullMarked;
