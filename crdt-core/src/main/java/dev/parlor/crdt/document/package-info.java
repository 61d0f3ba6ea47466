/**
 * Reads Automerge's document chunk (chunk type 0): a whole history as columns of all changes and
 * all operations.
 *
 * <p>Untrusted bytes come in; {@link dev.parlor.crdt.format.ChangeChunk}s or {@link
 * dev.parlor.crdt.identity.Decoding.Malformed} go out. Each change is encoded again, byte for byte
 * as its author made it, and the heads of the chunk prove all of them. No method throws on input of
 * a peer; {@link dev.parlor.crdt.document.DocumentLimits} bounds the work and the memory. A chunk
 * can stand for a million changes, so reading does not belong on a shared thread. There is no
 * state. Imports only {@code identity} and {@code format}, never Automerge's bindings.
 */
@NullMarked
package dev.parlor.crdt.document;

import org.jspecify.annotations.NullMarked;
