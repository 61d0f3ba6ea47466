/**
 * What a change does, operation by operation: the columns of a change chunk [AD1] and, per
 * document, which objects, elements and keys have been admitted [AD2].
 *
 * <p>In come {@link dev.parlor.crdt.format.ChangeChunk}s from strangers, out come operations or
 * {@link dev.parlor.crdt.identity.Decoding.Malformed}; nothing here throws for what a peer can send
 * and nothing allocates more than a constant times the input. Reading needs no state; an {@link
 * dev.parlor.crdt.operations.OperationIndex} belongs to its room's writer. Never imports
 * Automerge's bindings: what passes here must not be able to abort them.
 */
@NullMarked
package dev.parlor.crdt.operations;

import org.jspecify.annotations.NullMarked;
