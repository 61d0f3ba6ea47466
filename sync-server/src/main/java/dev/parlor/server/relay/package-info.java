/**
 * Rooms: one writer per document that takes what peers send, adds it to the change graph, hands it
 * to the store and tells every other peer.
 *
 * <p>In come decoded messages through {@link dev.parlor.server.relay.ServerDocumentHandle} and the
 * doors of connections, from any thread; out go encoded frames to {@link
 * dev.parlor.server.relay.Peer}s and news to {@link dev.parlor.server.relay.DocumentObserver}s. A
 * room has no thread; one thread at a time takes its steps: the connection's or the store's that
 * brought a message when the step is short, otherwise a virtual thread ({@code room-<id>}). What
 * looks after memory ({@code memory}, {@code memory-relief}) has threads of its own and asks rooms
 * as everybody else does. This package never imports {@code socket}, Helidon or Automerge:
 * snapshots go through the port {@link dev.parlor.server.relay.SnapshotCodec}.
 */
@NullMarked
package dev.parlor.server.relay;

import org.jspecify.annotations.NullMarked;
