/**
 * The Automerge sync protocol as pure state machines. There is one {@link
 * dev.parlor.crdt.sync.PeerSync} for each document and peer. One {@link
 * dev.parlor.crdt.sync.SyncEncoder} for each document lets peers with equal state share the same
 * encoded bytes.
 *
 * <p>Decoded {@link dev.parlor.crdt.sync.SyncMessage}s come in after their changes were offered to
 * the graph; encoded messages go out. All code for one document runs in the steps of its worker; no
 * clock, no I/O, no Automerge bindings. The work per message is proportional to the message and to
 * the new changes. Only the first contact with a peer that has changes which we lack may walk the
 * whole history.
 */
@NullMarked
package dev.parlor.crdt.sync;

import org.jspecify.annotations.NullMarked;
