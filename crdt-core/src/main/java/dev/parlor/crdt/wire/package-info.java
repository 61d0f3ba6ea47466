/**
 * The messages of automerge-repo's network protocol and their CBOR encoding [WS1-WS3, HS, EP].
 *
 * <p>It turns untrusted bytes into records and records into bytes. Reading returns {@link
 * dev.parlor.crdt.identity.Decoding} and never throws or allocates more than a constant times the
 * input. Every type is immutable or used by one thread. The package uses no sockets and no rooms.
 * It does not decode the Automerge sync messages inside {@code data}.
 */
@NullMarked
package dev.parlor.crdt.wire;

import org.jspecify.annotations.NullMarked;
