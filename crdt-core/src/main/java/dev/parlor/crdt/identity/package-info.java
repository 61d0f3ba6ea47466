/**
 * Basic values for all packages: bytes, change hashes, and the ids of peers, documents, actors and
 * storages.
 *
 * <p>All values are immutable and safe on any thread. Untrusted text and bytes go through {@code
 * parse} or {@code decode} methods, which return {@link dev.parlor.crdt.identity.Decoding} and
 * never throw. This package imports no other package of Parlor, no sockets, no files and no
 * Automerge.
 */
@NullMarked
package dev.parlor.crdt.identity;

import org.jspecify.annotations.NullMarked;
