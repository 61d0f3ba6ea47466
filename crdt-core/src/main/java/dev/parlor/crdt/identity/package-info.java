/**
 * Values that everyone may hold: bytes, change hashes, and the ids of peers, documents, actors and
 * storages.
 *
 * <p>Everything here is immutable and safe on any thread. Untrusted text or bytes go in through
 * {@code parse} or {@code decode} methods that answer with {@link
 * dev.parlor.crdt.identity.Decoding}, never with an exception. This package imports nothing of
 * Parlor's, no sockets, no files and no Automerge.
 */
@NullMarked
package dev.parlor.crdt.identity;

import org.jspecify.annotations.NullMarked;
