/**
 * The messages of automerge-repo's network protocol and their CBOR form [WS1-WS3, HS, EP].
 *
 * <p>In come bytes from strangers, out go records, and the other way round; reading answers with
 * {@link dev.parlor.crdt.identity.Decoding} and never throws or allocates more than a constant
 * times the input. Everything is immutable or used by one thread. Knows nothing of Automerge's sync
 * messages inside {@code data}, of sockets or of rooms.
 */
@NullMarked
package dev.parlor.crdt.wire;

import org.jspecify.annotations.NullMarked;
