/**
 * The WebSocket edge: upgrades, frames in and out, handshake. Helidon brings the HTTP upgrade; from
 * there on the channel is ours.
 *
 * <p>A few platform threads ({@code sockets-<n>}, see {@link dev.parlor.server.socket.IoLoop})
 * serve all sockets: they read frames, decode messages and hand them to a room's door, and take the
 * rooms' short steps when everything at hand is read. Nothing on these threads may block. What goes
 * out is queued in one {@link dev.parlor.server.socket.Outbox} per socket and written by whoever
 * flushes it, without ever waiting. Authentication runs before, on Helidon's threads, and may
 * block. Never imports {@code storage}, {@code http} or Automerge.
 */
@NullMarked
package dev.parlor.server.socket;

import org.jspecify.annotations.NullMarked;
