/**
 * The operations of a change: the columns of a change chunk [AD1] and, per document, the admitted
 * objects, elements and keys [AD2].
 *
 * <p>Untrusted {@link dev.parlor.crdt.format.ChangeChunk}s come in; operations or {@link
 * dev.parlor.crdt.identity.Decoding.Malformed} go out. No method throws on input of a peer or
 * allocates more than a constant times the input. Reading needs no state; an {@link
 * dev.parlor.crdt.operations.OperationIndex} belongs to its document's worker. Never imports
 * Automerge's bindings: a change that passes these checks must not be able to abort them.
 */
@NullMarked
package dev.parlor.crdt.operations;

import org.jspecify.annotations.NullMarked;
