/**
 * The bytes of Automerge's change chunks and the reading of their header fields.
 *
 * <p>In come bytes from strangers, out come {@link dev.parlor.crdt.format.ChangeChunk}s or {@link
 * dev.parlor.crdt.identity.Decoding.Malformed}; nothing here throws for what a peer can send, and
 * nothing allocates more than a constant times its input, a deflated chunk being capped by {@link
 * dev.parlor.crdt.format.FormatLimits}. Nothing outside this package knows the byte layout. Any
 * thread may call; there is no state. Imports only {@code identity}, never Automerge's bindings.
 */
@NullMarked
package dev.parlor.crdt.format;

import org.jspecify.annotations.NullMarked;
