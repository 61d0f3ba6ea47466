/**
 * The Automerge sync protocol as pure state machines: one {@link dev.parlor.crdt.sync.PeerSync} per
 * document and peer, and one {@link dev.parlor.crdt.sync.SyncEncoder} per document that lets peers
 * in the same position share the same encoded bytes.
 *
 * <p>Decoded {@link dev.parlor.crdt.sync.SyncMessage}s come in after their changes were offered to
 * the graph; encoded messages go out. All code for one document runs on its writer; no clock, no
 * I/O, no Automerge bindings. The work per message is proportional to the message and to the new
 * changes. Only the first contact with a peer that has further changes may walk the whole history.
 */
@NullMarked
package dev.parlor.crdt.sync;

import org.jspecify.annotations.NullMarked;
