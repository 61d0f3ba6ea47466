/**
 * The Automerge sync protocol as pure state machines: one {@link dev.parlor.crdt.sync.PeerSync} per
 * document and peer, and one {@link dev.parlor.crdt.sync.SyncEncoder} per document that lets peers
 * in the same position share the same encoded bytes.
 *
 * <p>In come decoded {@link dev.parlor.crdt.sync.SyncMessage}s after their changes were offered to
 * the graph, out come encoded messages. Everything of one document runs on its room's writer; no
 * clock, no I/O, no Automerge bindings. The work per message is proportional to the message and to
 * what is new; only the first contact with a peer that has changes of its own may look at the whole
 * history.
 */
@NullMarked
package dev.parlor.crdt.sync;

import org.jspecify.annotations.NullMarked;
